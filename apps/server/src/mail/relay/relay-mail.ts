import { hash } from "node:crypto";
import { limits, type MailParty, mailLimits, mailPriorities, type Target, targetSchema } from "@daybook/contract";
import PostalMime, { type Address, type Attachment, decodeWords, type Email } from "postal-mime";
import type { RelayedMail } from "../draft-mail.ts";
import { addressKey, domainOf } from "../mail-row.ts";
import type { MimeAttachment } from "../mime.ts";
import { fieldOf, outgoing, type RawMessage, readRaw } from "./raw-message.ts";

/** How deep parts may be in parts: a message that is deeper is no mail that somebody wrote. */
const NESTING_MAX = 30;
const HEADER_BYTES_MAX = 256 * 1024;

export interface RelayEnvelope {
  from: string;
  to: readonly string[];
}

/** A message that cannot be read. */
export class UnreadableMessage extends Error {
  override name = "UnreadableMessage";
}

/**
 * The mails that one message makes: one a recipient, all of them with the same bytes. The key is of the bytes and the recipient: a client
 * that lost the answer and sends again, and a mail server that is set to send to the relay it comes from, send nothing twice.
 * Throws UnreadableMessage.
 */
export async function relayedMails(source: Buffer, envelope: RelayEnvelope, nowMs: number): Promise<RelayedMail[]> {
  const message = readRaw(source);
  const { raw, messageId } = outgoing(message, domainOf(envelope.from), nowMs);
  const options = { maxNestingDepth: NESTING_MAX, maxHeadersSize: HEADER_BYTES_MAX };
  const email = await PostalMime.parse(raw, options).catch((cause: unknown) => {
    throw new UnreadableMessage("The message is nested too deep, or its header is too long.", { cause });
  });
  if (bytesOf(email.html) > 2 * mailLimits.htmlBytesMax || bytesOf(email.text) > 2 * mailLimits.textBytesMax)
    throw new UnreadableMessage("Its text is larger than that of a mail. What is long belongs into an attachment.");
  const from = flat(email.from)[0];
  const names = new Map(
    [
      ...flat(email.to),
      ...flat(email.cc),
      ...flat(message.fields.some(({ name }) => name === "bcc") ? undefined : email.bcc),
    ].map(({ address, name }) => [addressKey(address ?? ""), name]),
  );
  const said = {
    raw,
    messageId,
    from: named(envelope.from, from?.name),
    subject: (email.subject ?? "").slice(0, mailLimits.subjectLengthMax),
    html: email.html,
    text: email.text,
    headers: email.headers.map(({ originalKey, value }): [string, string] => [originalKey, decodeWords(value)]),
    attachments: email.attachments.map(attachmentOf),
    ...about(message),
  };
  // A message that had no Message-ID is another one each time it comes.
  const key = fieldOf(message, "message-id") === undefined ? undefined : `relay ${hash("sha256", raw, "hex")}`;
  const recipients = new Map(envelope.to.map((address) => [addressKey(address), address]));
  return [...recipients].map(([folded, address]) => ({
    ...said,
    to: named(address, names.get(folded)),
    ...(key === undefined ? {} : { key: `${key} ${folded}` }),
  }));
}

const bytesOf = (text: string | undefined): number => Buffer.byteLength(text ?? "");

/** What a panel may say of a mail in headers of its own, if it can: whose it is and what it is about. What is not understood is left out. */
function about(message: RawMessage): Pick<RelayedMail, "user" | "targets" | "template" | "project" | "priority"> {
  const value = (name: string): string | undefined =>
    fieldOf(message, `x-daybook-${name}`)?.slice(0, limits.stringLengthMax) || undefined;
  const user = value("user");
  const template = value("template");
  const targets = (value("target") ?? "").split(",").flatMap((text) => targetOf(text.trim()) ?? []);
  const priority = mailPriorities.find((name) => name === value("priority"));
  return {
    ...(user === undefined ? {} : { user: { id: user } }),
    ...(targets.length === 0 ? {} : { targets: targets.slice(0, limits.targetsMax) }),
    ...(template !== undefined &&
    /^[a-z0-9]+([_-][a-z0-9]+)*$/.test(template) &&
    template.length <= mailLimits.templateNameLengthMax
      ? { template }
      : {}),
    project: value("project"),
    priority,
  };
}

/** `server/srv-1`. */
function targetOf(text: string): Target | undefined {
  const slash = text.indexOf("/");
  const read = targetSchema.safeParse({ type: text.slice(0, slash), id: text.slice(slash + 1) });
  return slash > 0 && read.success ? read.data : undefined;
}

function flat(given: Email["from"] | Email["to"]): { address?: string | undefined; name: string }[] {
  const list: Address[] = given === undefined ? [] : Array.isArray(given) ? given : [given];
  return list.flatMap((each) => (each.group === undefined ? [each] : each.group));
}

function named(address: string, name: string | undefined): MailParty {
  const clean =
    name
      ?.replace(/\p{Cc}/gu, " ")
      .trim()
      .slice(0, 200) ?? "";
  return clean === "" ? { address } : { address, name: clean };
}

function attachmentOf({ filename, mimeType, content, contentId }: Attachment): MimeAttachment {
  return {
    filename: filename ?? "",
    contentType: mimeType,
    content: typeof content === "string" ? Buffer.from(content) : Buffer.from(content as Uint8Array),
    ...(contentId === undefined ? {} : { contentId: contentId.replace(/^<|>$/g, "") }),
  };
}
