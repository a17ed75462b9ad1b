import type { MailClass } from "@daybook/contract";

/** One line of a mail server's log about one message and one recipient, for the mail log. */
export interface ImportedDelivery {
  /** The id of the message's row, if there is none yet for this queue id and recipient. */
  mailId: string;
  /** Of the event of this delivery. */
  eventId: string;
  status: "sent" | "bounced" | "deferred" | "failed";
  /** Nothing was tried: the queue gave up. */
  isEnd: boolean;
  atMs: number;
  /** When this attempt began, ms. */
  attemptedMs: number;
  /** When the message came into the queue, ms. */
  queuedMs: number;
  queueId: string;
  to: string;
  origTo?: string;
  from: string;
  subject: string;
  messageId?: string;
  sizeBytes?: number;
  sasl?: string;
  relay?: string;
  class?: MailClass;
  code?: number;
  dsn?: string;
  answer: string;
  /** The mail of whose delivery this one is made, by its row's id. */
  parentId?: string;
}
