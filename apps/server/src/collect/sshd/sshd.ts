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
  #source: Source | undefined;
  #firstAt: number | undefined;
  #lastAt: number | undefined;
  #before: { firstAt: number | undefined; lastAt: number | undefined; source: Source | undefined } = {
    firstAt: undefined,
    lastAt: undefined,
    source: undefined,
  };

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

  #begin(source: Source): void {
    this.#clock.nextFile(source.modifiedAt, source.series === this.#source?.series);
    this.#lastByHost.clear();
    this.#before = { firstAt: this.#firstAt, lastAt: this.#lastAt, source: this.#source };
    this.#source = source;
    this.#firstAt = undefined;
    this.#lastAt = undefined;
  }

  /**
   * A file that begins in the second in which the one before ended goes on with it: identical lines are counted on.
   * Any other file starts afresh, so that a copy is known for one. (Of a file that is one second long a copy would
   * begin so too: then only its neighbour in a rotated series goes on.)
   */
  #firstLine(at: number): void {
    const { firstAt, lastAt, source } = this.#before;
    const neighbour = source?.series === this.#source?.series && source?.name !== this.#source?.name;
    if (lastAt === at && (firstAt !== lastAt || neighbour)) this.#occurrences.keepOnly(at);
    else this.#occurrences.clear();
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
    if (this.#firstAt === undefined) this.#firstLine(envelope.at);
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
