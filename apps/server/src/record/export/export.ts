import type { Pool } from "pg";
import { parseCheckpoint } from "../merkle/checkpoint.ts";
import type { CheckpointBook } from "../merkle/checkpoint-book.ts";
import { readHead } from "../merkle/prove.ts";
import type { Order } from "../search/cursor.ts";
import { SearchPlan, type SearchScope } from "../search/plan.ts";
import { csvBatches, provenBatches } from "./batches.ts";
import { csvHeader } from "./csv.ts";

export const exportFormats = ["csv", "json", "ndjson"] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const exportMediaTypes: Record<ExportFormat, string> = {
  csv: "text/csv; charset=utf-8; header=present",
  json: "application/json; charset=utf-8",
  ndjson: "application/x-ndjson; charset=utf-8",
};

/** Text handed on at once. */
const CHUNK_LENGTH = 64 * 1024;

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

/**
 * The scope limited to the log as it is now: events that arrive while an export runs are left out of it. A checkpoint is
 * signed of exactly that, so that an export of the whole log can be held against one (`daybook verify --export`).
 */
export async function scopeUpToNow(
  { db, checkpoints }: { db: Pool; checkpoints: Pick<CheckpointBook, "current"> },
  scope: SearchScope,
): Promise<SearchScope> {
  const { workspaceId } = scope;
  // A log that cannot be signed can still be exported; what is wrong with it is told elsewhere.
  const signed = await checkpoints.current(workspaceId).catch(() => undefined);
  if (signed !== undefined) return { ...scope, seqMax: parseCheckpoint(signed).size };
  return { ...scope, seqMax: (await readHead(db, workspaceId)).size };
}

/**
 * The matching events as text, in chunks. Batches are read by keyset, so that no transaction stays open while a slow
 * client reads; the next batch is read while the present one goes out.
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
  const read = format === "csv" ? csvBatches(db) : provenBatches(db, scope.workspaceId, slug);
  let next = read(plan, order, undefined);
  try {
    let text = format === "csv" ? csvHeader : format === "json" ? "[" : "";
    for (;;) {
      const { lines, last } = await next;
      if (last !== undefined) {
        next = read(plan, order, last);
        // Its fault is thrown where it is awaited.
        next.catch(() => {});
      }
      for (const line of lines) {
        if (format === "json") text += `${progress.events === 0 ? "" : ","}\n${line}`;
        else text += format === "csv" ? line : `${line}\n`;
        progress.events++;
        if (text.length > CHUNK_LENGTH) {
          yield text;
          text = "";
        }
      }
      if (last === undefined) {
        yield format === "json" ? `${text}\n]\n` : text;
        return;
      }
    }
  } finally {
    // Also when whoever reads has had enough: nothing is left running.
    await next.catch(() => {});
  }
}
