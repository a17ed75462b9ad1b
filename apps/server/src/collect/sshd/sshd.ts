import type { EventInput, Target } from "@daybook/contract";
import { contentId, Occurrences } from "../identity.ts";
import type { Importer, ImportItem, ImportOptions } from "../importer.ts";
import { LINE_BYTES_MAX, type Line, readLines } from "../lines.ts";
import type { Source } from "../source.ts";
import { Zone } from "../zone.ts";
import { readAccountChange, readSu, readSudo } from "./accounts.ts";
import type { Act } from "./act.ts";
import { type Envelope, readEnvelope } from "./envelope.ts";
import { LogClock } from "./log-clock.ts";
import { readLogin } from "./login.ts";

export const sshd: Importer = {
  name: "sshd",
  describe: "system logs with sign-ins: auth.log, secure, journalctl (short, short-iso, json)",
  files: /^(auth|secure|sshd|messages|syslog|journal)|\.(log|journal\.json|jsonl)(\.\d+|-\d+)?(\.gz)?$/,
  contentDecidesId: true,
  open: (options) => new SshdReader(options),
};

/** A line may not stand for more attempts than this: the number in it comes from whoever could write the log. */
const REPEATS_MAX = 65_536;
/** Hosts whose last line is remembered, for "last message repeated". */
const HOSTS_MAX = 1_000;

/** sshd under its names: OpenSSH 9.8 and later log from helper programs. */
const sshPrograms = new Set(["sshd", "sshd-session", "sshd-auth"]);
const accountPrograms = new Set([
  "useradd",
  "usermod",
  "userdel",
  "groupadd",
  "groupdel",
  "gpasswd",
  "passwd",
  "chpasswd",
  "chage",
]);

class SshdReader {
  readonly #clock: LogClock;
  readonly #occurrences = new Occurrences();
  readonly #lastByHost = new Map<string, Envelope>();
  #series = "";
  #firstAt: number | undefined;
  #lastAt: number | undefined;

  constructor(options: ImportOptions) {
    this.#clock = new LogClock(new Zone(options.timezone), options.year, options.now);
  }

  async *read(source: Source): AsyncGenerator<ImportItem> {
    this.#begin(source);
    for await (const line of readLines(source.open())) yield* this.#line(line);
  }

  remarks(): string[] {
    const years = [...this.#clock.inferredYears].sort();
    if (years.length === 0) return [];
    return [
      `The log names no year; from the file's time it was taken for ${years.join(" and ")}. --year says otherwise.`,
    ];
  }

  /** A rotated series goes on where the file before ended, even inside one second; any other file starts afresh. */
  #begin(source: Source): void {
    const goesOn = source.series === this.#series && this.#lastAt !== undefined && this.#firstAt !== this.#lastAt;
    this.#clock.nextFile(source.modifiedAt, source.series === this.#series);
    if (goesOn && this.#lastAt !== undefined) this.#occurrences.keepOnly(this.#lastAt);
    else this.#occurrences.clear();
    this.#lastByHost.clear();
    this.#series = source.series;
    this.#firstAt = undefined;
    this.#lastAt = undefined;
  }

  *#line(line: Line): Generator<ImportItem> {
    const { number, text } = line;
    if (line.tooLong) {
      yield {
        fault: {
          line: number,
          code: "line_too_long",
          message: `The line is longer than ${LINE_BYTES_MAX} bytes.`,
          text,
        },
      };
      return;
    }
    if (text.trim() === "") return;
    const envelope = readEnvelope(text, this.#clock);
    if ("skipped" in envelope) yield { skipped: envelope.skipped, line: number };
    else if ("code" in envelope) yield { fault: { line: number, ...envelope, text } };
    else yield* this.#message(envelope, line);
  }

  *#message(envelope: Envelope, line: Line): Generator<ImportItem> {
    this.#firstAt ??= envelope.at;
    this.#lastAt = envelope.at;
    const { message, times } = this.#unfold(envelope);
    if (times > REPEATS_MAX) {
      const text = `The line stands for ${times} messages; at most ${REPEATS_MAX} are believed.`;
      yield { fault: { line: line.number, code: "too_many_repeats", message: text, text: line.text } };
      return;
    }
    const act = message === undefined ? undefined : readMessage(message);
    if (!act) {
      yield { skipped: envelope.program || "other", line: line.number };
      return;
    }
    for (let time = 0; time < times; time++)
      yield { event: this.#event(envelope, act), line: line.number, text: line.text };
  }

  /** What "message repeated N times: [ … ]" and "last message repeated N times" stand for. */
  #unfold(envelope: Envelope): { message: Envelope | undefined; times: number } {
    const inner = /^message repeated (\d{1,9}) times: \[ ?(.*)\]$/s.exec(envelope.message);
    if (inner) return { message: { ...envelope, message: inner[2] ?? "" }, times: Number(inner[1]) };
    const last = /^(?:--- )?last message repeated (\d{1,9}) times?(?: ---)?$/.exec(envelope.message);
    const host = envelope.host ?? "";
    if (last) return { message: this.#lastByHost.get(host), times: Number(last[1]) };
    if (this.#lastByHost.size >= HOSTS_MAX) this.#lastByHost.clear();
    this.#lastByHost.set(host, envelope);
    return { message: envelope, times: 1 };
  }

  #event(envelope: Envelope, act: Act): EventInput {
    const { at, host, program, pid, message } = envelope;
    const content = envelope.cursor ?? `${at}\n${host ?? ""}\n${program}\n${pid ?? ""}\n${message}`;
    const times = this.#occurrences.next(content, at);
    const targets: Target[] = [...(act.targets ?? [])];
    if (host !== undefined) targets.push({ type: "server", id: host.slice(0, 255), name: host.slice(0, 255) });
    const event: EventInput = {
      id: contentId(at, `sshd\n${content}\n${times}`),
      occurredAt: new Date(at).toISOString(),
      action: act.action,
      actor: act.actor,
      targets,
      origin: { ip: act.ip ?? null, ...(act.auth ? { auth: act.auth } : {}) },
      outcome: act.outcome,
      details: { ...act.details, ...(host === undefined ? {} : { host }), ...(pid === undefined ? {} : { pid }) },
    };
    if (act.reason !== undefined) event.reason = act.reason;
    return event;
  }
}

function readMessage({ program, message }: Envelope): Act | undefined {
  if (sshPrograms.has(program)) return readLogin(message);
  if (program === "sudo") return readSudo(message);
  if (program === "su" || program === "su-l") return readSu(message);
  if (accountPrograms.has(program)) return readAccountChange(program, message);
  return undefined;
}
