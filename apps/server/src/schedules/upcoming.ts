import type { UpcomingRun } from "@daybook/contract";
import type { Querier } from "../access/staff-store.ts";
import { kindOf, type ScheduleRow } from "./schedule-row.ts";
import { scheduleColumns } from "./schedule-store.ts";
import { timesBetween } from "./schedule-times.ts";

/** Runs in one answer: more cannot be drawn. */
const RUNS_MAX = 5_000;
/** Of one schedule at least so many, however many schedules there are. */
const OF_ONE_MIN = 24;

/** The times at which schedules will run within some hours, the soonest first; `complete` is false if there are more. */
export async function upcomingRuns(
  db: Querier,
  workspaceId: number,
  hours: number,
  nowMs: number,
): Promise<{ runs: UpcomingRun[]; complete: boolean }> {
  const { rows } = await db.query<ScheduleRow>(
    `select ${scheduleColumns} from schedule where workspace_id = $1 and next_run_at is not null order by next_run_at, name`,
    [workspaceId],
  );
  const untilMs = nowMs + hours * 3_600_000;
  const ofOne = Math.max(OF_ONE_MIN, Math.floor((4 * RUNS_MAX) / Math.max(1, rows.length)));
  let cutMs = Number.POSITIVE_INFINITY;
  const runs: { name: string; ms: number; kind: UpcomingRun["kind"] }[] = [];
  for (const row of rows) {
    const firstMs = row.next_run_at?.getTime() ?? nowMs;
    if (firstMs > Math.min(untilMs, cutMs)) continue;
    const times = timesBetween(row.settings, Math.max(firstMs - 1, nowMs), untilMs, ofOne);
    // After the last that was looked at, nothing is known of this schedule.
    if (times.length === ofOne) cutMs = Math.min(cutMs, times.at(-1) ?? cutMs);
    for (const ms of times) runs.push({ name: row.name, ms, kind: kindOf(row) });
  }
  const known = runs.filter(({ ms }) => ms <= cutMs).sort((a, b) => a.ms - b.ms || (a.name < b.name ? -1 : 1));
  return {
    runs: known.slice(0, RUNS_MAX).map(({ name, ms, kind }) => ({ name, at: new Date(ms).toISOString(), kind })),
    complete: cutMs === Number.POSITIVE_INFINITY && known.length <= RUNS_MAX,
  };
}
