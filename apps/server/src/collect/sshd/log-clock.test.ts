import { describe, expect, it } from "vitest";
import { Zone } from "../zone.ts";
import { LogClock, monthNumber } from "./log-clock.ts";

const reading = (text: string) => {
  const [month = "", day = 0, time = "0:0:0"] = text.split(" ");
  const [hour = 0, minute = 0, second = 0] = time.split(":").map(Number);
  return { month: monthNumber(month), day: Number(day), hour, minute, second, ms: 0 };
};

const times = (clock: LogClock, texts: string[]) =>
  texts.map((text) => {
    const at = clock.atUnknownYear(reading(text));
    return at === undefined ? undefined : new Date(at).toISOString().slice(0, 19);
  });

const utc = new Zone("UTC");
const latest = (text: string) => Date.parse(text);

describe("a log without a year", () => {
  it("is of the year that does not lie after the file's own time", () => {
    const clock = new LogClock(utc, undefined, latest("2026-01-05T10:00:00Z"));
    expect(times(clock, ["Dec 31 23:59:59", "Jan 1 00:00:01", "Jan 5 09:00:00", "Feb 1 00:00:00"])).toEqual([
      "2025-12-31T23:59:59",
      "2026-01-01T00:00:01",
      "2026-01-05T09:00:00",
      "2025-02-01T00:00:00",
    ]);
    expect([...clock.inferredYears]).toEqual([2025, 2026]);
  });

  it("may be a day ahead of the file's time, for its zone may be wrong", () => {
    const clock = new LogClock(utc, undefined, latest("2025-12-31T23:00:00Z"));
    expect(times(clock, ["Dec 31 23:30:00", "Jan 1 01:00:00"])).toEqual(["2025-12-31T23:30:00", "2026-01-01T01:00:00"]);
  });

  it("puts Feb 29 into a leap year", () => {
    const clock = new LogClock(utc, undefined, latest("2026-11-20T00:00:00Z"));
    expect(times(clock, ["Feb 29 12:00:00", "Feb 30 12:00:00"])).toEqual(["2024-02-29T12:00:00", undefined]);
  });

  it("begins in the given year and rolls over at New Year, forward and back", () => {
    const clock = new LogClock(utc, 2016, latest("2026-11-20T00:00:00Z"));
    expect(
      times(clock, [
        "Dec 30 12:00:00",
        "Jan 1 00:00:00",
        "Dec 31 23:59:59",
        "Jan 1 00:00:02",
        "Jul 2 00:00:00",
        "Dec 1 00:00:00",
        "Jan 3 00:00:00",
      ]),
    ).toEqual([
      "2016-12-30T12:00:00",
      "2017-01-01T00:00:00",
      "2016-12-31T23:59:59",
      "2017-01-01T00:00:02",
      "2017-07-02T00:00:00",
      "2017-12-01T00:00:00",
      "2018-01-03T00:00:00",
    ]);
    expect(clock.inferredYears.size).toBe(0);
  });

  it("goes on in the next file of a series, and begins afresh in another one", () => {
    const clock = new LogClock(utc, 2016, 0);
    times(clock, ["Dec 30 12:00:00", "Jan 2 12:00:00"]);
    clock.nextFile(0, true);
    expect(times(clock, ["Jan 9 12:00:00"])).toEqual(["2017-01-09T12:00:00"]);
    clock.nextFile(0, false);
    expect(times(clock, ["Jan 9 12:00:00"])).toEqual(["2016-01-09T12:00:00"]);
  });

  it("is read in its zone, with the hour that autumn repeats", () => {
    const clock = new LogClock(new Zone("America/New_York"), 2026, 0);
    expect(
      times(clock, ["Jul 1 08:00:00", "Nov 1 01:30:00", "Nov 1 01:59:00", "Nov 1 01:10:00", "Nov 1 02:00:00"]),
    ).toEqual([
      "2026-07-01T12:00:00",
      "2026-11-01T05:30:00",
      "2026-11-01T05:59:00",
      "2026-11-01T06:10:00",
      "2026-11-01T07:00:00",
    ]);
  });
});
