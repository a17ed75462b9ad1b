import { expect, test } from "vitest";
import { percentText, shareOf } from "./rates.ts";

const none = { queued: 0, sent: 0, delivered: 0, failed: 0, bounced: 0, complained: 0, suppressed: 0 };

test("the rate leaves out what still waits, and counts a complaint as arrived", () => {
  expect(shareOf({ ...none, queued: 12, sent: 4, delivered: 3, complained: 1, bounced: 1, suppressed: 1 })).toBe(0.8);
  expect(shareOf({ ...none, queued: 3 })).toBeNull();
});

test("a rate is 100 % or 0 % only where nothing or everything was lost", () => {
  expect([1, 0.99999, 0.5, 0.00001, 0, null].map(percentText)).toEqual([
    "100 %",
    "99.9 %",
    "50.0 %",
    "0.1 %",
    "0 %",
    "–",
  ]);
});
