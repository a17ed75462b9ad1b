/** Reads tiles from the database, and the hashes in them for proofs. */
import type { ClientBase, Pool } from "pg";
import { type HashReader, TILE_WIDTH } from "./proof.ts";
import { widthOf } from "./tile-path.ts";
import { TreeError } from "./tile-store.ts";
import { HASH_BYTES } from "./tree.ts";

type Queryable = Pick<Pool | ClientBase, "query">;

export interface TileNumber {
  level: number;
  index: number;
}

// Leaves move from log_leaf to log_tile when their tile is full; one statement sees both at the same moment.
const selectTiles = `
  select t.level, t.tile, t.hashes
  from unnest($2::smallint[], $3::bigint[]) as wanted(level, tile)
  join log_tile t on t.workspace_id = $1 and t.level = wanted.level and t.tile = wanted.tile
  union all
  select 0, (first_seq - 1) / 256, string_agg(hashes, ''::bytea order by first_seq)
  from log_leaf where workspace_id = $1 and $4 group by 2`;

/** The stored hashes of some tiles, as many as each has now. Tiles that do not exist are missing from the map. */
export async function readTiles(
  db: Queryable,
  workspaceId: number,
  wanted: readonly TileNumber[],
): Promise<Map<string, Buffer>> {
  const result = await db.query<{ level: number; tile: string | number; hashes: Buffer }>(selectTiles, [
    workspaceId,
    wanted.map((tile) => tile.level),
    wanted.map((tile) => tile.index),
    wanted.some((tile) => tile.level === 0),
  ]);
  return new Map(result.rows.map((row) => [keyOf(row.level, Number(row.tile)), row.hashes]));
}

/** The first `width` hashes of one tile; undefined when it does not have so many. */
export async function readTile(
  db: Queryable,
  workspaceId: number,
  tile: TileNumber,
  width: number,
): Promise<Buffer | undefined> {
  const hashes = (await readTiles(db, workspaceId, [tile])).get(keyOf(tile.level, tile.index));
  return hashes === undefined || hashes.length < width * HASH_BYTES
    ? undefined
    : hashes.subarray(0, width * HASH_BYTES);
}

/**
 * A reader for proofs about trees of at most `size` leaves. The tiles on the way to the leaves in `near` (indexes) and
 * the tiles at the right edges of the trees in `edges` (sizes) are read in one statement, others one by one.
 * @throws TreeError from the reader when a hash that a tree of `size` leaves has is not stored.
 */
export function hashReader(
  db: Queryable,
  workspaceId: number,
  size: number,
  { near = [], edges = [] }: { near?: number[]; edges?: number[] } = {},
): HashReader {
  let first: Promise<Map<string, Buffer>> | undefined;
  const later = new Map<string, Promise<Buffer | undefined>>();
  return async (level, start, count) => {
    first ??= readTiles(db, workspaceId, tilesAround(size, near, edges));
    const index = Math.floor(start / TILE_WIDTH);
    const key = keyOf(level, index);
    const width = widthOf(level, index, size);
    let hashes = (await first).get(key);
    if (hashes === undefined) {
      const read = later.get(key) ?? readTile(db, workspaceId, { level, index }, width);
      later.set(key, read);
      hashes = await read;
    }
    const from = (start - index * TILE_WIDTH) * HASH_BYTES;
    const part = hashes?.subarray(from, from + count * HASH_BYTES);
    if (part?.length !== count * HASH_BYTES) {
      throw new TreeError(
        `Hashes ${start} to ${start + count - 1} of level ${level} are not stored. Run daybook verify.`,
      );
    }
    return part;
  };
}

/** Tiles with the hashes next to the given leaves, and the last tile of every level for each of the sizes. */
function tilesAround(size: number, near: readonly number[], edges: readonly number[]): TileNumber[] {
  const found = new Map<string, TileNumber>();
  for (let level = 0; TILE_WIDTH ** level <= size; level++) {
    const hashes = [
      ...near.map((leaf) => Math.floor(leaf / TILE_WIDTH ** level)),
      ...edges.map((edge) => Math.floor(edge / TILE_WIDTH ** level) - 1),
    ];
    for (const hash of hashes) {
      const index = Math.floor(hash / TILE_WIDTH);
      if (hash >= 0 && widthOf(level, index, size) > 0) found.set(keyOf(level, index), { level, index });
    }
  }
  return [...found.values()];
}

function keyOf(level: number, index: number): string {
  return `${level}/${index}`;
}
