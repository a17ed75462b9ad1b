import { hash } from "node:crypto";
import type { BinaryRow } from "./binary-row.ts";

const DIGITS = Buffer.from("0123456789abcdef");
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const COMMA = 0x2c;
const ZERO = 0x30;
/** Texts up to this length have their view kept. */
const VIEWS = 2_048;
/** Control characters that JSON writes with a letter. */
const letters = new Map([
  [8, 0x62],
  [9, 0x74],
  [10, 0x6e],
  [12, 0x66],
  [13, 0x72],
]);

/** Text in the making, as UTF-8 bytes. Has room for what it is given; the caller sees to that. */
export class ByteText {
  readonly #bytes: Buffer;
  /** Views of the first bytes, by their number. */
  readonly #views: (Buffer | undefined)[] = new Array<Buffer | undefined>(VIEWS).fill(undefined);
  #at = 0;
  #members = 0;

  constructor(room: number) {
    this.#bytes = Buffer.allocUnsafe(room);
  }

  /** Begins anew. */
  clear(): this {
    this.#at = 0;
    return this;
  }

  put(part: Uint8Array): this {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let index = 0; index < part.length; index++) bytes[at++] = part[index] as number;
    this.#at = at;
    return this;
  }

  /** Begins the members of an object. */
  object(start: Uint8Array): this {
    this.#members = 0;
    return this.put(start);
  }

  /** The next member's key (`"key":`), after a comma when it is not the first. */
  key(key: Uint8Array): this {
    if (this.#members++ > 0) this.#bytes[this.#at++] = COMMA;
    return this.put(key);
  }

  /** A whole number of at most 15 digits. */
  integer(value: number): this {
    if (!(value >= 0 && value < 1e15)) return this.ascii(`${value}`);
    const high = Math.floor(value / 1e7);
    if (high > 0) this.#digits(high, 1);
    this.#digits(value - high * 1e7, high > 0 ? 7 : 1);
    return this;
  }

  /** The digits of a number below 1e8, with zeros in front up to `least`. */
  #digits(value: number, least: number): void {
    let count = least;
    for (let limit = 10 ** least; limit <= value; limit *= 10) count++;
    const end = this.#at + count;
    let rest = value | 0;
    for (let at = end - 1; at >= this.#at; at--) {
      const next = (rest / 10) | 0;
      this.#bytes[at] = ZERO + rest - next * 10;
      rest = next;
    }
    this.#at = end;
  }

  /** ASCII. */
  ascii(text: string): this {
    this.#at += this.#bytes.write(text, this.#at, "latin1");
    return this;
  }

  /** The bytes of a column as they are, from the one at `skip` on. */
  raw(row: BinaryRow, field: number, skip = 0): this {
    const start = row.starts[field] as number;
    this.#at += row.bytes.copy(this.#bytes, this.#at, start + skip, start + (row.lengths[field] as number));
    return this;
  }

  /** A text column as JSON, just as JSON.stringify writes it. */
  json(row: BinaryRow, field: number): this {
    const source = row.bytes;
    const bytes = this.#bytes;
    const start = row.starts[field] as number;
    const end = start + (row.lengths[field] as number);
    let at = this.#at;
    bytes[at++] = QUOTE;
    for (let index = start; index < end; index++) {
      const byte = source[index] as number;
      if (byte < SPACE) at = control(bytes, at, byte);
      else {
        if (byte === QUOTE || byte === BACKSLASH) bytes[at++] = BACKSLASH;
        bytes[at++] = byte;
      }
    }
    bytes[at++] = QUOTE;
    this.#at = at;
    return this;
  }

  /** So many bytes from `start` on, in hex. */
  hex(source: Uint8Array, start: number, count: number): this {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let index = start; index < start + count; index++) {
      const byte = source[index] as number;
      bytes[at++] = DIGITS[byte >> 4] as number;
      bytes[at++] = DIGITS[byte & 15] as number;
    }
    this.#at = at;
    return this;
  }

  /** SHA-256 of the text, hex. */
  sha256(): string {
    const length = this.#at;
    if (length >= VIEWS) return hash("sha256", this.#bytes.subarray(0, length), "hex");
    // A view costs a quarter as much as a hash.
    const view = this.#views[length] ?? this.#bytes.subarray(0, length);
    this.#views[length] = view;
    return hash("sha256", view, "hex");
  }
}

function control(bytes: Buffer, start: number, byte: number): number {
  let at = start;
  bytes[at++] = BACKSLASH;
  const letter = letters.get(byte);
  if (letter !== undefined) bytes[at++] = letter;
  else at += bytes.write(`u00${byte.toString(16).padStart(2, "0")}`, at, "latin1");
  return at;
}
