import { AppError } from "@daybook/contract";
import { Cron } from "croner";

/** When something is due: a cron expression in a time zone. */
export interface TimeRule {
  cron: string;
  timeZone: string;
}

/** Expressions that are kept parsed: each costs 2 KB or so, and 20 microseconds to parse. */
const PARSED_MAX = 5_000;
const ANSWERS_MAX = 16;

interface Parsed {
  cron: Cron;
  /** The answers given lately, by the moment that was asked about: many schedules share an expression. */
  answers: Map<number, number | undefined>;
}

const parsed = new Map<string, Parsed>();

/**
 * The first time strictly after a moment, in milliseconds since the epoch; undefined if there is none.
 *
 * Daylight saving. A time of day (no `*` or step in seconds, minutes and hours, e.g. `30 2 * * *`) runs once on every day: if clocks
 * skip it, at the first moment after the gap; if it occurs twice, at the first of the two. Anything else is an interval and follows the
 * time that passes: it runs in both of two equal hours, and has no run in a skipped one.
 */
export function nextTime(rule: TimeRule, afterMs: number): number | undefined {
  const { cron, answers } = parsedRule(rule);
  const known = answers.get(afterMs);
  if (known !== undefined) return known;
  if (answers.size >= ANSWERS_MAX) answers.clear();
  const next = cron.nextRun(new Date(afterMs))?.getTime();
  answers.set(afterMs, next);
  return next;
}

/** The times after one moment and up to another (which counts), the earliest first, `most` at most. */
export function timesBetween(rule: TimeRule, afterMs: number, untilMs: number, most: number): number[] {
  const times: number[] = [];
  let time = nextTime(rule, afterMs);
  while (time !== undefined && time <= untilMs && times.length < most) {
    times.push(time);
    time = nextTime(rule, time);
  }
  return times;
}

/** The last times up to a moment (which counts), the earliest first. Looks back over `count` of them without walking from the beginning. */
export function lastTimes(rule: TimeRule, untilMs: number, count: number): number[] {
  const { cron } = parsedRule(rule);
  // Times are whole seconds, and the library gives those strictly before.
  const before = cron.previousRuns(count, new Date(untilMs + 1_000)).map((time) => time.getTime());
  return before.filter((time) => time <= untilMs).sort((a, b) => a - b);
}

/**
 * When the run of a due time begins: up to `jitterSeconds` later. The same name and time always give the same delay, and different ones
 * are spread evenly. Never as late as the next due time, so that runs stay in order.
 */
export function startOf(name: string, rule: TimeRule, dueMs: number, jitterSeconds: number): number {
  if (jitterSeconds === 0) return dueMs;
  const gap = (nextTime(rule, dueMs) ?? Number.POSITIVE_INFINITY) - dueMs;
  return dueMs + Math.floor(share(`${name} ${dueMs}`) * Math.min(jitterSeconds * 1_000, gap));
}

/** A number from 0 to 1 (without 1) that depends on the text alone: FNV-1a, then mixed so that neighbours end far apart. */
function share(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** Checks that an expression can be read, is due at some time, and that the zone exists. Throws `invalid_schedule`. */
export function checkRule(rule: TimeRule): void {
  checkZone(rule.timeZone);
  const { cron } = parsedRule(rule);
  if (cron.nextRun(new Date(0)) === null) throw invalid(`"${rule.cron}" is never due: there is no such day.`, "/cron");
}

function parsedRule({ cron, timeZone }: TimeRule): Parsed {
  const key = `${timeZone} ${cron}`;
  const known = parsed.get(key);
  if (known !== undefined) return known;
  const fresh: Parsed = { cron: parse(cron, timeZone), answers: new Map() };
  if (parsed.size >= PARSED_MAX) parsed.clear();
  parsed.set(key, fresh);
  return fresh;
}

const nicknames = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

const fieldNames = ["minute", "hour", "day of the month", "month", "day of the week"];
const fieldRanges = [[0, 59] as const, [0, 23] as const, [1, 31] as const, [1, 12] as const, [0, 7] as const];

function parse(text: string, timeZone: string): Cron {
  checkFields(text);
  try {
    return new Cron(text, { timezone: timeZone, paused: true, mode: "5-or-6-parts", fixedTimeRule: "no-wildcard" });
  } catch (error) {
    const said = (error as Error).message.replace(/^Cron\w*: /, "");
    throw invalid(`"${text}" is not a cron expression: ${said}. ${meant}`, "/cron");
  }
}

const meant =
  'Five fields are meant (minute, hour, day of the month, month, day of the week), e.g. "0 2 * * *" for 02:00 every day, six with the ' +
  `second first, or one of ${nicknames.join(", ")}.`;

/** Says what is wrong in the words of whoever wrote it; what passes here is still parsed. */
function checkFields(text: string): void {
  const fields = text.trim().split(/\s+/);
  if (fields[0]?.startsWith("@") === true) {
    if (fields.length === 1 && nicknames.includes(fields[0].toLowerCase())) return;
    throw invalid(`"${text}" is not one of ${nicknames.join(", ")}. For intervals write e.g. "*/5 * * * *".`, "/cron");
  }
  if (fields.length !== 5 && fields.length !== 6)
    throw invalid(`"${text}" has ${fields.length === 1 ? "one field" : `${fields.length} fields`}. ${meant}`, "/cron");
  const seconds = fields.length - 5;
  for (const [index, field] of fields.entries()) {
    const name = index < seconds ? "second" : (fieldNames[index - seconds] ?? "");
    const [least, most] = index < seconds ? [0, 59] : (fieldRanges[index - seconds] ?? [0, 59]);
    // It would stand for the moment at which the expression is read.
    if (field.includes("?")) throw invalid(`The ${name} of "${text}" is "${field}": write * for any.`, "/cron");
    for (const [, number] of field.matchAll(/(?:^|[,-])(\d+)/g))
      if (Number(number) < least || Number(number) > most)
        throw invalid(`The ${name} of "${text}" is ${number}; it goes from ${least} to ${most}. ${meant}`, "/cron");
  }
}

/** Throws `invalid_schedule` for a name that is no IANA time zone, with those that may have been meant. */
function checkZone(name: string): void {
  if (/^[A-Za-z]/.test(name)) {
    try {
      new Intl.DateTimeFormat("en", { timeZone: name });
      return;
    } catch {
      // Said below.
    }
  }
  const typed = name.toLowerCase().replace(/[^a-z]/g, "");
  const near = Intl.supportedValuesOf("timeZone").filter(
    (zone) =>
      typed.length > 2 &&
      zone
        .toLowerCase()
        .replace(/[^a-z]/g, "")
        .endsWith(typed),
  );
  const examples = near.length > 0 ? `perhaps ${near.slice(0, 3).join(" or ")}` : "e.g. UTC or Europe/Berlin";
  throw invalid(`"${name}" is not a time zone: a name of the IANA database is meant, ${examples}.`, "/timeZone");
}

function invalid(detail: string, pointer: string): AppError {
  return new AppError("invalid_schedule", detail, {
    errors: [{ pointer, code: "invalid_schedule", message: detail }],
  });
}
