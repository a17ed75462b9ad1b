/** A date or time as it was written, and the span it names: a day is 24 hours, a minute 60 seconds, all in UTC. */
export interface Moment {
  text: string;
  /** Milliseconds; the first that belongs to it. */
  startMs: number;
  /** The first millisecond after it. */
  endMs: number;
}

const form = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?)?)?$/i;

const MINUTE_MS = 60_000;

/**
 * Reads a year, month, day, minute, second or fraction of one: `2026`, `2026-11`, `2026-11-20`, `2026-11-20T10:11`, full
 * RFC 3339. Without an offset it is UTC. Undefined when it is no date of the calendar.
 */
export function parseMoment(text: string): Moment | undefined {
  const found = form.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, offset] = found;
  const milliseconds = Number((fraction ?? "").padEnd(3, "0").slice(0, 3));
  const fields = [month ?? 1, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0].map(Number);
  const [m = 1, d = 1, h = 0, min = 0, s = 0] = fields;
  const local = new Date(0);
  local.setUTCFullYear(Number(year), m - 1, d);
  local.setUTCHours(h, min, s, milliseconds);
  if (local.getUTCMonth() !== m - 1 || local.getUTCDate() !== d || h > 23 || min > 59 || s > 59) return undefined;
  const startMs = local.getTime() - offsetMs(offset);
  return { text: text.toUpperCase().replace(" ", "T"), startMs, endMs: endOf(startMs, found) };
}

function offsetMs(offset: string | undefined): number {
  if (offset === undefined || /^z$/i.test(offset)) return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return (offset.startsWith("-") ? -minutes : minutes) * MINUTE_MS;
}

function endOf(startMs: number, found: RegExpExecArray): number {
  const [, , month, day, hour, , second, fraction] = found;
  if (fraction !== undefined) return startMs + 1;
  if (second !== undefined) return startMs + 1000;
  if (hour !== undefined) return startMs + MINUTE_MS;
  if (day !== undefined) return startMs + 24 * 60 * MINUTE_MS;
  const start = new Date(startMs);
  const next = new Date(startMs);
  if (month !== undefined) next.setUTCMonth(start.getUTCMonth() + 1);
  else next.setUTCFullYear(start.getUTCFullYear() + 1);
  return next.getTime();
}
