import { taskLimits } from "@daybook/contract";
import type { Querier } from "../../access/staff-store.ts";

/** The middle is folded once in so many lines, and so many more than needed go: each time is a delete. */
const STEP_LINES = 2_000;

/** Whether the output grew beyond what is kept, or past the next step from there. */
export function shouldFold(before: number, after: number): boolean {
  if (after <= taskLimits.linesKept) return false;
  return before <= taskLimits.linesKept || step(before) < step(after);
}

const step = (lines: number): number => Math.floor(lines / STEP_LINES);

/**
 * Deletes rows of lines from the middle, so that at most `linesKept` lines are kept until the next step: the head stays, and of the
 * rest the newest. Rows go as a whole.
 */
export async function foldLines(client: Querier, workspaceId: number, taskId: string, total: number): Promise<void> {
  const tail = taskLimits.linesKept - taskLimits.linesHeadKept - 2 * STEP_LINES;
  await client.query(
    `delete from task_lines
       where workspace_id = $1 and task_id = $2 and first_n >= $3 and first_n < $4`,
    [workspaceId, taskId, taskLimits.linesHeadKept, total - tail],
  );
}

/** Lines of the middle that are no longer kept, as `{ from, count }`; undefined when all are there. */
export async function foldedOf(
  db: Querier,
  workspaceId: number,
  taskId: string,
  total: number,
): Promise<{ from: number; count: number } | undefined> {
  if (total <= taskLimits.linesHeadKept) return undefined;
  const { rows } = await db.query<{ head: number | null; tail: number | null }>(
    `select
       (select first_n + line_count from task_lines
          where workspace_id = $1 and task_id = $2 and first_n < $3 order by first_n desc limit 1) as head,
       (select first_n from task_lines
          where workspace_id = $1 and task_id = $2 and first_n >= $3 order by first_n limit 1) as tail`,
    [workspaceId, taskId, taskLimits.linesHeadKept],
  );
  const from = rows[0]?.head ?? 0;
  const count = (rows[0]?.tail ?? total) - from;
  return count > 0 ? { from, count } : undefined;
}
