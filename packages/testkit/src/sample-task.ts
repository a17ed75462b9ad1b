import { randomBytes } from "node:crypto";
import type { Target, TaskStatus } from "@daybook/contract";
import type { Deps } from "@daybook/server/deps.ts";
import { newId } from "@daybook/server/record/event-id.ts";
import { statusNumber, type TaskRow, targetKeys } from "@daybook/server/tasks/task-row.ts";
import { insertTasks, type TaskDraft } from "@daybook/server/tasks/task-store.ts";

export interface SampleTask {
  workspaceId?: number;
  id?: string;
  type?: string;
  title?: string;
  status?: TaskStatus;
  targets?: Target[];
  user?: { id: string; name?: string };
  project?: string;
  node?: string;
  scheduleName?: string;
  payload?: unknown;
  error?: { message: string };
  /** When it was queued; it started a second later and finished two later, as far as its status goes. */
  queuedAtMs?: number;
}

/** Stores a reported task, in the workspace main unless told otherwise: deploying the server srv-1, running. */
export async function sampleTask(deps: Pick<Deps, "db" | "clock">, task: SampleTask = {}): Promise<TaskRow> {
  const { status = "running", queuedAtMs = deps.clock() - 5_000, error } = task;
  const workspaceId = task.workspaceId ?? (await mainWorkspace(deps));
  const id = task.id ?? newId(queuedAtMs);
  const [row] = await insertTasks(deps.db, workspaceId, [draftOf(task, id, queuedAtMs)]);
  if (row === undefined) throw new Error(`there is a task ${id} already`);
  if (status === "pending") return row;
  const { rows } = await deps.db.query<TaskRow>(
    `update task set status = $3::smallint, started_at = $4, finished_at = case when $3::smallint > 1 then $5::timestamptz end, error = $6
       where workspace_id = $1 and id = $2 returning *`,
    [
      workspaceId,
      id,
      statusNumber(status),
      new Date(queuedAtMs + 1_000),
      new Date(queuedAtMs + 2_000),
      error === undefined ? null : JSON.stringify(error),
    ],
  );
  return rows[0] ?? row;
}

function draftOf(task: SampleTask, id: string, queuedAtMs: number): TaskDraft {
  const { type = "instance.deploy", targets = [{ type: "server", id: "srv-1", name: "web-1" }] } = task;
  const title = task.title ?? `Deploy ${targets[0]?.name ?? randomBytes(2).toString("hex")}`;
  return {
    ...{ id, type, title, status: 0, executor: 0, attempts_max: 1, priority: 0, retryable: false, job_id: null },
    ...{ queued_at: new Date(queuedAtMs).toISOString(), run_at: null, started_at: null },
    ...{ node: task.node ?? null, user_id: task.user?.id ?? null, user_name: task.user?.name ?? null },
    ...{ project: task.project ?? null, schedule_name: task.scheduleName ?? null, parent_id: null, targets },
    target_keys: targetKeys(targets),
    payload: task.payload ?? null,
    body: `${title} ${type}`,
    ...{ event_id: newId(queuedAtMs), started_event_id: null, actor: null, origin: null },
  };
}

async function mainWorkspace({ db }: Pick<Deps, "db">): Promise<number> {
  const { rows } = await db.query<{ id: number }>("select id from workspace where slug = 'main'");
  return rows[0]?.id ?? 0;
}
