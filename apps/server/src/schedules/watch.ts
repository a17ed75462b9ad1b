import type { PoolClient } from "pg";
import type { Querier } from "../access/staff-store.ts";
import type { Db } from "../db/pool.ts";
import { inTransaction } from "../db/transaction.ts";
import { newId } from "../record/event-id.ts";
import { insertRuns, type NewRun } from "./run-store.ts";
import { kindNumber, runState, type ScheduleRow, timesOf } from "./schedule-row.ts";
import { lastTimes, nextTime, timesBetween } from "./schedule-times.ts";
import { clock } from "./state.ts";

const BATCH = 500;

/** Of many missed times so many are kept as runs. */
const MISSED_KEPT = 20;

/** A run that was not heard of for so long is lost, unless its schedule says otherwise. */
export const MAX_RUN_SECONDS = 86_400;

/** Notes the runs of monitored schedules that were due and are not there, once their grace is over. Returns how many schedules it was. */
export async function noteMissed(db: Db, nowMs: number): Promise<number> {
  let noted = 0;
  for (;;) {
    const batch = await inTransaction(db, (client) => missedBatch(client, nowMs));
    noted += batch;
    if (batch < BATCH) return noted;
  }
}

async function missedBatch(client: PoolClient, nowMs: number): Promise<number> {
  const { rows } = await client.query<ScheduleRow & { open_count: number }>(
    `select schedule.*,
            (select count(*) from schedule_run as run where run.workspace_id = schedule.workspace_id and run.name = schedule.name
               and run.state < 2)::int as open_count
       from schedule where deadline_at <= $1 and kind = ${kindNumber("monitored")} and not paused
      order by deadline_at limit ${BATCH} for update skip locked`,
    [new Date(nowMs).toISOString()],
  );
  const runs: NewRun[] = [];
  const moves = rows.map((row) => {
    const grace = (row.settings.graceSeconds + row.settings.jitterSeconds) * 1_000;
    const { times, next } = overdue(row, nowMs - grace);
    const made = times.map((dueMs, index) => missedRun(row, dueMs, grace, nowMs, index === times.length - 1));
    runs.push(...(row.open_count > 0 && row.settings.overlap !== "allow" ? made.map(stillRunning) : made));
    return moveOf(row, next);
  });
  await insertRuns(client, runs);
  await moveSchedules(client, moves);
  return rows.length;
}

function overdue(row: ScheduleRow, untilMs: number): { times: number[]; next: number | undefined } {
  const first = row.next_run_at?.getTime() ?? untilMs;
  const walked = timesBetween(row.settings, first - 1, untilMs, MISSED_KEPT + 1);
  const times = walked.length > MISSED_KEPT ? lastTimes(row.settings, untilMs, MISSED_KEPT) : walked;
  return { times, next: nextTime(row.settings, times.at(-1) ?? untilMs) };
}

/** The run of a time at which nobody came. Of several the last is put on record. */
export function missedRun(row: ScheduleRow, dueMs: number, graceMs: number, nowMs: number, last: boolean): NewRun {
  const late = nowMs - dueMs - graceMs > 60_000 ? " Daybook itself did not look until later." : "";
  return {
    workspace_id: row.workspace_id,
    id: newId(nowMs),
    name: row.name,
    due_at: new Date(dueMs).toISOString(),
    state: runState("missed"),
    reason: `Nothing checked in by ${clock(dueMs + graceMs)}.${late}`,
    untold: last,
    created_at: new Date(nowMs).toISOString(),
  };
}

function stillRunning(run: NewRun): NewRun {
  const reason = "Left out: the run before was still under way.";
  return { ...run, state: runState("skipped"), reason, untold: false };
}

export interface Move {
  w: number;
  n: string;
  d: string | null;
  s: string | null;
  e: string | null;
}

/** Where a schedule goes on. */
export function moveOf(row: ScheduleRow, dueMs: number | undefined): Move {
  const times = timesOf(row.name, "monitored", row.settings, dueMs);
  return { w: row.workspace_id, n: row.name, d: times.nextRunAt, s: times.startAt, e: times.deadlineAt };
}

export async function moveSchedules(client: Querier, moves: readonly Move[]): Promise<void> {
  if (moves.length === 0) return;
  await client.query(
    `update schedule set next_run_at = move.d, start_at = move.s, deadline_at = move.e
       from jsonb_to_recordset($1::jsonb) as move(w int, n text, d timestamptz, s timestamptz, e timestamptz)
      where schedule.workspace_id = move.w and schedule.name = move.n`,
    [JSON.stringify(moves)],
  );
}

/** Gives up runs that began and were not heard of again: of monitored schedules, and of house-keeping. Tasks are watched by their own.
 *  Returns the tasks that stand for monitored runs. */
export async function noteLost(db: Db, nowMs: number): Promise<{ workspaceId: number; taskId: string }[]> {
  const { rows } = await db.query<{ workspace_id: number; task_id: string | null }>(
    `update schedule_run as run set state = ${runState("lost")}, finished_at = $1, untold = true,
            reason = 'It was not heard of for ' ||
              coalesce(schedule.settings->>'maxRunSeconds', '${MAX_RUN_SECONDS}') || ' seconds.'
       from schedule
      where schedule.workspace_id = run.workspace_id and schedule.name = run.name and schedule.kind <> ${kindNumber("task")}
        and run.state = ${runState("running")} and run.state < 2
        and coalesce(run.started_at, run.created_at)
            + make_interval(secs => coalesce((schedule.settings->>'maxRunSeconds')::int, ${MAX_RUN_SECONDS})) < $1
      returning run.workspace_id, run.task_id`,
    [new Date(nowMs).toISOString()],
  );
  return rows.flatMap((row) => (row.task_id === null ? [] : [{ workspaceId: row.workspace_id, taskId: row.task_id }]));
}
