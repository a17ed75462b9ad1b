import { isWallTime } from "../zone.ts";
import { type LogClock, monthNumber } from "./log-clock.ts";

/** What surrounds a message in a system log. */
export interface Envelope {
  /** ms since the epoch */
  at: number;
  host?: string;
  /** Without its directory: `sshd`, `sudo`, `CRON`; empty when the line names none. */
  program: string;
  pid?: number;
  message: string;
  /** A journal entry's own identity. */
  cursor?: string;
}

export type EnvelopeResult = Envelope | { skipped: string } | { code: string; message: string };

const priority = /^<\d{1,3}>(?=\S)/;
const rfc5424 = /^1 (\S+) (\S+) (\S+) (\S+) (\S+) (-|(?:\[(?:[^\]\\"]|"(?:[^"\\]|\\.)*"|\\.)*\])+) ?(.*)$/s;
const classic = /^([A-Z][a-z]{2}) {1,2}(\d{1,2}) (?:(\d{4}) )?(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))? (.*)$/s;
const stamped = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|z|[+-]\d\d(?::?\d\d)?)? (.*)$/s;
const epoch = /^(\d{9,10})\.(\d{3,6}) (.*)$/s;
const named = /^([^\s:[\]]+)(?:\[(\d+)\])?:(?: (.*))?$/s;

/**
 * Takes a line of a system log apart. Understood: RFC 3164 as in auth.log, with RFC 3339 stamps, RFC 5424, and
 * `journalctl -o short | short-iso | short-unix | json`; each with or without `<priority>` in front.
 */
export function readEnvelope(line: string, clock: LogClock): EnvelopeResult {
  if (line.startsWith("{")) return readJournalEntry(line);
  if (line.startsWith("-- ")) return { skipped: "journal mark" };
  const text = line.replace(priority, "");
  const old = classic.exec(text);
  if (old) {
    const [, month = "", day, year, hour, minute, second, fraction, rest = ""] = old;
    const reading = {
      month: monthNumber(month),
      day: Number(day),
      hour: Number(hour),
      minute: Number(minute),
      second: Number(second),
      ms: milliseconds(fraction),
    };
    const at = year === undefined ? clock.atUnknownYear(reading) : clock.at({ ...reading, year: Number(year) });
    return at === undefined ? noSuchTime : withHost(at, rest);
  }
  const structured = text.startsWith("1 ") ? rfc5424.exec(text) : null;
  if (structured) return readStructured(structured, clock);
  const iso = stamped.exec(text);
  if (iso) {
    const at = isoInstant(iso, clock);
    return at === undefined ? noSuchTime : withHost(at, iso[9] ?? "");
  }
  const unix = epoch.exec(text);
  if (unix) return withHost(Number(unix[1]) * 1000 + milliseconds(unix[2]), unix[3] ?? "");
  return { code: "not_syslog", message: "The line has no time that a system log would write." };
}

const noSuchTime = { code: "invalid_time", message: "There is no such day or hour." };

function milliseconds(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, "0"));
}

function isoInstant(match: RegExpExecArray, clock: LogClock): number | undefined {
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const wall = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    ms: milliseconds(fraction),
  };
  if (zone === undefined) return clock.at(wall);
  if (!isWallTime(wall)) return undefined;
  const utc = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second, wall.ms);
  if (zone === "Z" || zone === "z") return utc;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.length > 3 ? zone.slice(-2) : 0);
  return utc - (zone.startsWith("-") ? -minutes : minutes) * 60_000;
}

/** `host program[pid]: message`; a line may lack the host, and the program too ("last message repeated 2 times"). */
function withHost(at: number, rest: string): Envelope {
  const space = rest.indexOf(" ");
  const first = space === -1 ? rest : rest.slice(0, space);
  if (first.endsWith(":")) return withProgram({ at, program: "", message: rest }, rest);
  const envelope: Envelope = { at, program: "", message: "" };
  if (first !== "") envelope.host = first;
  return withProgram(envelope, space === -1 ? "" : rest.slice(space + 1));
}

function withProgram(envelope: Envelope, rest: string): Envelope {
  const match = named.exec(rest);
  envelope.message = match ? (match[3] ?? "") : rest;
  if (match) envelope.program = baseName(match[1] ?? "");
  if (match?.[2] !== undefined) envelope.pid = Number(match[2]);
  return envelope;
}

function baseName(program: string): string {
  return program.slice(program.lastIndexOf("/") + 1);
}

function readStructured(match: RegExpExecArray, clock: LogClock): EnvelopeResult {
  const [, stamp = "", host = "-", program = "-", pid = "-", , , message = ""] = match;
  const iso = stamped.exec(`${stamp} `);
  const at = iso ? isoInstant(iso, clock) : undefined;
  if (at === undefined) return noSuchTime;
  const envelope: Envelope = {
    at,
    program: program === "-" ? "" : baseName(program),
    message: message.replace(/^\uFEFF/, ""),
  };
  if (host !== "-") envelope.host = host;
  if (/^\d+$/.test(pid)) envelope.pid = Number(pid);
  return envelope;
}

/** One entry of `journalctl -o json`: every field is a string, binary ones are arrays of bytes. */
function readJournalEntry(line: string): EnvelopeResult {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return { code: "invalid_json", message: "The line begins like a journal entry but is not JSON." };
  }
  const micros = field(entry, "__REALTIME_TIMESTAMP") ?? field(entry, "_SOURCE_REALTIME_TIMESTAMP");
  const message = field(entry, "MESSAGE");
  if (micros === undefined || !/^\d{10,17}$/.test(micros))
    return { code: "not_journal", message: "The JSON is no journal entry: it has no __REALTIME_TIMESTAMP." };
  if (message === undefined) return { skipped: "journal entry without a message" };
  const program = field(entry, "SYSLOG_IDENTIFIER") ?? field(entry, "_COMM") ?? "";
  const envelope: Envelope = { at: Math.floor(Number(micros) / 1000), program: baseName(program), message };
  const host = field(entry, "_HOSTNAME");
  const pid = field(entry, "SYSLOG_PID") ?? field(entry, "_PID");
  const cursor = field(entry, "__CURSOR");
  if (host) envelope.host = host;
  if (pid !== undefined && /^\d+$/.test(pid)) envelope.pid = Number(pid);
  if (cursor) envelope.cursor = cursor;
  return envelope;
}

function field(entry: Record<string, unknown>, name: string): string | undefined {
  const value = entry[name];
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((byte) => typeof byte === "number"))
    return Buffer.from(value).toString("utf8");
  return undefined;
}
