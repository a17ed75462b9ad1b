import { expect, test } from "vitest";
import { isExpired, waitAfter } from "./retry.ts";

const HOUR = 3_600_000;

test("a mail is tried again after 1, 2, 5, 15, 30 and then each 60 minutes, give or take a tenth", () => {
  expect([1, 2, 3, 4, 5, 6, 7, 30].map((tries) => waitAfter(tries, 0.5) / 60_000)).toEqual([
    1, 2, 5, 15, 30, 60, 60, 60,
  ]);
  expect([waitAfter(1, 0), waitAfter(1, 1)]).toEqual([54_000, 66_000]);
});

test("it is given up after a day, not after a clock that jumped", () => {
  expect(isExpired(20, 0, 23 * HOUR)).toBe(false);
  expect(isExpired(20, 0, 24 * HOUR)).toBe(true);
  expect(isExpired(2, 0, 48 * HOUR)).toBe(false);
  expect(isExpired(20, 0, -48 * HOUR)).toBe(false);
});
