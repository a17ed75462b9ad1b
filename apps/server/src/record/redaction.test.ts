import type { EventInput, Json } from "@daybook/contract";
import { describe, expect, test } from "vitest";
import { defaultRedactionRules, RedactionRules, redactEvent } from "./redaction.ts";

const event = (part: Partial<EventInput>): EventInput => ({ action: "server.updated", ...part });
const redact = (part: Partial<EventInput>, sensitive?: string[]) =>
  redactEvent(event(part), defaultRedactionRules, sensitive);
const details = (value: Json) => redact({ details: value }).event.details;
const text = (value: string) => details({ text: value }) as { text: string };

describe("by the name of a field", () => {
  test("a secret goes at any depth, and what stands beside it stays", () => {
    expect(details({ a: [{ b: { "Set-Cookie": "sid=1", c: 1 } }] })).toEqual({
      a: [{ b: { "Set-Cookie": "[redacted]", c: 1 } }],
    });
  });

  test("a number is a secret under a secret name, a count is none", () => {
    expect(details({ pin: 1234, tokens: 1500 })).toEqual({ pin: "[redacted]", tokens: 1500 });
  });

  test("nothing, yes and no are no secrets", () => {
    const value = { password: null, token: true, secret: "", httpTokens: "optional" };
    expect(details(value)).toBe(value);
  });

  test("an object under a secret name goes whole, one that tells harmless things keeps them", () => {
    expect(details({ password: { old: "a", new: "b" } })).toEqual({ password: "[redacted]" });
    expect(details({ card: { brand: "visa", number: "1", cvc: 2, last4: "4242", exp_year: 2030 } })).toEqual({
      card: { brand: "visa", number: "[redacted]", cvc: "[redacted]", last4: "4242", exp_year: 2030 },
    });
    expect(details({ token: { id: "t1", name: "CI", value: "x" } })).toEqual({
      token: { id: "t1", name: "CI", value: "[redacted]" },
    });
    expect(details({ tokens: ["a", { value: "b" }] })).toEqual({ tokens: ["[redacted]", { value: "[redacted]" }] });
  });

  test("a value goes by the name that stands beside it", () => {
    expect(
      details({
        env: [
          { key: "DB_PASSWORD", value: "x" },
          { key: "HOST", value: "db" },
        ],
      }),
    ).toEqual({
      env: [
        { key: "DB_PASSWORD", value: "[redacted]" },
        { key: "HOST", value: "db" },
      ],
    });
    expect(
      details({
        headers: [
          ["Authorization", "Digest x"],
          ["accept", "x"],
        ],
      }),
    ).toEqual({
      headers: [
        ["Authorization", "[redacted]"],
        ["accept", "x"],
      ],
    });
  });

  test("a list of names is not a secret", () => {
    const value = { required: ["password", "email"], pair: ["password", "email"] };
    expect(details(value)).toBe(value);
  });

  test("the names of an action are secret in that action alone", () => {
    expect(redact({ details: { value: "x", other: 1 } }, ["value"]).event.details).toEqual({
      value: "[redacted]",
      other: 1,
    });
    expect(details({ value: "x" })).toEqual({ value: "x" });
  });

  test("an operator adds names and takes names out", () => {
    const rules = new RedactionRules({ extraFields: ["ssn", "Tax Number"], keptFields: ["page_cursor_token"] });
    const value = { customerSsn: "1", tax_number: "2", pageCursorToken: "3", token: "4" };
    expect(redactEvent(event({ details: value }), rules).event.details).toEqual({
      customerSsn: "[redacted]",
      tax_number: "[redacted]",
      pageCursorToken: "3",
      token: "[redacted]",
    });
  });
});

describe("a changed secret", () => {
  test("is only said to have changed", () => {
    const changes = [
      { field: "user.password", old: "a", new: "b" },
      { field: "apiKey", new: "x" },
      { field: "memoryMb", old: 1, new: 2 },
    ];
    expect(redact({ changes }).event.changes).toEqual([
      { field: "user.password", changed: true },
      { field: "apiKey", changed: true },
      { field: "memoryMb", old: 1, new: 2 },
    ]);
  });

  test("is found inside the old and the new value too", () => {
    const changes = [{ field: "env", old: { DB_PASSWORD: "a", A: 1 }, new: null }];
    expect(redact({ changes }).event.changes).toEqual([
      { field: "env", old: { DB_PASSWORD: "[redacted]", A: 1 }, new: null },
    ]);
  });

  test("that left nothing else to see is a change as well", () => {
    const changes = [{ field: "databaseUrl", old: "pg://u:one@h/d", new: "pg://u:two@h/d" }];
    expect(redact({ changes }).event.changes).toEqual([{ field: "databaseUrl", changed: true }]);
  });

  test("whether a secret is set may be told", () => {
    const changes = [{ field: "password", old: false, new: true }];
    expect(redact({ changes }).event.changes).toEqual(changes);
  });
});

describe("what redaction leaves", () => {
  test("an event without a secret is the same object and counts nothing", () => {
    const plain = event({
      actor: { type: "user", name: "Dana" },
      details: { plan: "XL", nested: [{ a: "b" }] },
      changes: [{ field: "a", old: 1, new: 2 }],
    });
    const { event: clean, counts } = redactEvent(plain, defaultRedactionRules);
    expect(clean).toBe(plain);
    expect(counts.size).toBe(0);
  });

  test("what it is given is never changed", () => {
    const given = event({
      details: { a: { password: "x" }, list: [{ token: "y" }] },
      changes: [{ field: "pin", old: 1, new: 2 }],
    });
    const before = structuredClone(given);
    redactEvent(given, defaultRedactionRules);
    expect(given).toEqual(before);
  });

  test("every strike is counted by its rule", () => {
    const { counts } = redact({ details: { password: "a", db: { password: "b" }, text: "4111111111111111" } });
    expect(Object.fromEntries(counts)).toEqual({ password: 2, card_number: 1 });
  });

  test("a member called __proto__ is a member like any other", () => {
    const value = JSON.parse('{"__proto__":{"password":"x"},"a":1}') as Json;
    expect(JSON.stringify(details(value))).toBe('{"__proto__":{"password":"[redacted]"},"a":1}');
  });

  test("a document that is nested without end is cut, not followed", () => {
    const deep = `${"[".repeat(30_000)}"x"${"]".repeat(30_000)}`;
    expect(text(deep).text.length).toBeLessThan(200);
  });
});
