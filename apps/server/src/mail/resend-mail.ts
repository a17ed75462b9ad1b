import { AppError, type Json, type MailOrder, type MailParty, mailPriorities } from "@daybook/contract";
import PostalMime from "postal-mime";
import type { Querier } from "../access/staff-store.ts";
import type { Said } from "./draft-mail.ts";
import { readMail } from "./log/mail-store.ts";
import type { MailDeps } from "./mail-desk.ts";
import { addressKey, type MailRow } from "./mail-row.ts";
import { hiddenIn } from "./masking.ts";
import type { MimeAttachment } from "./mime.ts";
import { readOutbox } from "./outbox.ts";

interface ContentRow {
  headers: [string, string][];
  variables: Json | null;
  html: string | null;
  plain: string | null;
  attachments: { filename: string }[];
  masked: number;
}

/** A mail to be made again: what it says, or nothing where its template says it. */
export interface ResendOrder {
  order: MailOrder;
  said?: Said;
}

/**
 * What it takes to send a message once more:
 *  - while it waits in the outbox, what it says, whole;
 *  - after that its template with the data that is kept, or its text that is kept, as long as nothing in it was masked or left out.
 * What held a secret goes to nobody but its recipient. Throws `not_found`, `mail_not_resendable`.
 */
export async function resendOrder(
  deps: Pick<MailDeps, "db" | "vault">,
  workspaceId: number,
  id: string,
  to: MailParty | undefined,
): Promise<ResendOrder> {
  const row = await readMail(deps.db, workspaceId, id);
  const content = await readKept(deps.db, workspaceId, id);
  const order = orderOf(row, content?.headers ?? [], to);
  if ((content?.masked ?? 0) > 0 && isElsewhere(row, to))
    throw new AppError(
      "mail_not_resendable",
      "It holds a one-time link, a code or another secret: it goes to its recipient alone. Let the panel make a new one and send that.",
    );
  const raw = await readOutbox(deps.db, deps.vault, workspaceId, id);
  if (raw !== undefined && content !== undefined) return { order, said: await saidIn(raw, row, content) };
  if (content === undefined)
    throw new AppError(
      "mail_not_resendable",
      "What this mail said is not known: it was only reported, or read from a log.",
    );
  if (content.masked > 0)
    throw new AppError(
      "mail_not_resendable",
      "It held a one-time link, a code or another secret, which is masked in what is kept. Let the panel make a new one and send that.",
    );
  if (row.template !== null && row.delivery === 0 && isObject(content.variables))
    return { order: { ...order, template: row.template, data: content.variables, locale: row.locale ?? undefined } };
  if (content.attachments.length > 0)
    throw new AppError("mail_not_resendable", "Its attachments are not kept. Send the mail anew, with them.");
  if (content.html === null && content.plain === null)
    throw new AppError("mail_not_resendable", "What this mail said is not known: only its data was reported.");
  const said = { subject: row.subject, html: content.html ?? undefined, text: content.plain ?? undefined };
  return { order, said: { ...said, ...templateOf(row), secrets: [] } };
}

async function readKept(db: Querier, workspaceId: number, id: string): Promise<ContentRow | undefined> {
  const { rows } = await db.query<ContentRow>(
    "select headers, variables, html, plain, attachments, masked from mail_content where workspace_id = $1 and message_id = $2",
    [workspaceId, id],
  );
  return rows[0];
}

/** What the message says that waits in the outbox. What is masked of it in what is kept is a secret of the new one too. */
async function saidIn(raw: Buffer, row: MailRow, content: ContentRow): Promise<Said> {
  const mail = await PostalMime.parse(raw, { attachmentEncoding: "arraybuffer" });
  const pairs = [
    [row.subject, mail.subject],
    [content.html, mail.html],
    [content.plain, mail.text],
  ] as const;
  const secrets: string[] = [];
  for (const [kept, whole] of pairs) {
    const hidden = kept === null || whole === undefined ? [] : hiddenIn(kept, whole);
    if (hidden === undefined)
      throw new AppError("mail_not_resendable", "It holds a secret that could not be kept hidden in a second mail.");
    secrets.push(...hidden);
  }
  const inline = mail.attachments.map(
    ({ filename, mimeType, content: bytes, contentId }): MimeAttachment => ({
      filename: filename ?? "attachment",
      contentType: mimeType,
      content: Buffer.from(bytes as ArrayBuffer),
      ...(contentId === undefined ? {} : { contentId: contentId.replace(/^<|>$/g, "") }),
    }),
  );
  return {
    ...{ subject: mail.subject ?? row.subject, html: mail.html, text: mail.text, ...templateOf(row) },
    ...{ secrets, variables: content.variables ?? undefined, inline },
  };
}

/** For whom, from whom and about what: as with the first. */
function orderOf(row: MailRow, headers: readonly [string, string][], to: MailParty | undefined): MailOrder {
  const first = { address: row.to_address, ...(row.to_name === null ? {} : { name: row.to_name }) };
  const { from_address: address, from_name: name } = row;
  const replyTo = partyIn(headers.find(([header]) => header === "Reply-To")?.[1]);
  const unsubscribeUrl = /^<(https?:[^>]*)>/.exec(
    headers.find(([header]) => header === "List-Unsubscribe")?.[1] ?? "",
  )?.[1];
  const further = headers.filter(([header]) => /^X-/i.test(header));
  return {
    to: to ?? first,
    priority: mailPriorities[row.priority] ?? "normal",
    delivery: "daybook",
    targets: row.targets,
    ...(address === "" ? {} : { from: { address, ...(name === null ? {} : { name }) } }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(unsubscribeUrl === undefined ? {} : { unsubscribeUrl }),
    ...(further.length === 0 ? {} : { headers: Object.fromEntries(further) }),
    ...(row.project === null ? {} : { project: row.project }),
    // Somebody else who gets it is not the customer, who would see their address.
    ...(row.user_id === null || isElsewhere(row, to)
      ? {}
      : { user: { id: row.user_id, ...(row.user_name === null ? {} : { name: row.user_name }) } }),
  };
}

/** Whether it is for another address than the first was. */
export function isElsewhere(row: Pick<MailRow, "to_key">, to: MailParty | undefined): boolean {
  return to !== undefined && addressKey(to.address) !== row.to_key;
}

/** An address as mime.ts shows it: alone, or after a name in brackets. */
function partyIn(text: string | undefined): MailParty | undefined {
  if (text === undefined) return undefined;
  const named = /^(.*) <([^<>\s]+@[^<>\s]+)>$/.exec(text);
  if (named !== null) return { address: named[2] ?? "", name: named[1] ?? "" };
  return /^[^<>\s]+@[^<>\s]+$/.test(text) ? { address: text } : undefined;
}

const templateOf = (row: MailRow) => ({
  template: row.template ?? undefined,
  version: row.template_version ?? undefined,
  locale: row.locale ?? undefined,
});

const isObject = (value: Json | null): value is Record<string, Json> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
