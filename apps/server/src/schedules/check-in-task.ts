import type { Querier } from "../access/staff-store.ts";
import type { Db } from "../db/pool.ts";
import { inTransaction } from "../db/transaction.ts";
import { takeStep } from "../tasks/transition.ts";
import type { TaskMaker } from "./tick.ts";

/** The type of the tasks that stand for runs of monitored schedules. */
export const runTaskType = "schedule.run";

/** Makes the task of a run that checked in: it runs elsewhere, and is seen among the tasks. */
export async function beginTask(
  tasks: TaskMaker,
  client: Querier,
  run: { workspaceId: number; name: string; taskId: string },
): Promise<void> {
  const order = { type: runTaskType, title: run.name, scheduleName: run.name, status: "running" as const };
  await tasks.createAll(client, run.workspaceId, [{ ...order, id: run.taskId }]);
}

export interface TaskEnd {
  workspaceId: number;
  taskId: string;
  /** Undefined if it worked. */
  fault: string | undefined;
  startedMs: number;
  finishedMs: number;
  happening: "completed" | "failed" | "lost";
}

/** Ends the task of a run. One that has ended already stays as it is. */
export async function endTask(client: Querier, end: TaskEnd): Promise<void> {
  await takeStep(client, {
    workspaceId: end.workspaceId,
    id: end.taskId,
    happening: end.happening,
    from: [0, 1],
    atMs: end.finishedMs,
    ...(end.fault === undefined ? {} : { error: { message: end.fault } }),
    set: [
      [end.happening === "completed" ? "status = 2" : "status = 3"],
      ["started_at = {0}", new Date(end.startedMs).toISOString()],
      ["finished_at = {0}", new Date(end.finishedMs).toISOString()],
      ...(end.fault === undefined
        ? ([["progress = 100"]] as [string][])
        : ([["error = {0}::jsonb", JSON.stringify({ message: end.fault })]] as [string, string][])),
    ],
  });
}

/** The task of a run that was not heard of again. */
export async function loseTask(db: Db, lost: { workspaceId: number; taskId: string }, nowMs: number): Promise<void> {
  const fault = "The run was not heard of again.";
  await inTransaction(db, async (client) => {
    const { rows } = await client.query<{ started_at: Date | null }>(
      "select started_at from task where workspace_id = $1 and id = $2",
      [lost.workspaceId, lost.taskId],
    );
    const startedMs = rows[0]?.started_at?.getTime() ?? nowMs;
    await endTask(client, { ...lost, fault, startedMs, finishedMs: nowMs, happening: "lost" });
  });
}
