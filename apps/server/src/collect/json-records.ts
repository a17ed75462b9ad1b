import { readLines } from "./lines.ts";

/** One record as JSON text, with the line it begins on, or what is wrong with it. */
export type JsonRecord =
  | { text: string; line: number }
  | { fault: { code: string; message: string }; text: string; line: number };

/** A longer record is refused: CloudTrail's own limit is 256 KiB, an event's too. */
export const RECORD_BYTES_MAX = 1024 * 1024;
/** How much is looked at to tell lines of JSON from one document. */
const HEAD_BYTES_MAX = 1024 * 1024;

/** The wrapper's name and the white space after it. */
const WRAPPER_BYTES_MAX = 256;
const NOWHERE = -1;
const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const LINE_FEED = 10;
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125];

/**
 * The records of a JSON file, streamed: one a line (NDJSON), the elements of one array, or those of the array that a
 * top-level object holds under `wrapper`, a pattern (`{"Records":[…]}`). A file of any size takes the memory of one record.
 */
export async function* readJsonRecords(chunks: AsyncIterable<Buffer>, wrapper: string): AsyncGenerator<JsonRecord> {
  const { head, rest } = await readHead(chunks);
  if (isLines(head, new RegExp(`^(?:${wrapper})$`))) {
    for await (const { text, number, tooLong } of readLines(rest())) {
      if (text.trim() === "") continue;
      if (tooLong) yield { fault: tooLarge, text, line: number };
      else yield { text, line: number };
    }
    return;
  }
  const splitter = new JsonSplitter(wrapper);
  for await (const chunk of rest()) yield* splitter.push(chunk);
  yield* splitter.end();
}

const tooLarge = { code: "record_too_large", message: `The record is larger than ${RECORD_BYTES_MAX} bytes.` };

async function readHead(chunks: AsyncIterable<Buffer>): Promise<{ head: string; rest: () => AsyncIterable<Buffer> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const held: Buffer[] = [];
  let bytes = 0;
  let lineFeeds = 0;
  while (bytes < HEAD_BYTES_MAX && lineFeeds < 2) {
    const next = await iterator.next();
    if (next.done) break;
    held.push(next.value);
    bytes += next.value.length;
    for (let at = next.value.indexOf(LINE_FEED); at !== -1 && lineFeeds < 2; at = next.value.indexOf(LINE_FEED, at + 1))
      lineFeeds += 1;
  }
  const rest = async function* () {
    try {
      yield* held;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  };
  return { head: Buffer.concat(held).toString("utf8"), rest };
}

/** Lines, when the first one is a whole record, or no JSON at all, or when the second begins a record of its own. */
function isLines(head: string, wrapper: RegExp): boolean {
  const start = head.trimStart();
  const end = start.indexOf("\n");
  if (!/^[[{]/.test(start)) return true;
  if (end === -1) return false;
  const first = start.slice(0, end).trimEnd();
  const value = parsed(first);
  if (value === undefined) return start.startsWith('{"', end + 1) && !/[[{,]$/.test(first);
  return !Array.isArray(value) && !Object.keys(value).some((key) => wrapper.test(key));
}

function parsed(text: string): object | undefined {
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

/**
 * Cuts one JSON document (or several in a row) into its records by counting brackets outside strings.
 *  - depth 0: between documents; an array opens the level of records, an object is a record, until `"wrapper":[` shows
 *    inside it that the records are one level further in
 *  - at the level of records: everything between commas is one
 */
class JsonSplitter {
  readonly #wrapper: RegExp;
  #depth = 0;
  /** Depth at which records lie: 0, 1 in an array, 2 in a wrapper, NOWHERE in what follows the wrapper's list. */
  #level = 0;
  #inString = false;
  #escaped = false;
  #line = 1;
  #recording = false;
  #recordLine = 1;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(wrapper: string) {
    this.#wrapper = new RegExp(`"(?:${wrapper})"\\s*:\\s*$`);
  }

  *push(chunk: Buffer): Generator<JsonRecord> {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
        continue;
      }
      if (byte === LINE_FEED) this.#line += 1;
      if (byte <= 32) continue;
      const closes = byte === CLOSE_LIST || byte === CLOSE_OBJECT;
      if (this.#recording && this.#depth === this.#level && (byte === COMMA || closes)) {
        yield* this.#finish(chunk.subarray(from, at));
      }
      if (!this.#recording && !closes && byte !== COMMA && this.#depth === this.#level && !this.#opensList(byte)) {
        this.#recording = true;
        this.#recordLine = this.#line;
        from = at;
      }
      if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        if (byte === OPEN_LIST && this.#depth === 1 && this.#level === 0 && this.#isWrapper(chunk.subarray(from, at))) {
          this.#drop();
          this.#level = 2;
        }
        this.#depth += 1;
      } else if (closes) {
        this.#depth = Math.max(0, this.#depth - 1);
        if (this.#recording && this.#depth === this.#level) yield* this.#finish(chunk.subarray(from, at + 1));
        else if (this.#depth === 0) this.#level = 0;
        else if (this.#depth === 1 && this.#level === 2) this.#level = NOWHERE;
      }
    }
    if (this.#recording) this.#keep(chunk.subarray(from));
  }

  *end(): Generator<JsonRecord> {
    if (!this.#recording && this.#depth === 0) return;
    const fault = { code: "truncated", message: "The file ends in the middle: its last bracket is missing." };
    const text = Buffer.concat(this.#parts).toString("utf8", 0, 65_536);
    if (!this.#recording) yield { fault, text, line: this.#line };
    else if (this.#depth > this.#level || this.#inString) yield { fault, text, line: this.#recordLine };
    else yield* this.#finish(Buffer.alloc(0));
  }

  /** A list at depth 0 is not a record: its elements are. */
  #opensList(byte: number): boolean {
    if (byte !== OPEN_LIST || this.#depth !== 0) return false;
    this.#level = 1;
    return true;
  }

  #isWrapper(last: Buffer): boolean {
    const near: Buffer[] = [last];
    for (let at = this.#parts.length - 1, bytes = last.length; at >= 0 && bytes < WRAPPER_BYTES_MAX; at--) {
      const part = this.#parts[at] as Buffer;
      near.unshift(part);
      bytes += part.length;
    }
    const tail = Buffer.concat(near).subarray(-WRAPPER_BYTES_MAX).toString("latin1");
    return this.#wrapper.test(tail);
  }

  *#finish(last: Buffer): Generator<JsonRecord> {
    const size = this.#bytes + last.length;
    const line = this.#recordLine;
    const text = Buffer.concat([...this.#parts, last]).toString("utf8");
    this.#drop();
    if (size > RECORD_BYTES_MAX) yield { fault: tooLarge, text: text.slice(0, 65_536), line };
    else yield { text, line };
  }

  #drop(): void {
    this.#recording = false;
    this.#parts = [];
    this.#bytes = 0;
  }

  /** Holds a part until the record ends; of one that is too large, only the beginning. */
  #keep(part: Buffer): void {
    if (this.#bytes <= RECORD_BYTES_MAX) this.#parts.push(part);
    this.#bytes += part.length;
  }
}
