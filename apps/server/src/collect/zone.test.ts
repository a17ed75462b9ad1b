import { describe, expect, it } from "vitest";
import { isWallTime, Zone } from "./zone.ts";

const at = (zone: Zone, text: string, after?: string) => {
  const [date = "", time = ""] = text.split(" ");
  const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
  const [hour = 0, minute = 0, second = 0] = time.split(":").map(Number);
  const wall = { year, month, day, hour, minute, second, ms: 0 };
  return new Date(zone.instant(wall, after === undefined ? undefined : Date.parse(after))).toISOString();
};

describe("a time zone", () => {
  const berlin = new Zone("Europe/Berlin");

  it("turns a wall clock's reading into an instant, in summer and in winter", () => {
    expect(at(berlin, "2026-07-01 12:00:00")).toBe("2026-07-01T10:00:00.000Z");
    expect(at(berlin, "2026-12-01 12:00:00")).toBe("2026-12-01T11:00:00.000Z");
    expect(at(new Zone("+05:30"), "2026-07-01 12:00:00")).toBe("2026-07-01T06:30:00.000Z");
    expect(at(new Zone("Asia/Kathmandu"), "2026-07-01 12:00:00")).toBe("2026-07-01T06:15:00.000Z");
  });

  it("moves a reading that the clock skipped in spring on by the gap", () => {
    expect(at(berlin, "2026-03-29 01:59:59")).toBe("2026-03-29T00:59:59.000Z");
    expect(at(berlin, "2026-03-29 02:30:00")).toBe("2026-03-29T01:30:00.000Z");
    expect(at(berlin, "2026-03-29 03:00:00")).toBe("2026-03-29T01:00:00.000Z");
  });

  it("tells the two passes of an autumn hour apart by what came before", () => {
    expect(at(berlin, "2026-10-25 02:30:00")).toBe("2026-10-25T00:30:00.000Z");
    expect(at(berlin, "2026-10-25 02:30:00", "2026-10-25T00:20:00Z")).toBe("2026-10-25T00:30:00.000Z");
    expect(at(berlin, "2026-10-25 02:05:00", "2026-10-25T00:59:00Z")).toBe("2026-10-25T01:05:00.000Z");
    expect(at(berlin, "2026-10-25 03:00:00", "2026-10-25T01:05:00Z")).toBe("2026-10-25T02:00:00.000Z");
  });

  it("goes by what a zone was at the time", () => {
    expect(at(new Zone("Europe/Moscow"), "2010-07-01 12:00:00")).toBe("2010-07-01T08:00:00.000Z");
    expect(at(new Zone("Europe/Moscow"), "2026-07-01 12:00:00")).toBe("2026-07-01T09:00:00.000Z");
  });

  it("is refused when there is none of that name", () => {
    expect(() => new Zone("Berlin")).toThrow(/not a time zone/);
  });

  it("knows days and hours that do not exist", () => {
    const wall = { year: 2026, month: 2, day: 28, hour: 23, minute: 59, second: 60, ms: 0 };
    expect(isWallTime(wall)).toBe(true);
    expect(isWallTime({ ...wall, day: 29 })).toBe(false);
    expect(isWallTime({ ...wall, year: 2028, day: 29 })).toBe(true);
    expect(isWallTime({ ...wall, hour: 24 })).toBe(false);
    expect(isWallTime({ ...wall, month: 13 })).toBe(false);
  });
});
