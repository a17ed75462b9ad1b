import { expect, test } from "vitest";
import { AppError } from "../errors.ts";
import { formatQuery } from "./format.ts";
import { parseQuery } from "./parse.ts";

function faultOf(text: string): { detail: string; extra: Record<string, unknown> } {
  try {
    parseQuery(text);
  } catch (error) {
    if (error instanceof AppError) return { detail: error.message, extra: error.options.extra ?? {} };
  }
  throw new Error(`${text} was taken`);
}

const canonical = (text: string): string => formatQuery(parseQuery(text));

test("the example of the API document parses and keeps its form", () => {
  const text =
    'actor:dana@acme.example action:server.* target:server/srv-1 ip:203.0.113.0/24 country:DE,NL asn:24940 outcome:failure kind:administrative category:payment project:p-9 severity>=high field:memoryMb details.reason:chargeback session:s-1 -actor:system "free text" created:2026-11-01..2026-11-20';
  const query = parseQuery(text);
  expect(query.terms).toHaveLength(17);
  expect(formatQuery(query)).toBe(text);
});

test("a term knows where it stands", () => {
  const [first, second] = parseQuery("  foo -actor:a,bc").terms;
  expect(first).toMatchObject({ type: "text", position: 2, length: 3, negated: false });
  expect(second).toMatchObject({ type: "key", position: 6, length: 11, negated: true });
  expect(second?.type === "key" && second.values[1]).toMatchObject({ position: 15, length: 2 });
});

test("quotes hold spaces, commas and stars as they are", () => {
  const [term] = parseQuery('actor:"a, b*"*,c').terms;
  expect(term).toMatchObject({ values: [{ pattern: ["a, b*", ""] }, { pattern: ["c"] }] });
  expect(parseQuery('"say \\"hi\\" \\\\ \\n"').terms[0]).toMatchObject({ pattern: ['say "hi" \\ \\n'] });
});

test("a comma in a bare word is a character, and a bare word may hold colons after digits", () => {
  expect(parseQuery("a,b 12:30 2001:db8::1").terms.map((term) => term.type === "text" && term.pattern)).toEqual([
    ["a,b"],
    ["12:30"],
    ["2001:db8::1"],
  ]);
});

test("an equals sign is a colon, keys are read in any case, stars in a row are one", () => {
  expect(canonical("Actor=dana OUTCOME:FAILURE a**b")).toBe("actor:dana outcome:failure a*b");
});

test("network numbers lose their AS and their zeros", () => {
  expect(canonical("asn:AS024940,15169")).toBe("asn:24940,15169");
});

test("an unknown key is refused with its place and the key that was meant", () => {
  expect(faultOf("foo acter:dana")).toEqual({
    detail: `At character 5: There is no key 'acter'. Did you mean 'actor'? To search for the text itself, put it in quotes: "acter:dana".`,
    extra: { position: 4, length: 5, suggestion: "actor" },
  });
  expect(faultOf("user:dana").extra.suggestion).toBe("actor");
  expect(faultOf("severty>=high").extra.suggestion).toBe("severity");
  expect(faultOf("http://example.com").detail).toContain('"http://example.com"');
});

test("a bad value is refused with its place and what was expected", () => {
  expect(faultOf("a outcome:success,failed")).toMatchObject({
    detail: expect.stringContaining("Did you mean 'failure'?"),
    extra: { position: 18, length: 6, suggestion: "failure" },
  });
  expect(faultOf("ip:300.1.1.1").detail).toContain("no IP address");
  expect(faultOf("ip:10.0.0.0/33").detail).toContain("no IP address");
  expect(faultOf("country:Germany").detail).toContain("ISO 3166-1");
  expect(faultOf("asn:hetzner").detail).toContain("network:");
  expect(faultOf("id:42").detail).toContain("no event id");
  expect(faultOf("seq:many").detail).toContain("no whole number");
  expect(faultOf("created:2026-02-30").detail).toContain("no date");
  expect(faultOf("created:2026-11-20..2026-11-01").extra.suggestion).toBe("2026-11-01..2026-11-20");
  expect(faultOf("severity>=urgent").detail).toContain("info, low, medium, high, critical");
  expect(faultOf("severity>=low,high").detail).toContain("one value");
  expect(faultOf("actor>=dana").detail).toContain("takes ':' only");
  expect(faultOf("details:chargeback").detail).toContain("details.reason");
  expect(faultOf("actor.name:dana").extra.suggestion).toBe("actor:");
});

test("a missing value or quote is refused at its place", () => {
  expect(faultOf("actor: dana")).toMatchObject({ extra: { position: 6 } });
  expect(faultOf("actor:a,,b")).toMatchObject({ extra: { position: 8, length: 1 } });
  expect(faultOf("actor:a,")).toMatchObject({ detail: expect.stringContaining("after the comma") });
  expect(faultOf('foo "bar')).toMatchObject({ extra: { position: 4, length: 4 } });
});

test("the limits are named", () => {
  expect(faultOf("x".repeat(2001)).detail).toContain("queryLengthMax");
  expect(faultOf("x ".repeat(51)).detail).toContain("queryTermsMax");
  expect(parseQuery("x ".repeat(50)).terms).toHaveLength(50);
});

test("nothing is a query", () => {
  expect(parseQuery(" \t ")).toEqual({ terms: [] });
});
