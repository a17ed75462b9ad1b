import type { Pool, PoolClient } from "pg";
import { type EventRow, eventColumns, rowFromPg, toEvent } from "../event-row.ts";
import { readTiles } from "../merkle/tile-reader.ts";
import type { Order, Place } from "../search/cursor.ts";
import { readMatches } from "../search/matches.ts";
import type { SearchPlan } from "../search/plan.ts";
import { reading } from "../search/reading.ts";
import { seenEvent } from "../seen-event.ts";
import { csvLine, csvSelect } from "./csv.ts";

/** Events read in one statement: memory stays within a few of these, whatever the length of the export. */
export const BATCH_EVENTS = 500;
/** One batch may take this long: an export of a rare value reads far. */
const BATCH_MS_MAX = 60_000;
const HASHES_A_TILE = 256;
const HASH_BYTES = 32;

/** Some lines of an export and where it goes on. */
export interface Batch {
  lines: string[];
  /** The last event; undefined when there are no more after it. */
  last: Place | undefined;
}

/** Reads the next events of an export as lines. */
export type BatchReader = (plan: SearchPlan, order: Order, after: Place | undefined) => Promise<Batch>;

/** Lines of a CSV. Values come as text and go out as text: parsing them would take most of the time. */
export function csvBatches(db: Pool): BatchReader {
  const asText = { getTypeParser: () => String };
  return (plan, order, after) =>
    inReading(db, async (client) => {
      const lines: string[] = [];
      let last: Place | undefined;
      const { personal } = plan.scope.sight;
      await readMatches(
        client,
        plan,
        { order, limit: BATCH_EVENTS, after, firstRows: BATCH_EVENTS },
        async (source) => {
          const text = `select ${csvSelect(personal)} ${source.sql}${source.orderSql} limit ${source.parameters.add(source.limit)}`;
          const query = { text, values: source.parameters.values, rowMode: "array" as const, types: asText };
          const { rows } = await client.query<(string | null)[]>(query);
          for (const row of rows) lines.push(csvLine(row, personal));
          const end = rows.at(-1);
          if (end !== undefined) last = { seq: Number(end[0]), occurredAtMs: Number(end[1]) };
          return { matches: rows.length, last };
        },
      );
      return { lines, last: lines.length < BATCH_EVENTS ? undefined : last };
    });
}

const provenSelect = eventColumns.filter((column) => column !== "workspace_id" && column !== "terms").join(", ");

/** Events as JSON, each with its leaf hash and what proves that the leaf is made of it. */
export function provenBatches(db: Pool, workspaceId: number, slug: string): BatchReader {
  return async (plan, order, after) => {
    const found: EventRow[] = [];
    await inReading(db, (client) =>
      readMatches(client, plan, { order, limit: BATCH_EVENTS, after, firstRows: BATCH_EVENTS }, async (source) => {
        const statement = `select ${provenSelect} ${source.sql}${source.orderSql} limit ${source.parameters.add(source.limit)}`;
        const { rows } = await client.query(statement, source.parameters.values);
        for (const row of rows) found.push(rowFromPg(row));
        return { matches: rows.length, last: found.at(-1) };
      }),
    );
    const { sight } = plan.scope;
    // Masked events cannot be proven; with their salts anybody could try out what was masked.
    const leaves = sight.personal ? await leafHashes(db, workspaceId, found) : [];
    const lines = found.map((row, index) =>
      sight.personal ? provenEvent(row, slug, leaves[index]) : JSON.stringify(seenEvent(row, sight)),
    );
    return { lines, last: found.length < BATCH_EVENTS ? undefined : found.at(-1) };
  };
}

const inReading = <T>(db: Pool, read: (client: PoolClient) => Promise<T>): Promise<T> =>
  reading(db, BATCH_MS_MAX, read);

function provenEvent(row: EventRow, workspace: string, leafHash: string | undefined): string {
  return JSON.stringify({ ...toEvent(row), leafHash, proof: { workspace, leafHash, salts: row.salts } });
}

/** The leaf hashes of rows as the tree has them, in hex. */
async function leafHashes(db: Pool, workspaceId: number, rows: readonly EventRow[]): Promise<(string | undefined)[]> {
  const tileOf = (row: EventRow): number => Math.floor((row.seq - 1) / HASHES_A_TILE);
  const wanted = [...new Set(rows.map(tileOf))].map((index) => ({ level: 0, index }));
  const tiles = await readTiles(db, workspaceId, wanted);
  return rows.map((row) => {
    const at = ((row.seq - 1) % HASHES_A_TILE) * HASH_BYTES;
    const hash = tiles.get(`0/${tileOf(row)}`)?.toString("hex", at, at + HASH_BYTES);
    return hash === "" ? undefined : hash;
  });
}
