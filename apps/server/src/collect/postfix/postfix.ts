import { contentId } from "../identity.ts";
import type { Importer, ImportItem, ImportOptions } from "../importer.ts";
import type { Source } from "../source.ts";
import { SyslogFiles, type SyslogLine } from "../syslog-files.ts";
import { keepMails } from "./imported-mail-store.ts";
import { MailQueue } from "./mail-queue.ts";
import { type Told, tellDelivery, tellEnd, tellReject, tellUnknownEnd } from "./postfix-event.ts";
import { type PostfixDelivery, type PostfixLine, readPostfixLine } from "./postfix-line.ts";

export const postfix: Importer = {
  name: "postfix",
  describe: "mail logs of Postfix: mail.log, maillog, journalctl (short, short-iso, json)",
  files: /^(mail|maillog|postfix|messages|syslog|journal)|\.(log|journal\.json|jsonl)(\.\d+|-\d+)?(\.gz)?$/,
  contentDecidesId: true,
  keep: keepMails,
  open: (options) => new PostfixReader(options),
};

/** Recipients of one message that can expire together: more in one line are not believed. */
const RECIPIENTS_MAX = 10_000;

/** Reads a mail log line by line; what is said of one message is joined by its queue id. */
class PostfixReader {
  readonly #files: SyslogFiles;
  readonly #queue = new MailQueue();

  constructor(options: ImportOptions) {
    this.#files = new SyslogFiles(options);
  }

  async *read(source: Source): AsyncGenerator<ImportItem> {
    for await (const read of this.#files.read(source))
      if ("envelope" in read) yield* this.#message(read);
      else yield read;
  }

  remarks(): string[] {
    return this.#files.remarks();
  }

  *#message(read: SyslogLine): Generator<ImportItem> {
    const { envelope, line } = read;
    const said = readPostfixLine(envelope.program, envelope.message);
    if (said === undefined) this.#filtered(read);
    const told = said === undefined ? [] : this.#told(read, said);
    for (const each of told) yield { ...each, line: line.number, text: line.text };
    if (told.length === 0) yield { skipped: envelope.program || "other", line: line.number };
  }

  #told({ envelope }: SyslogLine, said: PostfixLine): Told[] {
    const { at, host = "" } = envelope;
    if (said.kind === "delivery") return this.#delivery(envelope, said);
    if (said.kind === "reject") return [tellReject(host, said, at, this.#eventId(envelope))];
    if (said.kind === "gaveUp") return this.#gaveUp(envelope, said);
    this.#queue.learn(host, at, said);
    return [];
  }

  #gaveUp(envelope: SyslogLine["envelope"], said: Extract<PostfixLine, { kind: "gaveUp" }>): Told[] {
    const { at, host = "" } = envelope;
    const mail = this.#queue.find(host, said.queueId, at);
    if (said.from !== undefined) mail.from ??= said.from;
    const open = [...mail.open.keys()].slice(0, RECIPIENTS_MAX);
    const told = open.map((to) => tellEnd(mail, to, said.why, at, this.#eventId(envelope, to)));
    mail.open.clear();
    if (said.why === "deleted") this.#queue.end(mail);
    return told.length > 0 || said.why === "deleted" ? told : [tellUnknownEnd(mail, at, this.#eventId(envelope))];
  }

  #delivery(envelope: SyslogLine["envelope"], line: PostfixDelivery): Told[] {
    const { at, host = "" } = envelope;
    const mail = this.#queue.find(host, line.queueId, at, line.delaySeconds);
    const told = tellDelivery(mail, line, at, this.#eventId(envelope));
    if (told === undefined) return [];
    const { to, origTo } = line;
    mail.lastTo = to;
    if (line.status === "deferred") mail.open.set(to, origTo === undefined ? {} : { origTo });
    else mail.open.delete(to);
    const nextId = /(?:queued|forwarded) as (\w{5,})\b/.exec(line.response)?.[1];
    if (nextId !== undefined) this.#queue.handedOn(mail, to, nextId);
    return [told];
  }

  /** A filter such as amavis may say what Postfix does not: the subject. */
  #filtered({ envelope: { program, host = "", message } }: SyslogLine): void {
    if (program !== "amavis") return;
    const subject = /, Subject: "((?:[^"\\]|\\.)*)"/.exec(message)?.[1];
    if (subject === undefined) return;
    for (const [, queueId = ""] of message.matchAll(/(?:Queue-ID|queued_as): (\w+)/g))
      this.#queue.subjectOf(host, queueId, subject);
  }

  #eventId(envelope: SyslogLine["envelope"], recipient = ""): string {
    return contentId(envelope.at, `postfix\n${this.#files.identity(envelope)}\n${recipient}`);
  }
}
