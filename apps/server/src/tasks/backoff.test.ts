import { expect, test } from "vitest";
import { backoffAfter } from "./backoff.ts";

test("the wait between attempts doubles, up to an hour", () => {
  expect([1, 2, 3].map((attempt) => backoffAfter(attempt, 5))).toEqual([5_000, 10_000, 20_000]);
  expect(backoffAfter(30, 10)).toBe(3_600_000);
  expect(backoffAfter(5_000, 10)).toBe(3_600_000);
});

test("a first wait of more than an hour stays as it is set, and none stays none", () => {
  expect([1, 9].map((attempt) => backoffAfter(attempt, 86_400))).toEqual([86_400_000, 86_400_000]);
  expect(backoffAfter(9, 0)).toBe(0);
});
