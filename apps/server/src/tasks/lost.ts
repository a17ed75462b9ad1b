import { queueSchema } from "../db/queue-schema.ts";
import { inTransaction } from "../db/transaction.ts";
import type { Deps } from "../deps.ts";
import { newId } from "../record/event-id.ts";
import { nextAttempt } from "./task-acts.ts";
import { jobOf } from "./task-desk.ts";
import type { TaskRow } from "./task-row.ts";
import { listColumns } from "./task-row.ts";
import { takeStep } from "./transition.ts";

/** A worker that has not held its task for so long is lost. With the beats of the others the task is given back within 30 s. */
export const LOST_AFTER_SECONDS = 15;
/** A task whose workers are lost again and again is likely what kills them. */
const LOST_ATTEMPTS_MAX = 3;
const ROUND_MAX = 100;

const lostError = { message: "The worker was lost: it ended, or it lost the database.", code: "worker_lost" };
const stoppedError = { message: "The worker was stopped before it was done.", code: "worker_lost" };

/** A pending task is given so long to be claimed before anybody looks whether its job is still there. */
const ORPHAN_AFTER_SECONDS = 20;

/**
 * Queues pending tasks anew whose job is gone: its worker was killed, or lost the database, between claiming the job and beginning the task.
 * A job that turns up after all finds the task begun.
 */
export async function queueOrphans(deps: Pick<Deps, "db" | "clock" | "tasks">): Promise<number> {
  const { rows } = await deps.db.query<TaskRow>(
    `select ${listColumns} from task
      where status = 0 and executor > 0 and job_id is not null
        and coalesce(run_at, queued_at) < now() - make_interval(secs => $1)
        and not exists (
          select from ${queueSchema}.job as job where job.name = task.type and job.id = task.job_id
             and (job.state < 'active'
                  or job.state = 'active' and coalesce(job.heartbeat_on, job.started_on) > now() - make_interval(secs => $1)))
      limit $2`,
    [ORPHAN_AFTER_SECONDS, ROUND_MAX],
  );
  for (const row of rows) {
    const rule = await deps.tasks.types.of(row.workspace_id, row.type);
    await inTransaction(deps.db, async (client) => {
      const jobId = newId(deps.clock());
      const { rowCount } = await client.query(
        `update task set job_id = $5, run_at = null
          where workspace_id = $1 and id = $2 and status = 0 and attempt = $3 and job_id = $4`,
        [row.workspace_id, row.id, row.attempt, row.job_id, jobId],
      );
      if (rowCount === 1) await deps.tasks.queue.enqueue(client, jobOf({ ...row, job_id: jobId, run_at: null }, rule));
    });
  }
  return rows.length;
}

/** Takes running tasks from workers that do not show themselves: back into the queue if they may be run again, else they have failed. */
export async function giveBackLost(deps: Pick<Deps, "db" | "clock" | "tasks">): Promise<number> {
  const { rows } = await deps.db.query<TaskRow>(
    `select ${listColumns} from task
      where status = 1 and executor > 0 and worker is not null and heartbeat_at < now() - make_interval(secs => $1) order by id limit $2`,
    [LOST_AFTER_SECONDS, ROUND_MAX],
  );
  for (const row of rows) await giveBack(deps, row);
  return rows.length;
}

/** Takes a running task from its worker, which is lost or stops. */
export async function giveBack(
  deps: Pick<Deps, "db" | "clock" | "tasks">,
  row: TaskRow,
  stopped = false,
): Promise<void> {
  const error = stopped ? stoppedError : lostError;
  const rule = await deps.tasks.types.of(row.workspace_id, row.type);
  const again = (rule.idempotent || row.retryable) && row.attempt < Math.max(row.attempts_max, 1 + LOST_ATTEMPTS_MAX);
  const jobId = newId(deps.clock());
  await inTransaction(deps.db, async (client) => {
    const held = {
      workspaceId: row.workspace_id,
      id: row.id,
      attempt: row.attempt,
      heldBy: row.worker ?? "",
      atMs: deps.clock(),
    };
    const moved = await takeStep(client, {
      ...held,
      happening: "lost",
      from: [1],
      worker: row.worker ?? undefined,
      error,
      note: again ? "given back" : undefined,
      set: again
        ? nextAttempt(jobId)
        : [
            ["status = 3"],
            ["finished_at = {0}", new Date(deps.clock())],
            ["error = {0}::jsonb", JSON.stringify(error)],
          ],
    });
    // Somebody else was faster, or it ended after all.
    if (moved === undefined) return;
    if (row.job_id !== null) await deps.tasks.queue.settle(client, row.type, row.job_id);
    if (again) await deps.tasks.queue.enqueue(client, jobOf(moved, rule));
    else await deps.tasks.ended(client, [moved]);
  });
}
