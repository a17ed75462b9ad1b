import { expect, test } from "vitest";
import { ticksOf } from "./ticks.ts";

const at = Date.parse;

test("a week is marked at the midnights of the zone", () => {
  const utc = ticksOf(at("2026-11-14T07:30:00Z"), at("2026-11-21T07:30:00Z"), 12, "UTC");
  expect(utc.map((tick) => tick.label)).toEqual(["15 Nov", "16", "17", "18", "19", "20", "21"]);
  const paris = ticksOf(at("2026-11-14T07:30:00Z"), at("2026-11-21T07:30:00Z"), 12, "Europe/Paris");
  expect(new Date(paris[0]?.ms ?? 0).toISOString()).toBe("2026-11-14T23:00:00.000Z");
});

test("midnights stay midnights when the clocks change", () => {
  const ticks = ticksOf(at("2026-10-23T22:00:00Z"), at("2026-10-28T00:00:00Z"), 8, "Europe/Paris");
  expect(ticks.map((tick) => new Date(tick.ms).toISOString().slice(11, 16))).toEqual([
    "22:00",
    "22:00",
    "23:00",
    "23:00",
    "23:00",
  ]);
});

test("hours are marked by the clock and a new day by its date", () => {
  const ticks = ticksOf(at("2026-11-20T20:00:00Z"), at("2026-11-21T04:00:00Z"), 8, "UTC");
  expect(ticks.map((tick) => tick.label)).toContain("21 Nov");
  expect(ticks[0]?.label).toBe("20:00");
});

test("years of log are marked by months and years", () => {
  const ticks = ticksOf(at("2024-03-10T00:00:00Z"), at("2026-11-21T00:00:00Z"), 12, "UTC");
  expect(ticks.map((tick) => tick.label)).toEqual([
    "Apr 2024",
    "Jul",
    "Oct",
    "2025",
    "Apr",
    "Jul",
    "Oct",
    "2026",
    "Apr",
    "Jul",
    "Oct",
  ]);
});
