import type { ClientBase } from "pg";
import { eventColumns } from "../event-row.ts";
import { TILE_HEIGHT, TILE_WIDTH } from "../merkle/proof.ts";
import { Frontier, HASH_BYTES, rootOf } from "../merkle/tree.ts";
import { BinaryRows } from "./binary-rows.ts";
import { BucketRows, type ShortWays } from "./bucket-rows.ts";
import { eventsText, type VerifyFault } from "./fault.ts";

/**
 * A bucket is a perfect subtree of this height: small enough that two workers share short logs and that one is 0.5 MB of
 * hashes, large enough that planning its query over all partitions is nothing against reading its rows.
 */
export const BUCKET_HEIGHT = 14;
export const BUCKET_EVENTS = 2 ** BUCKET_HEIGHT;

/** What is the same for all buckets of one verification. */
export interface LogToCheck {
  workspaceId: number;
  slug: string;
  size: number;
  /** The stored frontier. Its last hashes are the roots of what is in the last, partial tile. */
  frontier: Uint8Array;
  /** The head is wrong already, so the tail after the last full tile has nothing to be held against. */
  headUnfit: boolean;
}

export interface BucketReport {
  bucket: number;
  events: number;
  /** Events of which something was erased. */
  erased: number;
  /** What does not fit, lowest seq first; empty when all is well. */
  faults: VerifyFault[];
  /** Perfect subtrees of the bucket's leaves, largest first; when the bucket is full, its one root. */
  frontier: Uint8Array;
  /** The same for the first leaves of the bucket only, one for each size that was asked for. */
  prefixes: Uint8Array[];
  /** Events by `hour * 4 + outcome`, hours since 1970. */
  hours: [key: number, events: number][];
}

/** The stored hashes of the bucket, as far as there are any. */
interface StoredHashes {
  /** Level 0, 32 bytes a leaf; undefined where a tile is missing. */
  tiles: (Buffer | undefined)[];
  /** Level 1, one hash a full tile. */
  upper: Buffer;
}

/**
 * Checks one bucket.
 *  1. Read the stored leaf hashes, then its rows, in any order; recompute each leaf and put it in its place.
 *  2. Every place must be filled once.
 *  3. The leaves must be those of the stored tiles, and the tiles those of the level above.
 * `sizes` are sizes of the log inside this bucket that checkpoints want the root of.
 */
export async function checkBucket(
  client: ClientBase,
  log: LogToCheck,
  bucket: number,
  sizes: readonly number[],
  short: ShortWays,
): Promise<BucketReport> {
  const before = bucket * BUCKET_EVENTS;
  const count = Math.min(BUCKET_EVENTS, log.size - before);
  const stored = await readStored(client, log, bucket, count);
  const rows = new BucketRows(log.slug, before, count, stored.tiles, short);
  // COPY takes no parameters; these are numbers.
  const range = `workspace_id = ${Number(log.workspaceId)} and seq between ${before + 1} and ${before + count}`;
  const reader = new BinaryRows(`select ${eventColumns.join(", ")} from event where ${range}`, (row) => rows.take(row));
  client.query(reader);
  await reader.done;
  // Of several faults of one event the first in this order is told.
  const faults = [...rows.missing(), ...rows.duplicates, ...compare(log, before, rows.leaves, stored), ...rows.strange];
  const tree = new Frontier();
  const prefixes: Uint8Array[] = [];
  for (const size of [...sizes].sort((one, other) => one - other)) {
    tree.append(rows.leaves.subarray(tree.size * HASH_BYTES, (size - before) * HASH_BYTES));
    prefixes.push(tree.serialise());
  }
  tree.append(rows.leaves.subarray(tree.size * HASH_BYTES));
  faults.sort((one, other) => (one.seq ?? 0) - (other.seq ?? 0));
  const { events, erased, hours } = rows;
  return { bucket, events, erased, faults, frontier: tree.serialise(), prefixes, hours: [...hours] };
}

async function readStored(client: ClientBase, log: LogToCheck, bucket: number, count: number): Promise<StoredHashes> {
  const perBucket = BUCKET_EVENTS / TILE_WIDTH;
  const first = bucket * perBucket;
  const tiles = new Array<Buffer | undefined>(Math.ceil(count / TILE_WIDTH)).fill(undefined);
  const level0 = await client.query<{ tile: number; hashes: Buffer }>(
    `select tile::float8 as tile, hashes from log_tile
     where workspace_id = $1 and level = 0 and tile >= $2 and tile < $3
     union all
     select $4::float8, string_agg(hashes, ''::bytea order by first_seq) from log_leaf
     where workspace_id = $1 and $4::bigint >= $2 and $4::bigint < $3 having count(*) > 0`,
    [log.workspaceId, first, first + perBucket, Math.floor(log.size / TILE_WIDTH)],
  );
  for (const row of level0.rows) if (row.tile - first < tiles.length) tiles[row.tile - first] = row.hashes;
  const level1 = await client.query<{ hashes: Buffer }>(
    `select substring(hashes from $3 for $4) as hashes from log_tile where workspace_id = $1 and level = 1 and tile = $2`,
    [
      log.workspaceId,
      Math.floor(first / TILE_WIDTH),
      (first % TILE_WIDTH) * HASH_BYTES + 1,
      Math.floor(count / TILE_WIDTH) * HASH_BYTES,
    ],
  );
  return { tiles, upper: level1.rows[0]?.hashes ?? Buffer.alloc(0) };
}

/** The first place where leaves and stored tiles part. */
function compare(log: LogToCheck, before: number, leaves: Buffer, stored: StoredHashes): VerifyFault[] {
  for (const [index, tile] of stored.tiles.entries()) {
    const computed = leaves.subarray(index * TILE_WIDTH * HASH_BYTES, (index + 1) * TILE_WIDTH * HASH_BYTES);
    const from = before + index * TILE_WIDTH + 1;
    if (log.headUnfit && computed.length < TILE_WIDTH * HASH_BYTES) continue;
    const name = tileName(log, before, index);
    const above = hashAbove(log, index, computed.length / HASH_BYTES, stored.upper);
    if (tile === undefined) return [{ seq: from, kind: "tile", what: `${name} is not stored any more.` }];
    if (tile.equals(computed)) {
      if (subtrees(computed).equals(above)) continue;
      const where = computed.length === TILE_WIDTH * HASH_BYTES ? "level 1 of the tree" : "the head of the log";
      const to = from + computed.length / HASH_BYTES - 1;
      const what = `${capital(eventsText(from, to))} do not give the hash that ${where} has for them: events and ${name} were changed together, or ${where} was changed.`;
      return [{ seq: from, kind: "tile", what }];
    }
    const seq = from + firstDifference(tile, computed);
    if (subtrees(computed).equals(above)) {
      return [{ seq, kind: "tile", what: `${name} has another hash for event ${seq}; the event itself is as it was.` }];
    }
    return [
      { seq, kind: "changed", what: `Event ${seq} is not what was logged: its leaf hash is not the one in the tree.` },
    ];
  }
  return [];
}

function tileName(log: LogToCheck, before: number, index: number): string {
  const tile = before / TILE_WIDTH + index;
  return (tile + 1) * TILE_WIDTH > log.size ? "The tail of the tree (log_leaf)" : `Tile ${tile} of level 0`;
}

/** What the level above has for a tile: its root, and for the last, partial one the end of the head's frontier. */
function hashAbove(log: LogToCheck, index: number, leaves: number, upper: Buffer): Buffer {
  if (leaves === TILE_WIDTH) return upper.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
  const frontier = Buffer.from(log.frontier.buffer, log.frontier.byteOffset, log.frontier.byteLength);
  return frontier.subarray(Math.max(0, frontier.length - onesOf(leaves) * HASH_BYTES));
}

/** The root of a full tile; of a partial one, its perfect subtrees. */
function subtrees(leaves: Buffer): Buffer {
  if (leaves.length === 2 ** TILE_HEIGHT * HASH_BYTES) return rootOf(leaves);
  const tree = new Frontier();
  tree.append(leaves);
  return tree.serialise();
}

function onesOf(number: number): number {
  return number.toString(2).replaceAll("0", "").length;
}

function firstDifference(stored: Buffer, computed: Buffer): number {
  let at = 0;
  while (at < computed.length && stored[at] === computed[at]) at++;
  return Math.floor(at / HASH_BYTES);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
