import { hash } from "node:crypto";
import { type Json, type MailOrder, type MailParty, mailHappenings } from "@daybook/contract";
import { newId } from "../record/event-id.ts";
import { bodyOf } from "../tasks/task-desk.ts";
import { targetKeys } from "../tasks/task-row.ts";
import type { Doer } from "../tasks/transition.ts";
import { Cleaning } from "./cleaning.ts";
import type { MailDeps } from "./mail-desk.ts";
import { attachmentsOf, replyToOf, senderOf } from "./mail-order.ts";
import { addressKey, domainOf, mailDeliveryNumber, mailPriorityNumber, mailStatusNumber } from "./mail-row.ts";
import type { DraftHappening, KeptContent, MailDraft } from "./mail-store.ts";
import { buildMime, type MimeAttachment, type MimeParts, shownHeaders, unsubscribeHeaders } from "./mime.ts";
import { outboxPlace } from "./outbox.ts";

export type DraftDeps = Pick<MailDeps, "clock" | "redaction" | "settings" | "vault">;

/** What a mail says: what its template made, or what the caller gave. */
export interface Said {
  subject: string;
  html?: string | undefined;
  text?: string | undefined;
  template?: string | undefined;
  version?: number | undefined;
  locale?: string | undefined;
  /** Must not be readable afterwards. */
  secrets: readonly string[];
  /** What the template was given, secret tokens masked. */
  variables?: Json | undefined;
  unsubscribe?: boolean | undefined;
  /** Pictures that the HTML shows. */
  inline?: MimeAttachment[] | undefined;
}

/** A message to be stored, with what goes into the outbox if Daybook delivers it. */
export interface MadeMail {
  draft: MailDraft;
  sealed?: Buffer | undefined;
}

/** Where a mail comes from that is made again. */
export interface Origin extends Doer {
  resendOf?: string | undefined;
}

/**
 * Makes a message that Daybook delivers.
 *  1. Fix its id, its Message-ID at the sender's domain and its date: an attempt that is made twice sends the same message.
 *  2. Build its bytes, hash and seal them.
 *  3. Keep of it what may be read.
 */
export async function draftMail(
  deps: DraftDeps,
  workspaceId: number,
  order: MailOrder,
  said: Said,
  origin: Origin,
): Promise<MadeMail> {
  const nowMs = deps.clock();
  const id = newId(nowMs);
  const settings = deps.settings.of(workspaceId);
  const from = senderOf(order, settings);
  const sendAtMs = order.sendAt === undefined ? undefined : Math.max(nowMs, Date.parse(order.sendAt));
  const unsubscribe =
    said.unsubscribe === true || order.unsubscribeUrl !== undefined
      ? unsubscribeHeaders(order.unsubscribeUrl, replyToOf(order, settings)?.address ?? from.address)
      : [];
  const parts: MimeParts = {
    ...{ from, to: order.to, subject: said.subject, html: said.html, text: said.text },
    replyTo: replyToOf(order, settings),
    messageId: `${id}@${domainOf(from.address)}`,
    dateMs: sendAtMs ?? nowMs,
    headers: [...unsubscribe, ...Object.entries(order.headers ?? {})],
    attachments: [...attachmentsOf(order.attachments), ...(said.inline ?? [])],
  };
  const mime = buildMime(parts);
  const { draft, content } = keep(
    deps,
    workspaceId,
    { id, nowMs, order, said, from, origin },
    shownHeaders(parts),
    parts.attachments,
  );
  const sendAt = sendAtMs === undefined ? null : timeText(sendAtMs);
  return {
    draft: {
      ...draft,
      content,
      message_id: parts.messageId,
      send_at: sendAt,
      next_try_at: sendAt,
      task_id: newId(nowMs),
      size_bytes: mime.length,
      body_hash: hash("sha256", mime, "hex"),
    },
    sealed: deps.vault.seal(outboxPlace(workspaceId, id), mime),
  };
}

/** Makes the record of a mail that the panel sends, or has sent, itself. */
export function draftExternal(deps: DraftDeps, workspaceId: number, order: MailOrder, origin: Origin): MadeMail {
  const nowMs = deps.clock();
  const sentMs = order.sentAt === undefined ? nowMs : Math.min(nowMs, Date.parse(order.sentAt));
  const settings = deps.settings.of(workspaceId);
  const from = order.from ?? { address: settings.mailFrom ?? "" };
  const said: Said = {
    ...{
      subject: order.subject ?? "",
      html: order.html,
      text: order.text,
      template: order.template,
      locale: order.locale,
    },
    ...{ secrets: order.secrets ?? [], variables: order.data as Json | undefined },
  };
  const queuedMs = order.status === "queued" ? nowMs : sentMs;
  const id = newId(queuedMs);
  const headers = Object.entries(order.headers ?? {});
  const given = { id, nowMs: queuedMs, order, said, from, origin };
  const { draft, content, clean } = keep(deps, workspaceId, given, headers, attachmentsOf(order.attachments));
  const status = order.status ?? "sent";
  const at = timeText(sentMs);
  const answer = order.answer === undefined ? null : clean.text(order.answer);
  const after: DraftHappening[] =
    status === "queued"
      ? []
      : [{ n: 2, happening: mailHappenings.indexOf(status), at, event_id: newId(sentMs + 1), class: null, answer }];
  const messageId = order.messageId === undefined ? null : clean.text(order.messageId.replace(/^\s*<|>\s*$/g, ""));
  const hasContent = order.html !== undefined || order.text !== undefined || order.data !== undefined;
  return {
    draft: {
      ...draft,
      content: hasContent ? content : null,
      status: mailStatusNumber(status),
      message_id: messageId,
      sent_at: status === "sent" ? at : null,
      settled_at: status === "queued" ? null : at,
      answer,
      body: bodyOf([draft.body, messageId, answer]),
      happened: [
        { n: 1, happening: mailHappenings.indexOf("reported"), at: timeText(queuedMs), event_id: newId(queuedMs) },
        ...after,
      ],
    },
  };
}

/** A message that came in as a whole, for one recipient: it goes out as it is. */
export interface RelayedMail {
  /** The message as it goes out (RFC 5322, CRLF). */
  raw: Buffer;
  from: MailParty;
  to: MailParty;
  /** What it says, read from it. */
  subject: string;
  html?: string | undefined;
  text?: string | undefined;
  /** As they stand in it, decoded, in their order. */
  headers: [string, string][];
  attachments: readonly MimeAttachment[];
  /** Without brackets. */
  messageId?: string | undefined;
  template?: string | undefined;
  user?: MailOrder["user"];
  targets?: MailOrder["targets"];
  project?: string | undefined;
  priority?: MailOrder["priority"] | undefined;
  /** The same key again is the same message. */
  key?: string | undefined;
}

/** Makes a message of one that was taken in. */
export function draftRelayed(deps: DraftDeps, workspaceId: number, mail: RelayedMail, origin: Origin): MadeMail {
  const nowMs = deps.clock();
  const id = newId(nowMs);
  const { to, user, targets, project, priority = "normal", subject, html, text, template } = mail;
  const order: MailOrder = { to, priority, delivery: "daybook", user, targets, project };
  const said: Said = { subject, html, text, template, secrets: [] };
  const given = { id, nowMs, order, said, from: mail.from, origin };
  const { draft, content, clean } = keep(deps, workspaceId, given, mail.headers, mail.attachments);
  const messageId = mail.messageId === undefined ? null : clean.text(mail.messageId);
  return {
    draft: {
      ...draft,
      content,
      delivery: mailDeliveryNumber("relay"),
      message_id: messageId,
      body: bodyOf([draft.body, messageId]),
      task_id: newId(nowMs),
      size_bytes: mail.raw.length,
      body_hash: hash("sha256", mail.raw, "hex"),
    },
    sealed: deps.vault.seal(outboxPlace(workspaceId, id), mail.raw),
  };
}

interface Given {
  id: string;
  nowMs: number;
  order: MailOrder;
  said: Said;
  from: MailParty;
  origin: Origin;
}

/** What is kept of a mail for reading and for finding: without its secrets. */
function keep(
  deps: DraftDeps,
  workspaceId: number,
  { id, nowMs, order, said, from, origin }: Given,
  headers: [string, string][],
  attachments: readonly MimeAttachment[],
): { draft: MailDraft; content: KeptContent; clean: Cleaning } {
  const data = order.data as Json | undefined;
  const parts = { subject: said.subject, html: said.html, text: said.text, variables: data, headers };
  const clean = new Cleaning(deps.redaction.of(workspaceId), parts, [...said.secrets, ...(order.secrets ?? [])], data);
  const text = (value: string | undefined): string | null => (value === undefined ? null : clean.text(value));
  const subject = clean.text(said.subject);
  const content: KeptContent = {
    headers: clean.json(headers),
    variables: clean.json(said.variables) ?? null,
    html: text(said.html),
    plain: text(said.text),
    attachments: attachments.map(({ filename, contentType, content: bytes }) => ({
      ...{ filename: clean.text(filename), contentType, bytes: bytes.length, sha256: hash("sha256", bytes, "hex") },
    })),
    masked: clean.places,
  };
  const { user } = order;
  const to: MailParty = order.to;
  const targets = clean.json(order.targets ?? []);
  const actor = clean.json(order.actor) ?? origin.actor ?? null;
  const names = { from: text(from.name), to: text(to.name), user: text(user?.name), userId: text(user?.id) };
  const [template, project] = [said.template ?? null, text(order.project)];
  const at = timeText(nowMs);
  const draft: MailDraft = {
    ...{ id, status: 0, delivery: mailDeliveryNumber(order.delivery), priority: mailPriorityNumber(order.priority) },
    ...{ template, template_version: said.version ?? null, locale: said.locale ?? null, subject },
    ...{ from_address: from.address, from_name: names.from, to_address: to.address, to_key: addressKey(to.address) },
    ...{ to_domain: domainOf(to.address), to_name: names.to, user_id: names.userId, user_name: names.user, project },
    ...{
      target_keys: targetKeys(targets),
      targets,
      message_id: null,
      provider: null,
      provider_id: null,
      queue_id: null,
    },
    ...{ queued_at: at, send_at: null, sent_at: null, settled_at: null, next_try_at: null, attempts: 0 },
    ...{ class: null, answer: null, transport: null, task_id: null, resend_of: origin.resendOf ?? null },
    ...{ requested_by: actor, size_bytes: null, body_hash: null, content: null, actor, origin: origin.origin ?? null },
    body: bodyOf([
      ...[subject, template, to.address, names.to, from.address, names.from, names.userId, names.user, project, id],
      ...targets.flatMap((target) => [target.id, target.name]),
    ]),
    happened: [{ n: 1, happening: mailHappenings.indexOf("queued"), at, event_id: newId(nowMs) }],
  };
  return { draft, content, clean };
}

const timeText = (ms: number): string => new Date(ms).toISOString();
