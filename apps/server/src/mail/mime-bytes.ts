import type MailComposer from "nodemailer/lib/mail-composer";

type MimeNode = ReturnType<MailComposer["compile"]>;

const LINE_MAX = 76;
const EQUALS = 61;
const CR = 13;
const LF = 10;

/**
 * The bytes of a message whose parts are texts and buffers. The same as `node.build()`, without a stream for each part: that takes three times
 * as long, and is the largest single cost of a mail.
 */
export function bytesOf(node: MimeNode): Buffer {
  const pieces: Buffer[] = [];
  write(node, pieces);
  const last = pieces.at(-1);
  if (last?.at(-1) !== LF) pieces.push(Buffer.from("\r\n"));
  return Buffer.concat(pieces);
}

function write(node: MimeNode, pieces: Buffer[]): void {
  const { content } = node;
  if (content !== undefined && typeof content !== "string" && !Buffer.isBuffer(content))
    throw new TypeError("A part of a mail is neither text nor bytes.");
  // They say how the content is to be encoded, which takes a look at all of it.
  pieces.push(Buffer.from(`${node.buildHeaders()}\r\n\r\n`));
  if (content !== undefined) pieces.push(encoded(Buffer.from(content), node.getHeader("Content-Transfer-Encoding")));
  if (!node.multipart) return;
  for (const [index, child] of node.childNodes.entries()) {
    pieces.push(Buffer.from(`${index > 0 ? "\r\n" : ""}--${node.boundary}\r\n`));
    write(child, pieces);
  }
  pieces.push(Buffer.from(`\r\n--${node.boundary}--\r\n`));
}

function encoded(bytes: Buffer, encoding: unknown): Buffer {
  if (encoding === "base64") return Buffer.from(bytes.toString("base64").replace(/.{76}(?=.)/g, "$&\r\n"));
  return encoding === "quoted-printable" ? quotedPrintable(bytes) : bytes;
}

const hex = "0123456789ABCDEF";

/** Quoted-printable of a text whose lines end in CRLF (RFC 2045, 6.7). */
export function quotedPrintable(bytes: Buffer): Buffer {
  // At most three bytes for one, and a break of three after each 73.
  const out = Buffer.allocUnsafe(bytes.length * 3 + Math.ceil(bytes.length / 24) * 3 + 3);
  let length = 0;
  let column = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === CR && bytes[at + 1] === LF) {
      out[length++] = CR;
      out[length++] = LF;
      at++;
      column = 0;
      continue;
    }
    const next = bytes[at + 1];
    // White space at the end of a line would be lost.
    const blank = (byte === 32 || byte === 9) && next !== undefined && next !== CR;
    const plain = blank || (byte > 32 && byte < 127 && byte !== EQUALS);
    const size = plain ? 1 : 3;
    if (column + size > LINE_MAX - 1) {
      out[length++] = EQUALS;
      out[length++] = CR;
      out[length++] = LF;
      column = 0;
    }
    column += size;
    if (plain) out[length++] = byte;
    else {
      out[length++] = EQUALS;
      out[length++] = hex.charCodeAt(byte >> 4);
      out[length++] = hex.charCodeAt(byte & 15);
    }
  }
  return out.subarray(0, length);
}
