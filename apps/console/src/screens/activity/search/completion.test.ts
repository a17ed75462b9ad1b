import { expect, test } from "vitest";
import { completed, keyChoices, placeAt, valueChoice } from "./completion.ts";

test("a key is completed where it is typed, behind a minus too", () => {
  const text = "outcome:failure -ac";
  const place = placeAt(text, text.length);
  expect(place).toMatchObject({ kind: "key", prefix: "ac", start: 17 });
  const choice = keyChoices("ac").find((each) => each.label === "actor:");
  expect(place && choice && completed(text, place, choice)).toEqual({ text: "outcome:failure -actor:", caret: 23 });
});

test("of a list of values only the one at the caret is replaced, in quotes where it needs them", () => {
  const text = "actor:dana,le x";
  const place = placeAt(text, 13);
  expect(place).toMatchObject({ kind: "value", key: "actor", prefix: "le" });
  expect(place && completed(text, place, valueChoice("Lee Park", "902")).text).toBe('actor:dana,"Lee Park" x');
});

test("a quoted text offers nothing", () => {
  expect(placeAt('"out of', 7)).toBeNull();
});
