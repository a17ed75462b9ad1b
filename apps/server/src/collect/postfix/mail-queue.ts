import { decodeWords } from "postal-mime";
import { contentId } from "../identity.ts";
import type { PostfixLine } from "./postfix-line.ts";

/** Messages in a queue that are remembered at once; a log in which more wait is joined less well, but read. */
const MESSAGES_MAX = 100_000;

/** One message in the queue of one server, under an id that the server gives again to another message once this one is gone. */
export interface QueuedMail {
  host: string;
  queueId: string;
  /** When it came into the queue, ms. */
  beganMs: number;
  client?: string;
  ip?: string;
  sasl?: string;
  messageId?: string;
  subject?: string;
  from?: string;
  size?: number;
  /** The mail of whose delivery it is made: it came back from a filter, was forwarded, or tells its sender that it bounced. */
  parentId?: string;
  /** Recipients that it has not reached yet: only those can still expire. */
  open: Map<string, { origTo?: string }>;
  /** The recipient of the last delivery that was tried. */
  lastTo?: string;
}

/** What is in the queues, as the lines of a log tell it one by one. */
export class MailQueue {
  readonly #mails = new Map<string, QueuedMail>();

  /** The message of a line; one whose beginning is not in the log began so many seconds before. */
  find(host: string, queueId: string, atMs: number, secondsBefore = 0): QueuedMail {
    const key = `${host}\n${queueId}`;
    const known = this.#mails.get(key);
    if (known !== undefined) return known;
    const mail = { host, queueId, beganMs: atMs - Math.round(secondsBefore * 1_000), open: new Map() };
    if (this.#mails.size >= MESSAGES_MAX) this.#mails.delete(this.#mails.keys().next().value ?? "");
    this.#mails.set(key, mail);
    return mail;
  }

  /** Learns from a line that is no delivery. Messages that it ends are forgotten. */
  learn(host: string, atMs: number, line: Exclude<PostfixLine, { kind: "delivery" | "reject" | "gaveUp" }>): void {
    const key = `${host}\n${line.queueId}`;
    if (line.kind === "removed") {
      this.#mails.delete(key);
      return;
    }
    // A queue id that begins anew belongs to another message, though nothing said that the one before is gone.
    if (line.kind === "began") this.#mails.delete(key);
    const mail = this.find(host, line.queueId, atMs);
    if (line.kind === "began") {
      const { client, ip, sasl } = line;
      Object.assign(mail, { ...(client && { client }), ...(ip && { ip }), ...(sasl && { sasl }) });
    } else if (line.kind === "messageId") mail.messageId = line.messageId;
    else if (line.kind === "subject") mail.subject = decodeWords(line.subject);
    else if (line.kind === "sender") {
      mail.from = line.from;
      mail.size = line.size;
    } else if (line.kind === "notified") this.#link(host, line.noticeId, mail.lastTo, mail);
  }

  /** A message was handed on under another queue id of the same server: that one goes on where this one ends. */
  handedOn(mail: QueuedMail, recipient: string, nextId: string): void {
    this.#link(mail.host, nextId, recipient, mail);
  }

  end(mail: QueuedMail): void {
    this.#mails.delete(`${mail.host}\n${mail.queueId}`);
  }

  /** What a filter says of a message that it has seen. */
  subjectOf(host: string, queueId: string, subject: string): void {
    const mail = this.#mails.get(`${host}\n${queueId}`);
    if (mail !== undefined) mail.subject ??= subject;
  }

  #link(host: string, nextId: string, recipient: string | undefined, parent: QueuedMail): void {
    const next = this.#mails.get(`${host}\n${nextId}`);
    if (next !== undefined && next !== parent && recipient !== undefined) next.parentId = mailIdOf(parent, recipient);
  }
}

/** The id of the row of one message and recipient: the same whenever the log is read. */
export function mailIdOf({ host, queueId, beganMs }: QueuedMail, recipient: string): string {
  return contentId(beganMs, `postfix mail\n${host}\n${queueId}\n${recipient.toLowerCase()}`);
}
