import type { PoolClient } from "pg";
import { inTransaction } from "../db/transaction.ts";
import { newId } from "../record/event-id.ts";
import { kindNumber, runState, type ScheduleRow } from "./schedule-row.ts";
import { makeTasks, orderOf, type PlannedRun, type TickDeps } from "./tick.ts";

/** Runs started in one transaction. */
const BATCH = 500;

/** Starts the runs that waited for the one before, the oldest of each schedule, where that one has ended. Returns how many. */
export async function startWaiting(deps: TickDeps, nowMs: number): Promise<number> {
  let started = 0;
  for (;;) {
    const batch = await inTransaction(deps.db, (client) => startBatch(deps, client, nowMs));
    started += batch;
    if (batch < BATCH) return started;
  }
}

async function startBatch(deps: TickDeps, client: PoolClient, nowMs: number): Promise<number> {
  // The lock on the schedule is the one that a tick takes: both cannot start a run at the same time.
  const { rows } = await client.query<Pick<ScheduleRow, "workspace_id" | "name" | "settings"> & { run_id: string }>(
    `select schedule.workspace_id, schedule.name, schedule.settings, waits.id as run_id
       from (select distinct on (workspace_id, name) workspace_id, name, id from schedule_run
              where state = ${runState("waiting")} and state < 2 order by workspace_id, name, due_at, created_at) as waits
       join schedule on schedule.workspace_id = waits.workspace_id and schedule.name = waits.name
      where schedule.kind = ${kindNumber("task")}
        and not exists (select from schedule_run as open where open.workspace_id = waits.workspace_id and open.name = waits.name
                          and open.state = ${runState("running")} and open.state < 2)
      limit ${BATCH} for update of schedule skip locked`,
  );
  const planned = rows.map((row): PlannedRun => {
    const taskId = newId(deps.clock());
    const created = new Date(nowMs).toISOString();
    const run = {
      workspace_id: row.workspace_id,
      id: row.run_id,
      name: row.name,
      due_at: null,
      state: 1,
      reason: null,
    };
    return { run: { ...run, task_id: taskId, created_at: created }, order: orderOf(row, taskId) };
  });
  // Another server may have started it between the look and the lock.
  const { rows: taken } = await client.query<{ id: string }>(
    `update schedule_run as run set state = ${runState("running")}, task_id = given.task_id
       from unnest($1::int[], $2::uuid[], $3::uuid[]) as given(workspace_id, id, task_id)
      where run.workspace_id = given.workspace_id and run.id = given.id and run.state = ${runState("waiting")}
        and not exists (select from schedule_run as open where open.workspace_id = run.workspace_id and open.name = run.name
                          and open.state = ${runState("running")} and open.state < 2)
      returning run.id`,
    [
      planned.map(({ run }) => run.workspace_id),
      planned.map(({ run }) => run.id),
      planned.map(({ run }) => run.task_id),
    ],
  );
  const ids = new Set(taken.map((row) => row.id));
  await makeTasks(
    deps,
    client,
    planned.filter(({ run }) => ids.has(run.id)),
    nowMs,
  );
  return taken.length;
}
