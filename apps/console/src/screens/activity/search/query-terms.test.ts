import { expect, test } from "vitest";
import { hasWord, switchedWord, valueOfKey, withValueOfKey } from "./query-terms.ts";

test("a quick filter reads its value out of the query, and says how many when there are several", () => {
  expect(valueOfKey('outcome:failure actor:"Lee Park"', "actor")).toBe("Lee Park");
  expect(valueOfKey("ip:192.0.2.1,192.0.2.2 actor:x", "ip")).toBe(2);
  expect(valueOfKey("-actor:system actor", "actor")).toBeNull();
});

test("choosing another value replaces the one before and leaves the rest, exclusions too", () => {
  const before = 'actor:user/42 "out of memory" -actor:system';
  expect(withValueOfKey(before, "actor", "Lee Park")).toBe('"out of memory" -actor:system actor:"Lee Park"');
  expect(withValueOfKey(before, "actor", null)).toBe('"out of memory" -actor:system');
});

test("a switch puts its word in, and the same word out again", () => {
  const on = switchedWord("actor:x", "outcome:failure,denied");
  expect(on).toBe("actor:x outcome:failure,denied");
  expect(hasWord(on, "Outcome:failure,denied")).toBe(true);
  expect(hasWord(on, "outcome:failure")).toBe(false);
  expect(switchedWord(on, "outcome:failure,denied")).toBe("actor:x");
});
