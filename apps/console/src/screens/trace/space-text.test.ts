import { expect, test } from "vitest";
import { spaceText } from "./space-text.ts";

test.each([
  [0, "at once"],
  [350, "+350 ms"],
  [-1_400, "−1.4 s"],
  [2_000, "+2 s"],
  [-125_000, "−2 min 5 s"],
  [3_600_000, "+1 h"],
  [90_000_000, "+1 d 1 h"],
])("%d ms is %s", (ms, text) => {
  expect(spaceText(ms, true)).toBe(text);
});

test("without a sign it is a length", () => {
  expect(spaceText(600_000)).toBe("10 min");
});
