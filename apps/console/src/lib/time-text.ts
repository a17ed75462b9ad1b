import { zoneLabel, zoneName } from "./zone.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(choice: string, shape: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${choice} ${shape}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zoneName(choice), hourCycle: "h23" });
    formats.set(key, found);
  }
  return found;
}

/** "21 Nov 2026, 07:31:08.412 UTC" */
export function exactTime(ms: number, choice: string): string {
  const date = format(choice, "date", { day: "numeric", month: "short", year: "numeric" }).format(ms);
  const time = format(choice, "millis", {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
  }).format(ms);
  return `${date}, ${time} ${zoneLabel(choice)}`;
}

/** "07:31" */
export function clockTime(ms: number, choice: string): string {
  return format(choice, "clock", { hour: "2-digit", minute: "2-digit" }).format(ms);
}

/** "21 Nov" */
export function dayText(ms: number, choice: string): string {
  return format(choice, "day", { day: "numeric", month: "short" }).format(ms);
}

/** "14–21 Nov", "30 Oct – 2 Nov", "21 Nov, 07:00–09:30": the range as short as it can be said. */
export function spanText(from: number, to: number, choice: string): string {
  const shape: Intl.DateTimeFormatOptions =
    to - from <= 2 * 86_400_000
      ? { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }
      : { day: "numeric", month: "short", ...(to - from > 300 * 86_400_000 ? { year: "numeric" } : {}) };
  return format(choice, JSON.stringify(shape), shape).formatRange(from, to);
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "2 s", "41 min", "3 h", "6 d"; for what is older than a week "14 Nov 09:12", and last "30 Mar 2017". What lies ahead of our clock is
 *  "now". */
export function shortAge(ms: number, now: number, choice: string): string {
  const seconds = Math.floor((now - ms) / 1000);
  if (seconds < 1) return "now";
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h`;
  if (seconds < 7 * DAY) return `${Math.floor(seconds / DAY)} d`;
  if (seconds < 300 * DAY) return `${dayText(ms, choice)} ${clockTime(ms, choice)}`;
  return format(choice, "date", { day: "numeric", month: "short", year: "numeric" }).format(ms);
}

const words = new Intl.RelativeTimeFormat("en", { numeric: "always" });

/** "3 minutes ago", "in 2 days" */
export function longAge(ms: number, now: number): string {
  const seconds = Math.round((ms - now) / 1000);
  const size = Math.abs(seconds);
  if (size < 2) return "just now";
  if (size < MINUTE) return words.format(seconds, "second");
  if (size < HOUR) return words.format(Math.trunc(seconds / MINUTE), "minute");
  if (size < DAY) return words.format(Math.trunc(seconds / HOUR), "hour");
  if (size < 60 * DAY) return words.format(Math.trunc(seconds / DAY), "day");
  if (size < 730 * DAY) return words.format(Math.trunc(seconds / (30 * DAY)), "month");
  return words.format(Math.trunc(seconds / (365 * DAY)), "year");
}
