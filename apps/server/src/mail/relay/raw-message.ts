import { randomUUID } from "node:crypto";

/** One header field of a message, as its bytes stand, folded lines and line end included. */
interface Field {
  /** In lower case. */
  name: string;
  bytes: Buffer;
}

/** A message in bytes, its header taken apart. */
export interface RawMessage {
  fields: Field[];
  /** From the empty line on. */
  rest: Buffer;
}

/** For the relay alone: whoever sends may say here whom a mail is for. They do not go out. */
const OWN_PREFIX = "x-daybook-";

/** Takes a message apart at the end of its header (RFC 5322, 2.1), without a look at what it says. */
export function readRaw(raw: Buffer): RawMessage {
  const fields: Field[] = [];
  let start = 0;
  while (start < raw.length) {
    let end = lineEnd(raw, start);
    if (isEmptyLine(raw, start, end)) return { fields, rest: raw.subarray(start) };
    // Lines that begin with a blank go on with the field before.
    while (end < raw.length && (raw[end] === 0x20 || raw[end] === 0x09)) end = lineEnd(raw, end);
    const bytes = raw.subarray(start, end);
    const colon = bytes.indexOf(0x3a);
    fields.push({ name: colon === -1 ? "" : bytes.toString("latin1", 0, colon).trim().toLowerCase(), bytes });
    start = end;
  }
  return { fields, rest: Buffer.alloc(0) };
}

/** The value of a field, unfolded; undefined if there is none. */
export function fieldOf({ fields }: RawMessage, name: string): string | undefined {
  const field = fields.find((each) => each.name === name);
  const text = field?.bytes.toString("utf8");
  return text
    ?.slice(text.indexOf(":") + 1)
    .replace(/\r?\n/g, "")
    .trim();
}

/**
 * The message as it goes out: as it came, without Bcc (RFC 5322, 3.6.3) and without what was said to the relay alone. What every message must
 * have and this one lacks is put in front: Message-ID and Date (RFC 6409, 8).
 */
export function outgoing(message: RawMessage, senderDomain: string, nowMs: number): { raw: Buffer; messageId: string } {
  const kept = message.fields.filter(({ name }) => name !== "bcc" && !name.startsWith(OWN_PREFIX));
  const given = fieldOf(message, "message-id")?.replace(/^<|>$/g, "");
  const messageId = given || `${randomUUID()}@${senderDomain}`;
  const added: string[] = [];
  if (!given) added.push(`Message-ID: <${messageId}>\r\n`);
  if (fieldOf(message, "date") === undefined)
    added.push(`Date: ${new Date(nowMs).toUTCString().replace("GMT", "+0000")}\r\n`);
  const fields = given ? kept : kept.filter(({ name }) => name !== "message-id");
  const raw = Buffer.concat([Buffer.from(added.join("")), ...fields.map(({ bytes }) => bytes), message.rest]);
  return { raw, messageId };
}

function lineEnd(raw: Buffer, from: number): number {
  const feed = raw.indexOf(0x0a, from);
  return feed === -1 ? raw.length : feed + 1;
}

function isEmptyLine(raw: Buffer, start: number, end: number): boolean {
  const length = end - start;
  return (length === 1 && raw[start] === 0x0a) || (length === 2 && raw[start] === 0x0d && raw[start + 1] === 0x0a);
}
