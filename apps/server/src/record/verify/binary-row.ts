import { type EventRow, eventColumns } from "../event-row.ts";
import { formatIpv6 } from "../origin/address.ts";

/** PostgreSQL counts time from 2000-01-01. */
const EPOCH_MS = 946_684_800_000;

/** The places of columns that are read by themselves. */
export const columns = {
  seq: 1,
  id: 2,
  occurredAt: 3,
  recordedAt: 4,
  kind: 5,
  severity: 6,
  outcome: 7,
  actorType: 8,
  auth: 9,
  asn: 10,
  action: 11,
  category: 12,
  reason: 13,
  project: 14,
  actorId: 15,
  actorName: 16,
  actorEmail: 17,
  onBehalfOf: 18,
  targetType: 19,
  targetId: 20,
  targetName: 21,
  targetOwnerId: 22,
  moreTargets: 23,
  ip: 24,
  country: 25,
  network: 26,
  browser: 27,
  os: 28,
  sessionId: 29,
  requestId: 30,
  summary: 31,
  changes: 32,
  details: 33,
  userAgent: 34,
  salts: 35,
  terms: 36,
} as const;

/** A row, and what only the stored form shows. */
export interface StoredRow {
  workspaceId: number;
  row: EventRow;
  /** A value that no column of ours can hold, e.g. a time finer than a millisecond; undefined when all is well. */
  fault: string | undefined;
}

/**
 * Rows of `event` in PostgreSQL's binary form, one after the other in the same bytes. Exact: times are microseconds, texts
 * have no escapes. `starts` and `lengths` (-1: null) say where the fields of the row at hand are.
 */
export class BinaryRow {
  readonly bytes: Buffer;
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  /** What a column has that it cannot have; set by the reading methods. */
  fault: string | undefined;
  #latin1: string | undefined;

  constructor(bytes: Buffer, starts: Int32Array, lengths: Int32Array) {
    this.bytes = bytes;
    this.starts = starts;
    this.lengths = lengths;
  }

  /** Whether the column is not null. */
  has(field: number): boolean {
    return (this.lengths[field] as number) >= 0;
  }

  /** The whole row. */
  read(): StoredRow {
    this.fault = undefined;
    const workspaceId = this.int4(0) ?? 0;
    const row: EventRow = {
      seq: this.int8(1) ?? 0,
      id: this.#uuid(2),
      occurredAtMs: this.time(3),
      recordedAtMs: this.time(4),
      kind: this.int2(5) ?? -1,
      severity: this.int2(6) ?? -1,
      outcome: this.int2(7) ?? -1,
      actorType: this.int2(8) ?? -1,
      auth: this.int2(9),
      asn: this.int8(10),
      action: this.text(11) ?? "",
      category: this.text(12) ?? "",
      reason: this.text(13),
      project: this.text(14),
      actorId: this.text(15),
      actorName: this.text(16),
      actorEmail: this.text(17),
      onBehalfOf: this.text(18),
      targetType: this.text(19),
      targetId: this.text(20),
      targetName: this.text(21),
      targetOwnerId: this.text(22),
      moreTargets: this.text(23),
      ip: this.inet(24),
      country: this.text(25),
      network: this.text(26),
      browser: this.text(27),
      os: this.text(28),
      sessionId: this.text(29),
      requestId: this.text(30),
      summary: this.text(31) ?? "",
      changes: this.text(32),
      details: this.text(33),
      userAgent: this.text(34),
      salts: this.#hex(35),
      terms: this.#ints(36),
    };
    return { workspaceId, row, fault: this.fault };
  }

  /** The start of a field that must have `bytes` bytes; -1 when it is null. */
  #fixed(field: number, bytes: number): number {
    const length = this.lengths[field] ?? -1;
    if (length === bytes) return this.starts[field] ?? 0;
    if (length !== -1) this.fault = `${eventColumns[field]} has another type`;
    return -1;
  }

  int2(field: number): number | null {
    const at = this.#fixed(field, 2);
    return at < 0 ? null : this.bytes.readInt16BE(at);
  }

  int4(field: number): number | null {
    const at = this.#fixed(field, 4);
    return at < 0 ? null : this.bytes.readInt32BE(at);
  }

  int8(field: number): number | null {
    const at = this.#fixed(field, 8);
    return at < 0 ? null : this.bytes.readInt32BE(at) * 2 ** 32 + this.bytes.readUInt32BE(at + 4);
  }

  /** Milliseconds since 1970. */
  time(field: number): number {
    const at = this.#fixed(field, 8);
    if (at < 0) return Number.NaN;
    // Exact up to 2^53 microseconds, the year 2285; a time beyond has lost digits and cannot be what was logged.
    const micros = this.bytes.readInt32BE(at) * 2 ** 32 + this.bytes.readUInt32BE(at + 4);
    const ms = Math.floor(micros / 1000);
    if (ms * 1000 !== micros) this.fault = `${eventColumns[field]} is finer than a millisecond`;
    if (Math.abs(micros) > Number.MAX_SAFE_INTEGER) this.fault = `${eventColumns[field]} is no time of an event`;
    return ms + EPOCH_MS;
  }

  #uuid(field: number): string {
    const at = this.#fixed(field, 16);
    if (at < 0) return "";
    const hex = this.bytes.toString("hex", at, at + 16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  text(field: number): string | null {
    const length = this.lengths[field] ?? -1;
    if (length < 0) return null;
    const start = this.starts[field] ?? 0;
    const end = start + length;
    const bytes = this.bytes;
    let bits = 0;
    for (let at = start; at < end; at++) bits |= bytes[at] as number;
    if (bits > 127) return bytes.toString("utf8", start, end);
    // Cutting a piece out of one long string is much cheaper than a decoding call for each piece.
    this.#latin1 ??= bytes.toString("latin1");
    return this.#latin1.slice(start, end);
  }

  #hex(field: number): string {
    const start = this.starts[field] ?? 0;
    return this.bytes.toString("hex", start, start + Math.max(0, this.lengths[field] ?? 0));
  }

  /** As PostgreSQL prints it: family, bits, is-cidr, number of bytes, address. */
  inet(field: number): string | null {
    const length = this.lengths[field] ?? -1;
    if (length < 0) return null;
    const at = this.starts[field] ?? 0;
    const b = this.bytes;
    const bits = b[at + 1] ?? 0;
    if (length === 8 && bits === 32) return `${b[at + 4]}.${b[at + 5]}.${b[at + 6]}.${b[at + 7]}`;
    if (length !== 20 || bits !== 128) {
      this.fault = "ip is a network, not an address";
      return null;
    }
    return formatIpv6([0, 2, 4, 6, 8, 10, 12, 14].map((word) => b.readUInt16BE(at + 4 + word)));
  }

  /** int4[]: dimensions, has-null, element type, length, lower bound; then each element with its length. */
  #ints(field: number): number[] {
    const length = this.lengths[field] ?? -1;
    const at = this.starts[field] ?? 0;
    const bytes = this.bytes;
    if (length === 12 && bytes.readInt32BE(at) === 0) return [];
    const count = length < 20 ? 0 : bytes.readInt32BE(at + 12);
    const plain = length === 20 + count * 8 && bytes.readInt32BE(at) === 1 && bytes.readInt32BE(at + 16) === 1;
    if (!plain) {
      this.fault = `${eventColumns[field]} is not a plain list`;
      return [];
    }
    const ints = new Array<number>(count);
    for (let index = 0; index < count; index++) ints[index] = bytes.readInt32BE(at + 24 + index * 8);
    return ints;
  }
}
