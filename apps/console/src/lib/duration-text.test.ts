import { expect, test } from "vitest";
import { clockDuration, durationText } from "./duration-text.ts";

test("a duration is told in at most two units", () => {
  expect(durationText(0)).toBe("0 ms");
  expect(durationText(340)).toBe("340 ms");
  expect(durationText(7_290)).toBe("7.2 s");
  expect(durationText(12_000)).toBe("12 s");
  expect(durationText(252_000)).toBe("4 min 12 s");
  expect(durationText(247_000)).toBe("4 min 07 s");
  expect(durationText(300_000)).toBe("5 min");
  expect(durationText(3 * 3_600_000 + 5 * 60_000)).toBe("3 h 05 min");
  expect(durationText(52 * 3_600_000)).toBe("2 d 4 h");
});

test("what counts while one looks counts whole seconds", () => {
  expect(clockDuration(-200)).toBe("0 s");
  expect(clockDuration(7_900)).toBe("7 s");
  expect(clockDuration(61_000)).toBe("1 min 01 s");
});
