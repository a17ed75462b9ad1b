/**
 * The tree in the database, as tiles of 256 hashes (C2SP tlog-tiles).
 *
 * Level 0: full tiles are rows of `log_tile`, written once; the leaves after them are rows of `log_leaf`, one a commit,
 * until their tile is full. Levels above: one row a tile from its first hash on, grown in place.
 */
import type { ClientBase } from "pg";
import { TILE_HEIGHT, TILE_WIDTH } from "./proof.ts";
import { Frontier, HASH_BYTES, hashesFromHex } from "./tree.ts";

/** What is stored does not have the shape that the head of the log says. Nothing may be appended then. */
export class TreeError extends Error {
  override name = "TreeError";
}

const insertTail = "insert into log_leaf (workspace_id, first_seq, hashes) values ($1, $2, $3)";

// One round trip: the tail of the last tile moves out of log_leaf, goes in front of the new hashes ($3), and whole
// tiles are cut from that. A negative start of substring leaves room for the tail: $4 bytes of the first tile.
const insertTiles = `
  with tail as (
    delete from log_leaf where workspace_id = $1 returning first_seq, hashes
  ), level_0 as (
    insert into log_tile (workspace_id, level, tile, hashes)
    select $1, 0, $2::bigint + n,
      case n when 0 then coalesce((select string_agg(hashes, ''::bytea order by first_seq) from tail), ''::bytea)
             else ''::bytea end
      || substring($3::bytea from n * 8192 - $4::int + 1 for 8192)
    from generate_series(0, $5::int - 1) n
    returning tile, octet_length(hashes) as bytes
  ), upper as (
    insert into log_tile (workspace_id, level, tile, hashes)
    select $1, * from unnest($6::smallint[], $7::bigint[], $8::bytea[])
    on conflict (workspace_id, level, tile) do update set hashes = log_tile.hashes || excluded.hashes
    returning level, tile, octet_length(hashes) as bytes
  ), rest as (
    insert into log_leaf (workspace_id, first_seq, hashes) select $1, $9::bigint, $10::bytea where $10 is not null
  )
  select 0 as level, tile, bytes from level_0 union all select * from upper`;

/** A tile of a level above 0 that this append makes or grows. */
interface UpperTile {
  level: number;
  tile: number;
  hashes: Buffer[];
  /** Hashes that it has afterwards. */
  width: number;
}

/**
 * Appends leaf hashes (hex) to the tree of a workspace inside the caller's transaction, which holds the lock of the
 * head's row; the caller stores the frontier and the size there. One statement, whatever the number of leaves.
 * @throws TreeError when what is stored does not fit `sizeBefore`; the transaction must be rolled back.
 */
export async function appendLeaves(
  client: ClientBase,
  workspaceId: number,
  sizeBefore: number,
  frontier: Uint8Array,
  leafHashes: readonly string[],
): Promise<{ frontier: Buffer }> {
  const leaves = hashesFromHex(leafHashes);
  const tree = new Frontier(sizeBefore, frontier);
  const upper = grow(tree, leaves);
  if (leafHashes.length === 0) return { frontier: tree.serialise() };
  const tail = sizeBefore % TILE_WIDTH;
  const tiles = Math.floor((tail + leafHashes.length) / TILE_WIDTH);
  if (tiles === 0) {
    await client.query(insertTail, [workspaceId, sizeBefore + 1, leaves]);
    return { frontier: tree.serialise() };
  }
  const firstTile = Math.floor(sizeBefore / TILE_WIDTH);
  const restFrom = (firstTile + tiles) * TILE_WIDTH;
  const rest = restFrom < tree.size ? leaves.subarray((restFrom - sizeBefore) * HASH_BYTES) : null;
  const written = await client.query<{ level: number; tile: string | number; bytes: number }>(insertTiles, [
    workspaceId,
    firstTile,
    leaves,
    tail * HASH_BYTES,
    tiles,
    upper.map((one) => one.level),
    upper.map((one) => one.tile),
    upper.map((one) => Buffer.concat(one.hashes)),
    restFrom + 1,
    rest,
  ]);
  for (const { level, tile, bytes } of written.rows) {
    const width =
      level === 0 ? TILE_WIDTH : upper.find((one) => one.level === level && one.tile === Number(tile))?.width;
    if (bytes !== (width ?? 0) * HASH_BYTES) {
      throw new TreeError(
        `Tile ${tile} of level ${level} has ${bytes / HASH_BYTES} hashes where the log's head, ${sizeBefore}, wants ${width}. Run daybook verify.`,
      );
    }
  }
  return { frontier: tree.serialise() };
}

/** Appends to the tree and gathers the hashes that belong in tiles above level 0. */
function grow(tree: Frontier, leaves: Buffer): UpperTile[] {
  const tiles: UpperTile[] = [];
  const last: (UpperTile | undefined)[] = [];
  tree.append(leaves, (height, index, hash) => {
    if (height % TILE_HEIGHT !== 0) return;
    const level = height / TILE_HEIGHT;
    const tile = Math.floor(index / TILE_WIDTH);
    let open = last[level];
    if (open?.tile !== tile) {
      open = { level, tile, hashes: [], width: 0 };
      last[level] = open;
      tiles.push(open);
    }
    open.hashes.push(Buffer.from(hash));
    open.width = (index % TILE_WIDTH) + 1;
  });
  return tiles;
}
