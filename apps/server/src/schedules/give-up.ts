import type { Querier } from "../access/staff-store.ts";
import { endTask } from "./check-in-task.ts";
import { kindOf, runState, type ScheduleRow } from "./schedule-row.ts";

/**
 * Ends the open runs of a schedule that is deleted, or will run something else, where nobody could end them any more: those that wait are
 * left out, and those of a job that runs elsewhere are lost, since its check-ins are no longer taken. A run with a task of Daybook's own
 * follows its task as before. The schedule is locked by the caller. `why`: the beginning of the reason, a sentence without its full stop.
 */
export async function giveUpRuns(client: Querier, schedule: ScheduleRow, why: string, nowMs: number): Promise<void> {
  const { workspace_id: workspaceId, name } = schedule;
  const now = new Date(nowMs).toISOString();
  await client.query(
    `update schedule_run set state = ${runState("skipped")}, reason = $3
      where workspace_id = $1 and name = $2 and state = ${runState("waiting")} and state < 2`,
    [workspaceId, name, `Left out: ${why}.`],
  );
  if (kindOf(schedule) !== "monitored") return;
  const fault = `It was not heard of again: ${why}.`;
  const { rows } = await client.query<{ task_id: string | null; began: Date }>(
    `update schedule_run set state = ${runState("lost")}, reason = $3, finished_at = $4, untold = true
      where workspace_id = $1 and name = $2 and state = ${runState("running")} and state < 2
      returning task_id, coalesce(started_at, created_at) as began`,
    [workspaceId, name, fault, now],
  );
  for (const { task_id: taskId, began } of rows)
    if (taskId !== null)
      await endTask(client, {
        ...{ workspaceId, taskId, fault, startedMs: Number(began), finishedMs: nowMs },
        happening: "lost",
      });
}
