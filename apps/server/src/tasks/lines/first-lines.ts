import type { Querier } from "../../access/staff-store.ts";
import type { Deps } from "../../deps.ts";
import type { TaskRow } from "../task-row.ts";
import { countRedactions } from "./count-redactions.ts";
import { cleanBatch, type GivenLines } from "./line-batch.ts";
import type { LineTuple } from "./line-pages.ts";
import { CHUNK_CHARS, CHUNK_LINES, lastLineOf } from "./line-store.ts";

/** All that an attempt has written, when it is so little that it is one row of lines. */
export interface FirstLines {
  row: TaskRow;
  given: GivenLines;
}

/** Whether the lines of an attempt are few enough for `storeFirstLines`. */
export function areFew({ lines }: GivenLines): boolean {
  return lines.length <= CHUNK_LINES && lines.reduce((sum, { text }) => sum + text.length, 0) <= CHUNK_CHARS;
}

/** Stores the lines of many tasks of which none was stored in this attempt, in one statement in the caller's transaction. */
export async function storeFirstLines(
  client: Querier,
  deps: Pick<Deps, "redaction" | "clock">,
  items: readonly FirstLines[],
): Promise<void> {
  const counts = new Map<number, Map<string, number>>();
  const rows = items.map(({ row, given }) => {
    const rules = deps.redaction.of(row.workspace_id);
    const cleaned = cleanBatch(given, { rules, inKey: false, nowMs: deps.clock() });
    for (const [rule, count] of cleaned.counts) {
      const own = counts.get(row.workspace_id) ?? new Map<string, number>();
      counts.set(row.workspace_id, own.set(rule, (own.get(rule) ?? 0) + count));
    }
    const lines = cleaned.batch.lines.map(({ atMs, stream, text }): LineTuple => [atMs, stream, row.attempt, text]);
    return { workspace_id: row.workspace_id, id: row.id, n: lines.length, lines, last: lastLineOf(lines) };
  });
  await client.query(
    `with given as (select * from jsonb_to_recordset($1::jsonb) as given(workspace_id int, id uuid, n int, lines jsonb, last text)),
     moved as (
       update task set line_count = task.line_count + given.n, lines_attempt = task.attempt, lines_from = task.line_count,
           last_line = coalesce(given.last, task.last_line)
         from given where task.workspace_id = given.workspace_id and task.id = given.id
       returning task.workspace_id, task.id, task.line_count - given.n as first_n, given.n, given.lines),
     put as (
       insert into task_lines (workspace_id, task_id, first_n, line_count, lines) select workspace_id, id, first_n, n, lines from moved)
     select pg_notify('daybook_lines', workspace_id || ' ' || id) from moved`,
    [JSON.stringify(rows)],
  );
  for (const [workspaceId, own] of counts) await countRedactions(client, workspaceId, own);
}
