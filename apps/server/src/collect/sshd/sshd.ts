import type { EventInput, Target } from "@daybook/contract";
import { contentId } from "../identity.ts";
import type { Importer, ImportItem, ImportOptions } from "../importer.ts";
import type { Source } from "../source.ts";
import { SyslogFiles, type SyslogLine } from "../syslog-files.ts";
import { readAccountChange, readSu, readSudo } from "./accounts.ts";
import type { Act } from "./act.ts";
import type { Envelope } from "./envelope.ts";
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
  readonly #files: SyslogFiles;
  readonly #lastByHost = new Map<string, Envelope>();

  constructor(options: ImportOptions) {
    this.#files = new SyslogFiles(options);
  }

  async *read(source: Source): AsyncGenerator<ImportItem> {
    this.#lastByHost.clear();
    for await (const read of this.#files.read(source))
      if ("envelope" in read) yield* this.#message(read);
      else yield read;
  }

  remarks(): string[] {
    return this.#files.remarks();
  }

  *#message({ envelope, line }: SyslogLine): Generator<ImportItem> {
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
    const { at, host, pid } = envelope;
    const targets: Target[] = [...(act.targets ?? [])];
    if (host !== undefined) targets.push({ type: "server", id: host.slice(0, 255), name: host.slice(0, 255) });
    const event: EventInput = {
      id: contentId(at, `sshd\n${this.#files.identity(envelope)}`),
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
