import type { MailMessage, MailReport, NewMail } from "@daybook/contract";
import type { Background } from "./background.ts";
import type { Connection } from "./connection.ts";
import { uuidv7 } from "./uuid.ts";

/** A mail that Daybook sends: by template and data, or with a subject and html or text. */
export type SentMail = Omit<NewMail, "delivery" | "status" | "messageId" | "sentAt" | "answer">;
/** A mail that the panel sends or sent itself. With its Message-ID, reports of a provider find it. */
export type ReportedMail = Omit<NewMail, "delivery" | "sendAt" | "attachments" | "unsubscribeUrl">;

/** Mail: sent by Daybook, or sent by the panel and kept in the log. */
export class Mail {
  readonly #connection: Connection;
  readonly #background: Background;

  constructor(connection: Connection, background: Background) {
    this.#connection = connection;
    this.#background = background;
  }

  /**
   * Gives a mail to Daybook. Resolves when it is on disk there, not when it has arrived; what becomes of it is in the mail log. The key is
   * made here unless one is given, so a call whose answer was lost is made again and still sends once. Throws DaybookError.
   */
  send(mail: SentMail): Promise<MailMessage> {
    return this.#post({ key: uuidv7(), ...mail });
  }

  /** Tells of a mail that the panel sends itself: `sent` unless another status is given. Its key is made as with `send`. */
  report(mail: ReportedMail): Promise<MailMessage> {
    return this.#post({ key: uuidv7(), sentAt: new Date().toISOString(), ...mail, delivery: "external" });
  }

  /** Says later what became of a reported mail. The time is the time of this call, however late it arrives. */
  async update(id: string, report: MailReport): Promise<MailMessage> {
    return this.#call("PATCH", `/mail/messages/${encodeURIComponent(id)}`, { at: new Date().toISOString(), ...report });
  }

  #post(mail: NewMail): Promise<MailMessage> {
    return this.#call("POST", "/mail/messages", mail);
  }

  /** `close()` waits for it, also when nobody waits for the result. */
  #call(method: "POST" | "PATCH", path: string, body: object): Promise<MailMessage> {
    const called = this.#connection.call({ method, path, body: JSON.stringify(body) });
    this.#background.wait(called.catch(() => {}));
    return called.then((answer) => answer.body as MailMessage);
  }
}
