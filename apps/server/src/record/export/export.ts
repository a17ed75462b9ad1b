import type { Pool } from "pg";
import { type EventRow, eventColumns, toEvent } from "../event-row.ts";
import { readTiles } from "../merkle/tile-reader.ts";
import type { Order, Place } from "../search/cursor.ts";
import { pageSelect, readPageWith } from "../search/page.ts";
import { SearchPlan, type SearchScope } from "../search/plan.ts";
import { reading } from "../search/reading.ts";
import { csvHeader, csvLine } from "./csv.ts";

export const exportFormats = ["csv", "json", "ndjson"] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const exportMediaTypes: Record<ExportFormat, string> = {
  csv: "text/csv; charset=utf-8; header=present",
  json: "application/json; charset=utf-8",
  ndjson: "application/x-ndjson; charset=utf-8",
};

/** Events read in one statement: memory stays within a few of these, whatever the length of the export. */
const BATCH_EVENTS = 2_000;
/** Text handed on at once. */
const CHUNK_LENGTH = 64 * 1024;
/** One batch may take this long: an export of a rare value reads far. */
const BATCH_MS_MAX = 60_000;
const HASHES_A_TILE = 256;
const HASH_BYTES = 32;

export interface ExportRequest {
  scope: SearchScope;
  order: Order;
  format: ExportFormat;
  /** The workspace's slug; part of every leaf. */
  slug: string;
}

export interface ExportProgress {
  events: number;
}

/** The scope limited to the log as it is now: events that arrive while an export runs are left out of it. */
export async function scopeUpToNow(db: Pool, scope: SearchScope): Promise<SearchScope> {
  const { rows } = await db.query<{ size: number }>("select size from log_head where workspace_id = $1", [
    scope.workspaceId,
  ]);
  return { ...scope, seqMax: Number(rows[0]?.size ?? 0) };
}

/**
 * The matching events as text, in chunks. Batches are read by keyset, so that no transaction stays open while a slow
 * client reads.
 *
 * JSON and NDJSON lines are events with `leafHash` and `proof: { workspace, leafHash, salts }`: with the salts anybody
 * can compute the leaf from the event (see leaf.ts) and hold it against the leaf hash that the tree has.
 */
export async function* exportEvents(
  db: Pool,
  { scope, order, format, slug }: ExportRequest,
  progress: ExportProgress,
): AsyncGenerator<string> {
  const plan = new SearchPlan(scope);
  const select = format === "csv" ? pageSelect : provenSelect;
  let after: Place | undefined;
  let text = format === "csv" ? csvHeader : format === "json" ? "[" : "";
  for (;;) {
    const rows = await reading(db, BATCH_MS_MAX, (client) =>
      readPageWith(client, plan, { order, limit: BATCH_EVENTS, after, firstRows: BATCH_EVENTS }, select),
    );
    const leaves = format === "csv" ? undefined : await leafHashes(db, scope.workspaceId, rows);
    for (const [index, row] of rows.entries()) {
      if (format === "csv") text += csvLine(row);
      else if (format === "ndjson") text += `${provenEvent(row, slug, leaves?.[index])}\n`;
      else text += `${progress.events === 0 ? "" : ","}\n${provenEvent(row, slug, leaves?.[index])}`;
      progress.events++;
      if (text.length > CHUNK_LENGTH) {
        yield text;
        text = "";
      }
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH_EVENTS) break;
    after = { occurredAtMs: last.occurredAtMs, seq: last.seq };
  }
  yield format === "json" ? `${text}\n]\n` : text;
}

const provenSelect = eventColumns.filter((column) => column !== "workspace_id" && column !== "terms").join(", ");

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
