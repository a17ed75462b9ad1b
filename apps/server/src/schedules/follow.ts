import type { Querier } from "../access/staff-store.ts";
import { runState } from "./schedule-row.ts";
import { channel } from "./schedule-store.ts";

/** A run is slow if it took more than so many times the p95 of the runs before it. */
const SLOW_FACTOR = 2;

/** Runs before it that are compared, and how many there must be for a p95 to mean something. */
const COMPARED_MAX = 100;
const COMPARED_MIN = 5;

/** SQL: whether the run took longer than usual, told from the runs of its schedule that worked. `run` and `took` name row and column. */
export function slowSql(run: string, took: string): string {
  return `coalesce((select ${took} > ${SLOW_FACTOR} * percentile_disc(0.95) within group (order by before.duration_ms)
     from (select duration_ms from schedule_run as earlier
            where earlier.workspace_id = ${run}.workspace_id and earlier.name = ${run}.name and earlier.id <> ${run}.id
              and earlier.state = ${runState("succeeded")} and earlier.duration_ms is not null
            order by earlier.created_at desc limit ${COMPARED_MAX}) as before
   having count(*) >= ${COMPARED_MIN}), false)`;
}

/** As the statuses of tasks are numbered: pending, running, completed, failed, cancelled. */
const stateOfTask = `case task.status when 2 then ${runState("succeeded")} when 0 then ${runState("running")}
  when 1 then ${runState("running")} else ${runState("failed")} end`;

/**
 * Lets runs follow their tasks, in the transaction in which the tasks ended. A run whose task failed and then worked after all has worked.
 * Tasks without a run are passed over. Whoever waits for the end of the run before is woken by the commit.
 */
export async function followTasks(
  client: Querier,
  tasks: readonly { workspace_id: number; id: string; schedule_name: string | null }[],
): Promise<void> {
  const scheduled = tasks.filter((task) => task.schedule_name !== null);
  for (const [workspaceId, some] of Map.groupBy(scheduled, (task) => task.workspace_id)) {
    const ids = some.map((task) => task.id);
    await follow(client, "run.workspace_id = $1 and run.task_id = any($2::uuid[])", [workspaceId, ids]);
  }
}

/** The same for every open run whose task has come to its end, of whatever workspace: for tasks that ended while nobody followed. */
export async function followAll(db: Querier): Promise<number> {
  return follow(db, "run.state < 2 and task.status >= 2", []);
}

async function follow(db: Querier, where: string, parameters: unknown[]): Promise<number> {
  const { rows } = await db.query<{ moved: number }>(
    `with moving as (
       select run.workspace_id, run.id, run.name, ${stateOfTask} as state, task.started_at, task.finished_at,
              case when task.finished_at >= task.started_at
                then (extract(epoch from task.finished_at - task.started_at) * 1000)::bigint end as took,
              case when task.status = 4 then 'Its task was cancelled.' when task.status = 3 then left(task.error->>'message', 4000) end as fault
         from schedule_run as run
         join task on task.workspace_id = run.workspace_id and task.id = run.task_id
        where ${where}),
     moved as (
       update schedule_run as run set state = moving.state, started_at = moving.started_at,
              finished_at = case when moving.state >= 2 then moving.finished_at end,
              duration_ms = case when moving.state >= 2 then moving.took end,
              reason = case when moving.state = ${runState("failed")} then moving.fault when moving.state >= 2 then null else run.reason end,
              untold = moving.state = ${runState("failed")},
              slow = moving.state = ${runState("succeeded")} and ${slowSql("moving", "moving.took")}
         from moving
        where run.workspace_id = moving.workspace_id and run.id = moving.id and run.state <> moving.state
       returning run.state),
     said as (select pg_notify('${channel}', '') from moved limit 1)
     select (select count(*) from moved)::int as moved, (select count(*) from said)`,
    parameters,
  );
  return rows[0]?.moved ?? 0;
}
