import { expect, test } from "vitest";
import { quotedValue, stateOf, toggled, valuesOf, wordsOf } from "./query-text.ts";

test("a value is added, taken out, and turned round", () => {
  const once = toggled("", "outcome", "failure", false);
  expect(once).toBe("outcome:failure");
  expect(toggled(once, "outcome", "failure", false)).toBe("");
  expect(toggled(once, "outcome", "failure", true)).toBe("-outcome:failure");
  expect(toggled('server -actor:"Lee Park" x', "actor", "lee park", true)).toBe("server x");
});

test("of several values only the one meant is taken out", () => {
  expect(toggled('country:DE,NL,"a b" x', "country", "nl", false)).toBe('country:DE,"a b" x');
});

test("values with a meaning of their own are quoted, and read back the same", () => {
  for (const value of ["a b", 'say "hi"', "back\\slash", "a,b", "*", "plain-1.2", ""]) {
    const text = `actor:${quotedValue(value)}`;
    const [word] = wordsOf(text);
    expect(word && valuesOf(text, word).map((each) => each.text)).toEqual([value]);
    expect(stateOf(text, "actor", value)).toBe("only");
  }
});

test("an unfinished text is cut into words all the same", () => {
  expect(wordsOf('details.a.b:x -severity>=hi "out of').map((word) => [word.key, word.operator, word.negated])).toEqual(
    [
      ["details.a.b", ":", false],
      ["severity", ">=", true],
      ["", "", false],
    ],
  );
});
