import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { ipv6Words } from "./address.ts";

/** "DBAS" read as a little-endian number; a machine of the other byte order sees another number and packs anew. */
export const PACK_MAGIC = 0x53414244;
export const PACK_VERSION = 1;
export const PACK_HEADER_WORDS = 8;
export const PACK_DIGEST_BYTES = 32;
const READ_BYTES = 1024 * 1024;

export interface AsnSources {
  /** `start,end,asn,name` with addresses as numbers, sorted by start. */
  ipv4Csv: string;
  /** The same with addresses as text. */
  ipv6Csv: string;
  /** Names the version of the sources; a pack with another stamp is stale. */
  stamp: string;
}

/**
 * Packs the CSV files of networks into one lookup file, so that 33 MB of text become 10 MB that are searched in place.
 * Layout, 32-bit words in the machine's order unless said otherwise:
 *  1. header: magic, version, ranges v4, ranges v6, networks, bytes of names, bytes of the stamp, 0
 *  2. v4 starts, v4 networks; v6 starts (4 words each), v6 networks. A range ends where the next starts; network 0 is a gap
 *  3. AS numbers by network, offsets of the names (one more than networks)
 *  4. names in UTF-8, the stamp in UTF-8, zeros up to a multiple of 4, SHA-256 of all before it
 */
export function packAsn(sources: AsnSources): Buffer {
  const networks = new NetworkTable();
  const v4 = packV4(sources.ipv4Csv, networks);
  const v6 = packV6(sources.ipv6Csv, networks);
  const names = Buffer.from(networks.names.join(""), "utf8");
  const stamp = Buffer.from(sources.stamp, "utf8");
  const header = [PACK_MAGIC, PACK_VERSION, v4.networks.length, v6.networks.length, networks.asns.length];
  const parts = [
    Uint32Array.from([...header, names.length, stamp.length, 0]),
    ...[v4.starts, v4.networks, v6.starts, v6.networks].map((list) => list.words()),
    Uint32Array.from(networks.asns),
    Uint32Array.from(networks.nameOffsets()),
    names,
    stamp,
    Buffer.alloc((4 - ((names.length + stamp.length) % 4)) % 4),
  ].map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength));
  const body = Buffer.concat(parts);
  return Buffer.concat([body, createHash("sha256").update(body).digest()]);
}

/** Networks by AS number: index 0 is "none". */
class NetworkTable {
  readonly asns: number[] = [0];
  readonly names: string[] = [""];
  readonly #byAsn = new Map<number, number>();

  index(asn: number, name: () => string): number {
    let index = this.#byAsn.get(asn);
    if (index === undefined) {
      index = this.asns.length;
      this.asns.push(asn);
      this.names.push(name());
      this.#byAsn.set(asn, index);
    }
    return index;
  }

  nameOffsets(): number[] {
    let end = 0;
    return [0, ...this.names.map((name) => (end += Buffer.byteLength(name)))];
  }
}

/** A growing list of 32-bit words outside the JavaScript heap. */
class WordList {
  #words = new Uint32Array(1 << 16);
  length = 0;

  push(word: number): void {
    if (this.length === this.#words.length) {
      const grown = new Uint32Array(this.length * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#words[this.length++] = word;
  }

  last(): number | undefined {
    return this.#words[this.length - 1];
  }

  words(): Uint32Array {
    return this.#words.subarray(0, this.length);
  }
}

interface PackedRanges {
  starts: WordList;
  networks: WordList;
}

function packV4(path: string, table: NetworkTable): PackedRanges {
  const packed: PackedRanges = { starts: new WordList(), networks: new WordList() };
  const add = (start: number, network: number) => {
    if (packed.networks.last() === network) return;
    packed.starts.push(start);
    packed.networks.push(network);
  };
  let next = 0;
  for (const line of csvLines(path)) {
    const start = Number(line.text(0));
    if (start > next || next === 0) add(next, 0);
    add(
      start,
      table.index(Number(line.text(2)), () => line.name()),
    );
    next = Number(line.text(1)) + 1;
  }
  if (next <= 0xffffffff) add(next, 0);
  return packed;
}

function packV6(path: string, table: NetworkTable): PackedRanges {
  const packed: PackedRanges = { starts: new WordList(), networks: new WordList() };
  const add = (start: readonly number[], network: number) => {
    if (packed.networks.last() === network) return;
    for (const word of start) packed.starts.push(word);
    packed.networks.push(network);
  };
  let next: readonly number[] = [0, 0, 0, 0];
  for (const line of csvLines(path)) {
    const start = words32(line.text(0));
    if (start.some((word, i) => word !== next[i])) add(next, 0);
    add(
      start,
      table.index(Number(line.text(2)), () => line.name()),
    );
    next = after(words32(line.text(1)));
  }
  if (next.some((word) => word !== 0)) add(next, 0);
  return packed;
}

function words32(address: string): number[] {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = ipv6Words(address);
  return [a * 65_536 + b, c * 65_536 + d, e * 65_536 + f, g * 65_536 + h];
}

function after(address: number[]): number[] {
  const next = [...address];
  for (let i = 3; i >= 0; i--) {
    next[i] = ((next[i] ?? 0) + 1) % 2 ** 32;
    if (next[i] !== 0) break;
  }
  return next;
}

/** One line `start,end,asn,name`. The name is decoded only when it is asked for: most AS numbers come again. */
interface CsvLine {
  text(column: 0 | 1 | 2): string;
  name(): string;
}

function* csvLines(path: string): Generator<CsvLine> {
  const file = openSync(path, "r");
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  try {
    let kept = 0;
    for (;;) {
      const read = readSync(file, buffer, kept, buffer.length - kept, null);
      const filled = kept + read;
      if (read === 0) {
        yield* csvLine(buffer, 0, kept);
        return;
      }
      let start = 0;
      for (let end = buffer.indexOf(10); end >= 0 && end < filled; end = buffer.indexOf(10, start)) {
        yield* csvLine(buffer, start, end);
        start = end + 1;
      }
      buffer.copyWithin(0, start, filled);
      kept = filled - start;
    }
  } finally {
    closeSync(file);
  }
}

/** Nothing for an empty line or one of another shape. */
function* csvLine(buffer: Buffer, start: number, end: number): Generator<CsvLine> {
  const first = buffer.indexOf(44, start);
  const second = buffer.indexOf(44, first + 1);
  const third = buffer.indexOf(44, second + 1);
  if (first < 0 || second < 0 || third < 0 || third >= end) return;
  const columns = [
    [start, first],
    [first + 1, second],
    [second + 1, third],
  ] as const;
  yield {
    text: (column) => buffer.toString("latin1", ...columns[column]),
    name: () => networkName(buffer.toString("utf8", third + 1, end)),
  };
}

/** Unquotes, and drops soft hyphens and other invisible signs that the registries' names carry. */
function networkName(field: string): string {
  const text = field.trim();
  const plain = text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
  return plain
    .replace(/[\p{Cc}\p{Cf}]/gu, "")
    .replace(/\s+/g, " ")
    .trim();
}
