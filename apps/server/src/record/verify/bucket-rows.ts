import { leafHashOf, SALTS_DIGITS } from "../leaf.ts";
import { TILE_WIDTH } from "../merkle/proof.ts";
import { HASH_BYTES } from "../merkle/tree.ts";
import { type BinaryRow, columns } from "./binary-row.ts";
import { eventsText, type VerifyFault } from "./fault.ts";
import { LeafBytes } from "./leaf-bytes.ts";
import { isOrderly, rowFault } from "./row-check.ts";
import { TermBytes } from "./term-bytes.ts";

const HOUR_MS = 3_600_000;
/** Outcomes fit in two bits of a key of `hours`. */
const OUTCOMES = 4;

/** The short ways of one log. They are made once: as new objects for every bucket they would not stay compiled. */
export class ShortWays {
  readonly leaf: LeafBytes;
  readonly terms = new TermBytes();

  constructor(workspace: string) {
    this.leaf = new LeafBytes(workspace);
  }
}

/** Takes the rows of a bucket as they come, in any order. */
export class BucketRows {
  /** Leaf hashes in order of seq; only whole when nothing is missing. */
  readonly leaves: Buffer;
  /** The first of each kind: a bucket full of faults must not fill memory. */
  duplicates: VerifyFault[] = [];
  strange: VerifyFault[] = [];
  /** Events by `hour * 4 + outcome`, hours since 1970. */
  readonly hours = new Map<number, number>();
  events = 0;
  erased = 0;
  /** Rows that the short way did not do for. */
  slow = 0;
  readonly #slug: string;
  readonly #before: number;
  readonly #tiles: readonly (Buffer | undefined)[];
  readonly #there: Uint8Array;
  readonly #short: ShortWays;

  /** For the `count` events after event `before`; `tiles` are the stored leaf hashes of the same. */
  constructor(slug: string, before: number, count: number, tiles: readonly (Buffer | undefined)[], short: ShortWays) {
    this.#slug = slug;
    this.#before = before;
    this.#tiles = tiles;
    this.#there = new Uint8Array(count);
    this.leaves = Buffer.alloc(count * HASH_BYTES);
    this.#short = short;
  }

  take(row: BinaryRow): void {
    const seq = row.int8(columns.seq) ?? 0;
    const place = seq - 1 - this.#before;
    if (this.#there[place] !== 0) {
      const what = `Two events are stored as event ${seq}.`;
      this.duplicates = earliest(this.duplicates, { seq, kind: "duplicate", what });
      return;
    }
    this.#there[place] = 1;
    this.events++;
    if (!this.#isAsLogged(row, place)) this.#takeSlowly(row, place);
    const hour = Math.floor(row.time(columns.occurredAt) / HOUR_MS);
    const key = hour * OUTCOMES + (row.int2(columns.outcome) ?? 0);
    this.hours.set(key, (this.hours.get(key) ?? 0) + 1);
  }

  /** The first run of events that are not there. */
  missing(): VerifyFault[] {
    const first = this.#there.indexOf(0);
    if (first < 0) return [];
    const next = this.#there.indexOf(1, first);
    const [from, to] = [this.#before + first + 1, this.#before + (next < 0 ? this.#there.length : next)];
    const they = from === to ? "is missing: it was" : "are missing: they were";
    const what = `${eventsText(from, to)} ${they} logged, but not stored any more.`;
    return [{ seq: from, kind: "missing", what: `${what.charAt(0).toUpperCase()}${what.slice(1)}` }];
  }

  /** The short way, which nearly every row goes: its leaf is the one in the tree, and the other columns fit. */
  #isAsLogged(row: BinaryRow, place: number): boolean {
    const leaf = this.#short.leaf.hash(row);
    const tile = this.#tiles[Math.floor(place / TILE_WIDTH)];
    const from = (place % TILE_WIDTH) * HASH_BYTES;
    if (leaf === undefined || tile === undefined || tile.length < from + HASH_BYTES) return false;
    const at = place * HASH_BYTES;
    this.leaves.write(leaf, at, "hex");
    if (tile.compare(this.leaves, at, at + HASH_BYTES, from, from + HASH_BYTES) !== 0) return false;
    return isOrderly(row) && this.#short.terms.fit(row);
  }

  /** The long way, which has the last word. */
  #takeSlowly(row: BinaryRow, place: number): void {
    this.slow++;
    const stored = row.read();
    const { seq, salts } = stored.row;
    if (salts.length > SALTS_DIGITS) this.erased++;
    this.leaves.write(leafHashOf(stored.row, this.#slug), place * HASH_BYTES, "hex");
    const wrong = rowFault(stored);
    if (wrong === undefined) return;
    this.strange = earliest(this.strange, { seq, kind: "column", what: `Event ${seq}: ${wrong}.` });
  }
}

function earliest(known: VerifyFault[], fault: VerifyFault): VerifyFault[] {
  return (known[0]?.seq ?? Number.POSITIVE_INFINITY) <= (fault.seq ?? 0) ? known : [fault];
}
