import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkRule, lastTimes, nextTime, startOf, type TimeRule, timesBetween } from "./schedule-times.ts";

const at = (text: string): number => Date.parse(text);
const shown = (times: readonly number[]): string[] => times.map((time) => new Date(time).toISOString().slice(0, 16));

/** The next times of an expression, as UTC to the minute. */
function next(cron: string, timeZone: string, after: string, count = 3): string[] {
  return shown(timesBetween({ cron, timeZone }, at(after), Number.MAX_SAFE_INTEGER, count));
}

describe("days on which clocks change", () => {
  test("Berlin: a time of day that is skipped runs right after the gap", () => {
    const times = ["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"];
    expect(next("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z")).toEqual(times);
  });

  test("Berlin: a time of day that occurs twice runs at the first of the two", () => {
    const times = ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"];
    expect(next("30 2 * * *", "Europe/Berlin", "2026-10-24T00:00:00Z")).toEqual(times);
  });

  test("Berlin: an interval follows the time that passes, through gap and doubled hour", () => {
    const gap = ["2026-03-29T00:30", "2026-03-29T01:00", "2026-03-29T01:30"];
    expect(next("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z")).toEqual(gap);
    const doubled = [
      "2026-10-25T00:00",
      "2026-10-25T00:30",
      "2026-10-25T01:00",
      "2026-10-25T01:30",
      "2026-10-25T02:00",
    ];
    expect(next("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:50:00Z", 5)).toEqual(doubled);
  });

  test("Berlin: several times of day that fall together after a gap run once", () => {
    const times = ["2026-03-29T01:00", "2026-03-29T01:30", "2026-03-30T00:00", "2026-03-30T00:30"];
    expect(next("0,30 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 4)).toEqual(times);
  });

  test("New York: skipped and doubled", () => {
    const spring = ["2026-03-07T07:30", "2026-03-08T07:00", "2026-03-09T06:30"];
    expect(next("30 2 * * *", "America/New_York", "2026-03-07T00:00:00Z")).toEqual(spring);
    const autumn = ["2026-10-31T05:30", "2026-11-01T05:30", "2026-11-02T06:30"];
    expect(next("30 1 * * *", "America/New_York", "2026-10-31T00:00:00Z")).toEqual(autumn);
  });

  test("Lord Howe: clocks move by half an hour", () => {
    const spring = ["2026-10-02T15:45", "2026-10-03T15:30", "2026-10-04T15:15"];
    expect(next("15 2 * * *", "Australia/Lord_Howe", "2026-10-02T00:00:00Z")).toEqual(spring);
    const autumn = ["2026-04-03T14:45", "2026-04-04T14:45", "2026-04-05T15:15"];
    expect(next("45 1 * * *", "Australia/Lord_Howe", "2026-04-03T00:00:00Z")).toEqual(autumn);
    const quarters = ["2026-04-04T14:45", "2026-04-04T15:00", "2026-04-04T15:15", "2026-04-04T15:30"];
    expect(next("*/15 * * * *", "Australia/Lord_Howe", "2026-04-04T14:30:00Z", 4)).toEqual(quarters);
  });

  test("Kathmandu is three quarters of an hour off", () => {
    expect(next("0 2 * * *", "Asia/Kathmandu", "2026-04-04T00:00:00Z", 2)).toEqual([
      "2026-04-04T20:15",
      "2026-04-05T20:15",
    ]);
  });
});

describe("expressions", () => {
  test("may have the second first, or a nickname", () => {
    const seconds = timesBetween(
      { cron: "*/20 * * * * *", timeZone: "UTC" },
      at("2026-01-01T00:00:00Z"),
      at("2026-01-01T00:01:00Z"),
      9,
    );
    expect(seconds.map((time) => (time / 1_000) % 60)).toEqual([20, 40, 0]);
    expect(next("@daily", "Europe/Berlin", "2026-01-01T00:00:00Z", 1)).toEqual(["2026-01-01T23:00"]);
  });

  test.each([
    ["61 * * * *", "UTC", 'The minute of "61 * * * *" is 61; it goes from 0 to 59'],
    ["0 24 * * *", "UTC", "The hour"],
    ["* * *", "UTC", "has 3 fields"],
    ["0 2 * * * * *", "UTC", "has 7 fields"],
    ["@often", "UTC", "@daily"],
    ["@every 5m", "UTC", "*/5 * * * *"],
    ["a b c d e", "UTC", "is not a cron expression"],
    ["? * * * *", "UTC", "write * for any"],
    ["0 2 30 2 *", "UTC", "never due"],
    ["0 2 * * *", "Berlin", "perhaps Europe/Berlin"],
    ["0 2 * * *", "+02:00", "is not a time zone"],
    ["0 2 * * *", "Mars/Base", "e.g. UTC"],
  ])("%s in %s is refused with what was meant", (cron, timeZone, said) => {
    let detail = "";
    try {
      checkRule({ cron, timeZone });
    } catch (error) {
      detail = (error as Error).message;
    }
    expect(detail).toContain(said);
  });

  test.each(["0 2 * * *", "*/5 9-17 * * MON-FRI", "0 0 L * *", "0 2 * * 1#2", "0 0 29 2 *", "@hourly", "30 0 2 * * *"])(
    "%s is taken",
    (cron) => {
      expect(() => checkRule({ cron, timeZone: "Europe/Berlin" })).not.toThrow();
    },
  );
});

const zones = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu");
const crons = fc.constantFrom(
  ...[
    "* * * * *",
    "*/7 * * * *",
    "30 2 * * *",
    "0,30 1-3 * * *",
    "15 */2 * * *",
    "0 0 1 * *",
    "0 12 * * 1",
    "5 4 * * sun",
  ],
  ...["*/10 * * * * *", "15 30 2 * * *"],
);
const rules: fc.Arbitrary<TimeRule> = fc.record({ cron: crons, timeZone: zones });
// A fortnight around each change of clocks, and the rest of two years.
const moments = fc.integer({ min: at("2025-01-01T00:00:00Z"), max: at("2027-01-01T00:00:00Z") });

test("the next time is strictly after, and nothing is due in between", () => {
  fc.assert(
    fc.property(rules, moments, fc.double({ min: 0, max: 0.999, noNaN: true }), (rule, after, part) => {
      const time = nextTime(rule, after) ?? Number.NaN;
      expect(time).toBeGreaterThan(after);
      // From any moment before it, it is the next one too.
      expect(nextTime(rule, after + Math.floor((time - after - 1) * part))).toBe(time);
    }),
    { numRuns: 400 },
  );
});

test("looking back finds the same times as walking forward", () => {
  fc.assert(
    fc.property(rules, moments, fc.integer({ min: 1, max: 12 }), (rule, from, count) => {
      const walked = timesBetween(rule, from, Number.MAX_SAFE_INTEGER, count);
      const back = lastTimes(rule, walked.at(-1) ?? 0, count);
      expect(back).toEqual(walked);
    }),
    { numRuns: 300 },
  );
});

describe("jitter", () => {
  const rule = { cron: "0 2 * * *", timeZone: "UTC" };
  const due = at("2026-01-01T02:00:00Z");

  test("is the same each time it is asked", () => {
    expect(startOf("backup", rule, due, 600)).toBe(startOf("backup", rule, due, 600));
    expect(startOf("backup", rule, due, 0)).toBe(due);
  });

  test("spreads names evenly", () => {
    const counts = new Array<number>(10).fill(0);
    for (let index = 0; index < 10_000; index++) {
      const late = startOf(`backup-${index}`, rule, due, 600) - due;
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(600_000);
      counts[Math.floor(late / 60_000)] = (counts[Math.floor(late / 60_000)] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1_150);
  });

  test("never makes runs pass each other", () => {
    fc.assert(
      fc.property(rules, moments, fc.integer({ min: 1, max: 3_600 }), (given, from, seconds) => {
        const starts = timesBetween(given, from, Number.MAX_SAFE_INTEGER, 5).map((time) =>
          startOf("x", given, time, seconds),
        );
        expect(starts).toEqual([...starts].sort((a, b) => a - b));
        expect(new Set(starts).size).toBe(5);
      }),
      { numRuns: 200 },
    );
  });
});
