import type { Actor, EventInput, Json, MailClass, Target } from "@daybook/contract";
import { deliveryClass, serverAnswer } from "./delivery-class.ts";
import type { ImportedDelivery } from "./imported-mail.ts";
import { mailIdOf, type QueuedMail } from "./mail-queue.ts";
import type { PostfixDelivery } from "./postfix-line.ts";
import { type PostfixReject, rejectReason } from "./postfix-reject.ts";

/** Of a text that whoever sends a mail may choose. */
const TEXT_MAX = 2_000;
const NAME_MAX = 255;

/** What a line stands for: its event, and what the mail log keeps of it. */
export interface Told {
  event: EventInput;
  mail?: ImportedDelivery;
}

const postfixActor: Actor = { type: "system", id: "postfix", name: "Postfix" };

const statuses: Readonly<Record<string, ImportedDelivery["status"]>> = {
  sent: "sent",
  bounced: "bounced",
  deferred: "deferred",
  expired: "failed",
};

/** One attempt to deliver. Undefined for a probe of an address (`deliverable`, `undeliverable`), which delivers nothing. */
export function tellDelivery(mail: QueuedMail, line: PostfixDelivery, atMs: number, eventId: string): Told | undefined {
  const status = statuses[line.status];
  if (status === undefined) return undefined;
  const { to, origTo, relay, dsn, response, attemptSeconds, delaySeconds } = line;
  const class_ = line.status === "expired" ? "expired" : deliveryClass(dsn, response);
  const code = serverAnswer(response)?.code;
  return told(mail, {
    ...{ status, to, atMs, eventId, isEnd: false, answer: response },
    attemptedMs: atMs - Math.round(attemptSeconds * 1_000),
    ...(status === "sent" ? {} : { class: class_ }),
    ...(origTo === undefined ? {} : { origTo }),
    ...(relay === undefined ? {} : { relay }),
    ...(dsn === undefined ? {} : { dsn }),
    ...(code === undefined ? {} : { code }),
    delaySeconds,
  });
}

/** The queue gave a message up for one of the recipients that it had not reached. */
export function tellEnd(mail: QueuedMail, to: string, why: "expired" | "deleted", atMs: number, eventId: string): Told {
  const origTo = mail.open.get(to)?.origTo;
  const [class_, answer]: [MailClass, string] =
    why === "expired" ? ["expired", "expired, returned to sender"] : ["cancelled", "deleted from the queue"];
  return told(mail, {
    ...{ status: "failed", to, atMs, eventId, isEnd: true, answer, class: class_, attemptedMs: atMs },
    ...(origTo === undefined ? {} : { origTo }),
  });
}

/** The queue gave up a message of which the log does not say for whom it was. */
export function tellUnknownEnd({ host, queueId, from }: QueuedMail, atMs: number, eventId: string): Told {
  return {
    event: {
      ...{ id: eventId, occurredAt: new Date(atMs).toISOString(), action: "mail.failed" },
      actor: postfixActor,
      targets: server(host),
      origin: { ip: null },
      outcome: "failure",
      reason: "expired",
      details: some({ queueId, from }),
    },
  };
}

type Outcome = Pick<
  ImportedDelivery,
  | ("status" | "to" | "origTo" | "atMs" | "eventId" | "isEnd" | "answer")
  | ("class" | "relay" | "dsn" | "code" | "attemptedMs")
> & { delaySeconds?: number };

function told(queued: QueuedMail, { delaySeconds, ...outcome }: Outcome): Told {
  const { host, queueId, from = "", messageId, sasl, client, parentId, size, subject = "" } = queued;
  const mail: ImportedDelivery = {
    ...outcome,
    answer: outcome.answer.slice(0, TEXT_MAX),
    mailId: mailIdOf(queued, outcome.to),
    queuedMs: queued.beganMs,
    ...{ queueId, from, subject: subject.slice(0, TEXT_MAX) },
    ...(messageId ? { messageId: messageId.slice(0, TEXT_MAX) } : {}),
    ...(size === undefined ? {} : { sizeBytes: size }),
    ...(sasl === undefined ? {} : { sasl }),
    ...(parentId === undefined ? {} : { parentId }),
  };
  const { to, origTo, relay, dsn, answer } = mail;
  const event: EventInput = {
    id: mail.eventId,
    occurredAt: new Date(mail.atMs).toISOString(),
    action: `mail.${mail.status}`,
    actor: postfixActor,
    targets: [{ type: "mail", id: mail.mailId, name: to.slice(0, NAME_MAX) }, ...address(origTo), ...server(host)],
    origin: { ip: queued.ip ?? null },
    outcome: mail.status === "sent" ? "success" : "failure",
    ...(mail.class === undefined ? {} : { reason: mail.class }),
    details: some({ queueId, from, relay, dsn, answer, delaySeconds, messageId, client, login: sasl, sizeBytes: size }),
  };
  return { event, mail };
}

/** Somebody was not let in. */
export function tellReject(host: string, reject: PostfixReject, atMs: number, eventId: string): Told {
  const { to, ip, stage, client, code, dsn, text, from, protocol, helo, sasl, queueId } = reject;
  const event: EventInput = {
    id: eventId,
    occurredAt: new Date(atMs).toISOString(),
    action: "mail.rejected",
    actor: sasl === undefined ? { type: "anonymous" } : { type: "user", id: sasl.slice(0, NAME_MAX) },
    targets: [...address(to), ...server(host)],
    origin: { ip: ip ?? null },
    outcome: "denied",
    reason: rejectReason(text),
    details: some({ code, dsn, stage, answer: text, from, client, protocol, helo, queueId }),
  };
  return { event };
}

function address(text: string | undefined): Target[] {
  const id = text?.slice(0, NAME_MAX) ?? "";
  return id === "" ? [] : [{ type: "mail_address", id, name: id }];
}

function server(host: string): Target[] {
  return host === "" ? [] : [{ type: "server", id: host.slice(0, NAME_MAX) }];
}

function some(members: Record<string, string | number | undefined>): Record<string, Json> {
  const cut = (value: string | number): Json => (typeof value === "string" ? value.slice(0, TEXT_MAX) : value);
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, value]) =>
      value === undefined || value === "" ? [] : [[name, cut(value)]],
    ),
  );
}
