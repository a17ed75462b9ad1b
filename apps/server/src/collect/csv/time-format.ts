import { parseTime } from "../../record/event-time.ts";
import { isWallTime, type WallTime, type Zone } from "../zone.ts";

/** The instant of a cell, ms since the epoch, or undefined when it is no such time. */
export type TimeReader = (text: string, zone: Zone) => number | undefined;

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** Parts of a format, the longer ones first, and what they match. */
const tokens: [token: string, pattern: string][] = [
  ["YYYY", "(?<year>\\d{4})"],
  ["YY", "(?<shortYear>\\d{2})"],
  ["MMMM", "(?<monthName>\\p{L}+)"],
  ["MMM", "(?<monthName>\\p{L}{3,4})\\.?"],
  ["MM", "(?<month>\\d{2})"],
  ["M", "(?<month>\\d{1,2})"],
  ["DD", "(?<day>\\d{2})"],
  ["D", "(?<day>\\d{1,2})"],
  ["HH", "(?<hour>\\d{2})"],
  ["H", "(?<hour>\\d{1,2})"],
  ["hh", "(?<hour>\\d{2})"],
  ["h", "(?<hour>\\d{1,2})"],
  ["mm", "(?<minute>\\d{2})"],
  ["ss", "(?<second>\\d{2})"],
  ["SSS", "(?<fraction>\\d{1,9})"],
  ["A", "(?<half>[AaPp]\\.?[Mm]\\.?)"],
  ["Z", "(?<zone>Z|[+-]\\d\\d:?\\d\\d)"],
];

/**
 * A reader for one format: `iso` (RFC 3339, or the same without a zone), `unix` and `unix-ms` (seconds and
 * milliseconds since 1970), or a pattern of YYYY YY MMMM MMM MM M DD D HH H hh h mm ss SSS A Z and other characters.
 * @throws Error for a pattern that names no year, month or day
 */
export function timeReader(format: string): TimeReader {
  if (format === "iso") return readIso;
  if (format === "unix" || format === "unix-ms") {
    const factor = format === "unix" ? 1000 : 1;
    return (text) => (/^-?\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * factor) : undefined);
  }
  const pattern = patternOf(format);
  for (const part of ["<year>|<shortYear>", "<month>|<monthName>", "<day>"])
    if (!new RegExp(part).test(pattern)) throw new Error(`${format} does not say the ${part}`);
  const expression = new RegExp(`^${pattern}$`, "u");
  return (text, zone) => {
    const groups = expression.exec(text)?.groups;
    return groups ? instantOf(groups, zone) : undefined;
  };
}

function patternOf(format: string): string {
  let pattern = "";
  for (let at = 0; at < format.length; ) {
    const token = tokens.find(([name]) => format.startsWith(name, at));
    if (token) pattern += token[1];
    else pattern += (format[at] as string).replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
    at += token ? token[0].length : 1;
  }
  return pattern;
}

function readIso(text: string, zone: Zone): number | undefined {
  const match =
    /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)(?:[T ](?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,](?<fraction>\d{1,9}))?)?)? ?(?<zone>[Zz]|[+-]\d\d:?\d\d)?$/.exec(
      text,
    );
  return match?.groups ? instantOf(match.groups, zone) : undefined;
}

function instantOf(groups: Record<string, string | undefined>, zone: Zone): number | undefined {
  const wall: WallTime = {
    year: groups.year === undefined ? 2000 + Number(groups.shortYear) : Number(groups.year),
    month: groups.month === undefined ? monthOf(groups.monthName ?? "") : Number(groups.month),
    day: Number(groups.day),
    hour: hourOf(Number(groups.hour ?? 0), groups.half),
    minute: Number(groups.minute ?? 0),
    second: Number(groups.second ?? 0),
    ms: Number((groups.fraction ?? "0").slice(0, 3).padEnd(3, "0")),
  };
  if (!isWallTime(wall)) return undefined;
  if (groups.zone === undefined) return zone.instant(wall);
  const utc = new Date(Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second, wall.ms));
  return parseTime(`${utc.toISOString().slice(0, -1)}${groups.zone}`);
}

function monthOf(name: string): number {
  return months.indexOf(name.slice(0, 3).toLowerCase()) + 1;
}

function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  if (hour < 1 || hour > 12) return 99;
  return (hour % 12) + (/^p/i.test(half) ? 12 : 0);
}
