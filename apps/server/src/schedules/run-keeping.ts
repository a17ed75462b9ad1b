import { scheduleLimits } from "@daybook/contract";
import type { Pool } from "pg";

/** Runs of a schedule that was deleted are kept so long. */
const ORPHANS_KEPT_DAYS = 30;

/** Forgets the oldest runs of schedules that have more than are kept, and in time those of schedules that are gone. Open runs stay. */
export async function forgetOldRuns(ownerDb: Pool, nowMs: number): Promise<number> {
  const surplus = await ownerDb.query(
    `delete from schedule_run as run using (
       select schedule.workspace_id, schedule.name, cut.created_at
         from schedule
         join lateral (select created_at from schedule_run as newer
                        where newer.workspace_id = schedule.workspace_id and newer.name = schedule.name
                        order by created_at desc offset $1 limit 1) as cut on true) as kept
      where run.workspace_id = kept.workspace_id and run.name = kept.name and run.created_at <= kept.created_at and run.state >= 2
        and not run.untold`,
    [scheduleLimits.runsKept],
  );
  const orphans = await ownerDb.query(
    `delete from schedule_run as run
      where created_at < $1::timestamptz - make_interval(days => ${ORPHANS_KEPT_DAYS})
        and not exists (select from schedule where schedule.workspace_id = run.workspace_id and schedule.name = run.name)`,
    [new Date(nowMs).toISOString()],
  );
  return (surplus.rowCount ?? 0) + (orphans.rowCount ?? 0);
}

/** Has work that is asked for every minute done once an hour: it reads through the newest runs of every schedule. */
export function hourly(work: () => Promise<unknown>): () => Promise<void> {
  let next = Number.NEGATIVE_INFINITY;
  return async () => {
    if (performance.now() < next) return;
    await work();
    next = performance.now() + 3_600_000 - 30_000;
  };
}
