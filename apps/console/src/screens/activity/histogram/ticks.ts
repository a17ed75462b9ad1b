import { clockTime, dayText } from "../../../lib/time-text.ts";
import { wallClock, zoneOffset } from "../../../lib/zone.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const steps = [1, 5, 15, 30, 60, 180, 360, 720, 1440, 2 * 1440, 3 * 1440, 7 * 1440, 14 * 1440].map(
  (minutes) => minutes * MINUTE,
);

export interface Tick {
  ms: number;
  label: string;
}

/** Marks for a time axis: on round times of the zone, at most as many as asked. */
export function ticksOf(from: number, to: number, ticksMax: number, zone: string): Tick[] {
  const step = steps.find((each) => (to - from) / each <= ticksMax);
  if (step === undefined) return monthTicks(from, to, ticksMax, zone);
  const ticks: Tick[] = [];
  const offset = zoneOffset(from, zone);
  for (let ms = Math.ceil((from + offset) / step) * step - offset; ms < to; ms += step) {
    // After a change of clocks the round times lie elsewhere.
    const shifted = step >= HOUR ? ms - (zoneOffset(ms, zone) - offset) : ms;
    ticks.push({ ms: shifted, label: label(shifted, step, ticks.length === 0, zone) });
  }
  return ticks;
}

function label(ms: number, step: number, first: boolean, zone: string): string {
  const at = wallClock(ms, zone);
  if (step < DAY) return at.hour === 0 && at.minute === 0 ? dayText(ms, zone) : clockTime(ms, zone);
  return first || at.day <= step / DAY ? dayText(ms, zone) : String(at.day);
}

function monthTicks(from: number, to: number, ticksMax: number, zone: string): Tick[] {
  const months = [1, 3, 6, 12, 24, 60, 120, 600].find((each) => (to - from) / (each * 30 * DAY) <= ticksMax) ?? 1200;
  const first = wallClock(from, zone);
  const ticks: Tick[] = [];
  for (let month = Math.ceil((first.year * 12 + first.month) / months) * months; ; month += months) {
    const utc = Date.UTC(Math.floor(month / 12), month % 12, 1);
    const ms = utc - zoneOffset(utc, zone);
    if (ms >= to) return ticks;
    if (ms < from) continue;
    const january = month % 12 === 0;
    const year = String(Math.floor(month / 12));
    const name = new Intl.DateTimeFormat("en-GB", { month: "short", timeZone: "UTC" }).format(utc);
    ticks.push({ ms, label: january ? year : ticks.length === 0 ? `${name} ${year}` : name });
  }
}
