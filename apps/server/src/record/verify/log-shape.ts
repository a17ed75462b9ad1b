import type { PoolClient } from "pg";
import { TILE_WIDTH } from "../merkle/proof.ts";
import { Frontier, HASH_BYTES } from "../merkle/tree.ts";
import type { LogToCheck } from "./bucket.ts";
import { eventsText, type VerifyFault } from "./fault.ts";

/** What stands around the events: is anything there that the head of the log does not cover, or missing that it does? */
export async function checkShape(client: PoolClient, log: LogToCheck): Promise<VerifyFault[]> {
  return [...(await checkTail(client, log)), ...(await checkTiles(client, log))];
}

/** The head must be the last event, and its frontier of the right length. */
export async function checkHead(
  client: PoolClient,
  { workspaceId, size, frontier }: LogToCheck,
): Promise<VerifyFault[]> {
  const { rows } = await client.query<{ beyond: string | null; last: string | null; before: string | null }>(
    `select (select min(seq) from event where workspace_id = $1 and seq > $2) as beyond,
            (select max(seq) from event where workspace_id = $1 and seq > $2) as last,
            (select max(seq) from event where workspace_id = $1 and seq < 1) as before`,
    [workspaceId, size],
  );
  const [row] = rows;
  const faults: VerifyFault[] = [];
  if (row !== undefined && row.beyond !== null) {
    const what = `The head of the log was rolled back or an event was added behind it: it says ${size} events, but ${eventsText(Number(row.beyond), Number(row.last))} are stored.`;
    faults.push({ seq: size + 1, kind: "head", what });
  }
  if (row !== undefined && row.before !== null) {
    faults.push({
      seq: Number(row.before),
      kind: "head",
      what: `An event is stored as event ${row.before}; the log begins with 1.`,
    });
  }
  try {
    new Frontier(size, frontier);
  } catch {
    faults.push({
      seq: null,
      kind: "head",
      what: `The head of the log has a frontier that is not one of ${size} events.`,
    });
  }
  return faults;
}

/** Leaves after the last full tile: without a gap, up to the head. */
async function checkTail(client: PoolClient, { workspaceId, size }: LogToCheck): Promise<VerifyFault[]> {
  const { rows } = await client.query<{ first_seq: string | number; bytes: number }>(
    "select first_seq, octet_length(hashes) as bytes from log_leaf where workspace_id = $1 order by first_seq",
    [workspaceId],
  );
  let next = size - (size % TILE_WIDTH) + 1;
  for (const row of rows) {
    if (Number(row.first_seq) !== next || row.bytes % HASH_BYTES !== 0) break;
    next += row.bytes / HASH_BYTES;
  }
  if (next === size + 1 && rows.every((row) => Number(row.first_seq) < next)) return [];
  const what = `The tail of the tree (log_leaf) does not hold one hash for each event up to ${size}: it fits up to ${next - 1}.`;
  return [{ seq: Math.min(next, size), kind: "tile", what }];
}

/** Every tile must have the hashes that a log of this size gives it, no more and no fewer. */
async function checkTiles(client: PoolClient, { workspaceId, size }: LogToCheck): Promise<VerifyFault[]> {
  const faults: VerifyFault[] = [];
  for (let level = 0; level === 0 || TILE_WIDTH ** level <= size; level++) {
    const hashes = level === 0 ? size - (size % TILE_WIDTH) : Math.floor(size / TILE_WIDTH ** level);
    const fault = await checkLevel(client, workspaceId, level, hashes);
    if (fault === undefined) continue;
    const after = Math.min(size, fault.hashes * TILE_WIDTH ** level);
    faults.push({ seq: Math.max(1, after + 1), kind: "tile", what: `${fault.what} for a log of ${size} events.` });
  }
  const { rows } = await client.query<{ level: number }>(
    "select level from log_tile where workspace_id = $1 and (level < 0 or power(256::numeric, level) > $2) and level <> 0 limit 1",
    [workspaceId, size],
  );
  if (rows[0] !== undefined) {
    faults.push({
      seq: null,
      kind: "tile",
      what: `The tree has tiles of level ${rows[0].level}, which ${size} events do not give.`,
    });
  }
  return faults;
}

/** The first tile of a level with the wrong number of hashes, and how many hashes of the level are right before it. */
async function checkLevel(
  client: PoolClient,
  workspaceId: number,
  level: number,
  hashes: number,
): Promise<{ hashes: number; what: string } | undefined> {
  const unfit = await client.query<{ tile: string | number; bytes: number }>(
    `select tile, octet_length(hashes) as bytes from log_tile
     where workspace_id = $1 and level = $2 and (octet_length(hashes) <> 32 * least(256, $3::bigint - tile * 256) or tile < 0)
     order by tile limit 1`,
    [workspaceId, level, hashes],
  );
  const lost = await client.query<{ tile: string | number }>(
    `select tile from generate_series(0, $3::bigint) as wanted (tile)
     where tile * 256 < $4::bigint and not exists (
       select 1 from log_tile t where t.workspace_id = $1 and t.level = $2 and t.tile = wanted.tile)
     order by tile limit 1`,
    [workspaceId, level, Math.floor(hashes / TILE_WIDTH), hashes],
  );
  const [wrong, missing] = [unfit.rows[0], lost.rows[0]];
  if (missing !== undefined && Number(missing.tile) <= Number(wrong?.tile ?? missing.tile)) {
    return { hashes: Number(missing.tile) * TILE_WIDTH, what: `Tile ${missing.tile} of level ${level} is missing` };
  }
  if (wrong === undefined) return undefined;
  const tile = Number(wrong.tile);
  const expected = Math.min(TILE_WIDTH, Math.max(0, hashes - tile * TILE_WIDTH));
  const stored = wrong.bytes / HASH_BYTES;
  const what = `Tile ${tile} of level ${level} has ${stored} hashes instead of ${expected}`;
  return { hashes: tile * TILE_WIDTH + Math.min(expected, Math.floor(stored)), what };
}

/** Compares the levels from 2 on with the hashes that the events give; `computed[level]` are all hashes of a level. */
export async function checkUpperLevels(
  client: PoolClient,
  { workspaceId }: LogToCheck,
  computed: readonly (readonly Buffer[] | undefined)[],
): Promise<VerifyFault[]> {
  for (const [level, hashes] of computed.entries()) {
    for (let tile = 0; tile * TILE_WIDTH < (hashes?.length ?? 0); tile++) {
      const { rows } = await client.query<{ hashes: Buffer }>(
        "select hashes from log_tile where workspace_id = $1 and level = $2 and tile = $3",
        [workspaceId, level, tile],
      );
      const expected = Buffer.concat(hashes?.slice(tile * TILE_WIDTH, (tile + 1) * TILE_WIDTH) ?? []);
      if (rows[0]?.hashes.equals(expected)) continue;
      const what = `Tile ${tile} of level ${level} is not what the events give.`;
      return [{ seq: tile * TILE_WIDTH ** (level + 1) + 1, kind: "tile", what }];
    }
  }
  return [];
}
