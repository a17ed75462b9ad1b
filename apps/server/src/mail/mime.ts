import type { MailParty } from "@daybook/contract";
import MailComposer from "nodemailer/lib/mail-composer";
import { randomHex } from "../record/event-id.ts";
import { bytesOf } from "./mime-bytes.ts";

/** A message to be made: everything that goes into its bytes. */
export interface MimeParts {
  from: MailParty;
  to: MailParty;
  replyTo?: MailParty | undefined;
  subject: string;
  html?: string | undefined;
  text?: string | undefined;
  /** Without brackets. */
  messageId: string;
  dateMs: number;
  /** Further ones, in their order. */
  headers: readonly (readonly [string, string])[];
  attachments: readonly MimeAttachment[];
}

export interface MimeAttachment {
  filename: string;
  contentType: string;
  content: Buffer;
  contentId?: string | undefined;
}

/** The message as it goes out (RFC 5322), with CRLF at the end of each line. Nothing in it is read from files or addresses. */
export function buildMime(parts: MimeParts): Buffer {
  const composer = new MailComposer({
    from: named(parts.from),
    to: named(parts.to),
    ...(parts.replyTo === undefined ? {} : { replyTo: named(parts.replyTo) }),
    subject: parts.subject,
    ...(parts.html === undefined ? {} : { html: crlf(parts.html) }),
    ...(parts.text === undefined ? {} : { text: crlf(parts.text) }),
    messageId: `<${parts.messageId}>`,
    date: new Date(parts.dateMs),
    headers: parts.headers.map(([key, value]) => ({ key, value })),
    attachments: parts.attachments.map(({ filename, contentType, content, contentId }) => ({
      ...{ filename, contentType, content },
      ...(contentId === undefined ? {} : { cid: contentId }),
    })),
    baseBoundary: randomHex(8),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return bytesOf(composer.compile());
}

/** The headers that a reader of the log sees, decoded, in the order in which mail programs show them. */
export function shownHeaders(parts: MimeParts): [string, string][] {
  return [
    ["From", partyText(parts.from)],
    ["To", partyText(parts.to)],
    ...(parts.replyTo === undefined ? [] : [["Reply-To", partyText(parts.replyTo)] as [string, string]]),
    ["Subject", parts.subject],
    ["Date", new Date(parts.dateMs).toUTCString().replace("GMT", "+0000")],
    ["Message-ID", `<${parts.messageId}>`],
    ...parts.headers.map(([name, value]): [string, string] => [name, value]),
  ];
}

/**
 * Headers that let a mail program offer to unsubscribe (RFC 2369), with one click if the address is https (RFC 8058). Without an address of
 * its own, by a mail to the sender.
 */
export function unsubscribeHeaders(url: string | undefined, sender: string): [string, string][] {
  if (url === undefined) return [["List-Unsubscribe", `<mailto:${sender}?subject=unsubscribe>`]];
  // Brackets end the address in the header (RFC 2369, 2).
  const list: [string, string] = ["List-Unsubscribe", `<${url.replace(/[<>\s]/g, encodeURIComponent)}>`];
  return url.startsWith("https:") ? [list, ["List-Unsubscribe-Post", "List-Unsubscribe=One-Click"]] : [list];
}

/** Everything else ends its lines so already. */
const crlf = (text: string): string => text.replace(/\r?\n|\r/g, "\r\n");

const named = ({ address, name }: MailParty): { address: string; name: string } => ({ address, name: name ?? "" });
const partyText = ({ address, name }: MailParty): string =>
  name === undefined || name === "" ? address : `${name} <${address}>`;
