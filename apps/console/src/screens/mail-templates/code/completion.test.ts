import { expect, test } from "vitest";
import { fittingWords, type KnownWords } from "./completion.ts";
import { alwaysKnown } from "./liquid-words.ts";

const known: KnownWords = {
  tokens: [
    { name: "user.name", what: "Whom it is for", required: true },
    { name: "items", sample: [{ name: "VPS", price: "4.00" }], required: false },
  ],
  partials: [{ name: "footer", title: "Footer" }],
};
/** What is offered, without what every template knows. */
const labels = (before: string) =>
  fittingWords(before, known)
    ?.words.map(({ label }) => label)
    .filter((label) => !always.includes(label)) ?? null;
const always: readonly string[] = alwaysKnown.map(({ name }) => name);

test("behind two braces come the tokens", () => {
  expect(labels("<p>Dear {{")).toEqual(["user.name", "items"]);
  expect(fittingWords("{{", known)?.words.map(({ label }) => label)).toContain("brand.name");
  expect(fittingWords("{{ user.na", known)).toMatchObject({ typed: 7, tight: false });
  expect(fittingWords("{{", known)).toMatchObject({ typed: 0, tight: true });
  expect(fittingWords("{{", known)?.words[0]?.detail).toBe("Whom it is for (required)");
});

test("nothing is offered outside of Liquid, in a text in quotes, or behind a finished word", () => {
  for (const before of ["<p>Dear ", "{{ user.name }} and ", "{{ 'us", "{{ user.name ", "{% endif ", "{% for "])
    expect(labels(before), before).toBeNull();
});

test("behind a bar come the filters", () => {
  expect(labels("{{ user.name | ")).toContain("upcase");
  expect(labels("{{ user.name | default: ")).toEqual(["user.name", "items"]);
  expect(labels('{{ "}}" | up')).toContain("upcase");
});

test("behind brace and percent come the tags, then what they are about", () => {
  expect(labels("{% i")).toContain("if");
  expect(labels("{%- ")).toContain("for");
  expect(labels("{% if ")).toEqual(["user.name", "items"]);
  expect(labels("{% if user.name == ")).toEqual(["user.name", "items"]);
  expect(labels("{% assign who = ")).toContain("user.name");
});

test("partials are offered with quotes where there are none", () => {
  expect(labels("{% render ")).toEqual(["'footer'"]);
  expect(labels("{% render 'fo")).toEqual(["footer"]);
  expect(fittingWords("{% render 'fo", known)?.typed).toBe(2);
});

test("a loop's variable is offered with the fields of the sample", () => {
  expect(labels("{% for item in items %}{{ ")).toEqual(["item", "item.name", "item.price", "user.name", "items"]);
});
