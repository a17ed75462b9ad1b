import type { MailContent } from "@daybook/contract";
import MailComposer from "nodemailer/lib/mail-composer";

/** Headers that are made anew with the body, or that would be wrong of it: a signature does not fit what was masked. */
const remade = /^(?:content-.*|mime-version|dkim-signature|arc-.*|x-daybook-note)$/i;

const NOTE =
  "Rebuilt by Daybook from what it keeps. One-time links and codes are masked, attachments are left out: these are not the bytes that were sent.";

/**
 * A mail as a file (RFC 5322), made again of what is kept. In place of each attachment is a note with its name, size and hash. Nothing is
 * read from files or addresses.
 */
export async function sourceOf(content: MailContent): Promise<Buffer> {
  const notes = content.attachments.map(({ filename, contentType, bytes, sha256 }) => ({
    filename: `${filename}.txt`,
    contentType: "text/plain; charset=utf-8",
    content: `The attachment ${filename} (${contentType}, ${bytes} bytes) is not kept.\r\nSHA-256: ${sha256}\r\n`,
  }));
  const { html, text } = content;
  const node = new MailComposer({
    ...(html === undefined ? {} : { html }),
    ...(text === undefined && html !== undefined ? {} : { text: text ?? "" }),
    attachments: notes,
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: "windows",
  }).compile();
  const given = new Set<string>();
  for (const { name, value } of content.headers) {
    // A name that could end the header is none (RFC 5322, 3.6.8).
    if (remade.test(name) || !/^[!-9;-~]+$/.test(name)) continue;
    // The first takes the place of one that the composer made: Message-ID and Date.
    if (given.has(name.toLowerCase())) node.addHeader(name, value);
    else node.setHeader(name, value);
    given.add(name.toLowerCase());
  }
  const sha256 = content.sha256 === undefined ? "" : ` SHA-256 of those: ${content.sha256}.`;
  node.setHeader("X-Daybook-Note", NOTE + sha256);
  return node.build();
}
