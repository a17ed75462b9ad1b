import { actorTypes, authMethods, kinds, outcomes, severities } from "@daybook/contract";
import type { EventRow } from "../event-row.ts";
import { eachJsonTerm, eachTerm, hasTerm, networkTerm, termHash } from "../terms.ts";
import { type BinaryRow, columns } from "./binary-row.ts";

const FNV_PRIME = 0x01000193;
/** An array of int4: dimensions, has-null, element type, length, lower bound; then each element after its length. */
const ARRAY_HEADER_BYTES = 20;
const ELEMENT_BYTES = 8;
/** An inet with an IPv4 address: family, bits, is-cidr, number of bytes, address. */
const V4_BYTES = 8;
/** What is remembered of actions, addresses and common values: enough for most of a log, little for memory. */
const KEPT_MAX = 20_000;

interface TextTerm {
  field: number;
  key: string;
  /** The hash of the key alone, to go on from. */
  start: number;
  /** Whether values have a term, by their hash; only for keys of which some have none. */
  has: Map<number, boolean> | undefined;
}

interface CodeTerm {
  field: number;
  /** By code; undefined where the value has no term. */
  hashes: (number | undefined)[];
}

const textTerms: readonly TextTerm[] = (
  [
    [columns.actorId, "actor"],
    [columns.actorName, "actor"],
    [columns.actorEmail, "actor"],
    [columns.reason, "reason"],
    [columns.project, "project"],
    [columns.country, "country"],
    [columns.network, "network"],
    [columns.browser, "browser"],
    [columns.os, "os"],
    [columns.sessionId, "session"],
    [columns.requestId, "request"],
    [columns.targetType, "target"],
    [columns.targetId, "target"],
    [columns.targetName, "target"],
    [columns.targetOwnerId, "owner"],
  ] as const
).map(([field, key]) => ({
  field,
  key,
  start: termHash(key, ""),
  has: key === "actor" || key === "os" ? new Map<number, boolean>() : undefined,
}));

const codeTerms: readonly CodeTerm[] = (
  [
    [columns.actorType, "actor", actorTypes],
    [columns.kind, "kind", kinds],
    [columns.severity, "severity", severities],
    [columns.outcome, "outcome", outcomes],
    [columns.auth, "auth", authMethods],
  ] as const
).map(([field, key, values]) => ({
  field,
  hashes: values.map((value) => (hasTerm(key, value) ? termHash(key, value) : undefined)),
}));

/** A row of nothing: what it is given is all it has terms for. */
const blank = {
  actorType: -1,
  kind: -1,
  severity: -1,
  outcome: -1,
  auth: null,
  asn: null,
  reason: null,
  project: null,
  actorId: null,
  actorName: null,
  actorEmail: null,
  onBehalfOf: null,
  targetType: null,
  targetId: null,
  targetName: null,
  targetOwnerId: null,
  moreTargets: null,
  ip: null,
  country: null,
  network: null,
  browser: null,
  os: null,
  sessionId: null,
  requestId: null,
  changes: null,
  details: null,
  action: "",
  category: "",
};

/**
 * Whether the stored terms of a row are those of its columns, straight from PostgreSQL's bytes. "No" only means that
 * `eachTerm` has to decide.
 */
export class TermBytes {
  /** Terms of actions by the hash of action and category; two with one hash would only send rows the long way. */
  readonly #actions = new Map<number, readonly number[]>();
  /** Terms of IPv4 addresses. */
  readonly #addresses = new Map<number, readonly [address: number, network: number]>();
  readonly #json: Parameters<typeof eachJsonTerm>[0] = {
    onBehalfOf: null,
    moreTargets: null,
    changes: null,
    details: null,
  };
  #seen = new Uint8Array(256);
  #bytes: Buffer = Buffer.alloc(0);
  #first = 0;
  #count = 0;
  #distinct = 0;
  #strange = false;

  fit(row: BinaryRow): boolean {
    if (!this.#open(row)) return false;
    for (let index = 0; index < codeTerms.length; index++) {
      const term = codeTerms[index] as CodeTerm;
      const hash = term.hashes[row.int2(term.field) ?? -1];
      if (hash !== undefined) this.#mark(hash);
    }
    for (let index = 0; index < textTerms.length; index++) this.#text(row, textTerms[index] as TextTerm);
    const actionTerms = this.#actionTerms(row);
    for (let index = 0; index < actionTerms.length; index++) this.#mark(actionTerms[index] as number);
    if (row.has(columns.asn)) this.#mark(termHash("asn", `${row.int8(columns.asn)}`));
    this.#address(row);
    return this.#jsonTerms(row) && !this.#strange && this.#distinct === this.#count;
  }

  /** Takes the stored list; false when it is not a plain one. */
  #open(row: BinaryRow): boolean {
    const length = row.lengths[columns.terms] as number;
    const start = row.starts[columns.terms] as number;
    if (length < ARRAY_HEADER_BYTES || row.bytes.readInt32BE(start) !== 1) return false;
    const count = row.bytes.readInt32BE(start + 12);
    if (length !== ARRAY_HEADER_BYTES + count * ELEMENT_BYTES || row.bytes.readInt32BE(start + 16) !== 1) return false;
    if (count > this.#seen.length) this.#seen = new Uint8Array(count * 2);
    this.#seen.fill(0, 0, count);
    this.#bytes = row.bytes;
    this.#first = start + ARRAY_HEADER_BYTES + 4;
    this.#count = count;
    this.#distinct = 0;
    this.#strange = false;
    return true;
  }

  /** Finds a term in the stored list, by halves: in a list that is not sorted one is not found. */
  #mark(hash: number): void {
    let low = 0;
    let high = this.#count - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const stored = this.#bytes.readInt32BE(this.#first + middle * ELEMENT_BYTES);
      if (stored === hash) {
        if (this.#seen[middle] === 0) this.#distinct++;
        this.#seen[middle] = 1;
        return;
      }
      if (stored < hash) low = middle + 1;
      else high = middle - 1;
    }
    this.#strange = true;
  }

  readonly #markTerm = (key: string, value: string): void => this.#mark(termHash(key, value));

  #text(row: BinaryRow, term: TextTerm): void {
    const length = row.lengths[term.field] as number;
    if (length <= 0) return;
    const from = row.starts[term.field] as number;
    const hash = foldedHash(row.bytes, from, from + length, term.start);
    if (hash === undefined) {
      const text = row.text(term.field) ?? "";
      if (hasTerm(term.key, text)) this.#mark(termHash(term.key, text));
      return;
    }
    if (term.has === undefined || this.#hasTerm(row, term, term.has, hash)) this.#mark(hash);
  }

  #hasTerm(row: BinaryRow, term: TextTerm, kept: Map<number, boolean>, hash: number): boolean {
    const known = kept.get(hash);
    if (known !== undefined) return known;
    const has = hasTerm(term.key, row.text(term.field) ?? "");
    if (kept.size < KEPT_MAX) kept.set(hash, has);
    return has;
  }

  #actionTerms(row: BinaryRow): readonly number[] {
    const { starts, lengths, bytes } = row;
    let hash = 0;
    for (let field: number = columns.action; field <= columns.category; field++) {
      const from = starts[field] as number;
      for (let at = from - 4; at < from + (lengths[field] as number); at++) {
        hash = Math.imul(hash ^ (bytes[at] as number), FNV_PRIME);
      }
    }
    const known = this.#actions.get(hash);
    if (known !== undefined) return known;
    const hashes: number[] = [];
    const [action, category] = [row.text(columns.action) ?? "", row.text(columns.category) ?? ""];
    const only = { ...blank, action, category } as unknown as EventRow;
    eachTerm(only, (key, value) => hashes.push(termHash(key, value)));
    if (this.#actions.size < KEPT_MAX) this.#actions.set(hash, hashes);
    return hashes;
  }

  #address(row: BinaryRow): void {
    const at = row.starts[columns.ip] as number;
    const v4 = row.lengths[columns.ip] === V4_BYTES ? row.bytes.readUInt32BE(at + 4) : undefined;
    const known = v4 === undefined ? undefined : this.#addresses.get(v4);
    if (known !== undefined && row.bytes[at + 1] === 32) {
      this.#mark(known[0]);
      this.#mark(known[1]);
      return;
    }
    const ip = row.inet(columns.ip);
    if (ip === null) return;
    const terms = [termHash("ip", ip), termHash("net", networkTerm(ip))] as const;
    if (v4 !== undefined && this.#addresses.size < KEPT_MAX) this.#addresses.set(v4, terms);
    this.#mark(terms[0]);
    this.#mark(terms[1]);
  }

  /** Marks the terms of the JSON columns; false when one is not JSON. */
  #jsonTerms(row: BinaryRow): boolean {
    const json = this.#json;
    json.onBehalfOf = row.text(columns.onBehalfOf);
    json.moreTargets = row.text(columns.moreTargets);
    json.changes = row.text(columns.changes);
    json.details = row.text(columns.details);
    try {
      eachJsonTerm(json, this.#markTerm);
      return true;
    } catch {
      return false;
    }
  }
}

/** FNV-1a over folded ASCII, as `termHash` has it; undefined when there are other characters. */
function foldedHash(bytes: Uint8Array, from: number, to: number, start: number): number | undefined {
  let hash = start;
  for (let at = from; at < to; at++) {
    let byte = bytes[at] as number;
    if (byte > 127) return undefined;
    if (byte > 64 && byte < 91) byte += 32;
    hash = Math.imul(hash ^ byte, FNV_PRIME);
  }
  return hash | 0;
}
