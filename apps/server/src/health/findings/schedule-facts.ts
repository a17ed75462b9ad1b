import type { RunState, ScheduleKind } from "@daybook/contract";
import { runStates } from "@daybook/contract";
import type { Querier } from "../../access/staff-store.ts";
import { type KeptSettings, kindNumber, kindOf, runState } from "../../schedules/schedule-row.ts";
import { firstIdOf } from "../../tasks/spans.ts";

/** A schedule that is not paused, with what its last runs say. */
export interface ScheduleFact {
  name: string;
  kind: ScheduleKind;
  settings: Pick<KeptSettings, "cron" | "timeZone" | "graceSeconds">;
  createdMs: number;
  nextMs: number | undefined;
  /** When the ticker should have looked at it: its next run begins, or is missed. */
  turnMs: number | undefined;
  /** When a run began for the last time; undefined if none ever did. */
  beganMs: number | undefined;
  /** The states of its last runs, the newest first, twenty at most; of one whose last run worked only that. */
  recent: readonly RunState[];
  last:
    | { state: RunState; reason: string | undefined; dueMs: number | undefined; exitCode: number | undefined }
    | undefined;
  /** A run whose task nobody has begun. */
  waiting: { sinceMs: number; type: string; reported: boolean } | undefined;
}

export interface ScheduleFacts {
  all: readonly ScheduleFact[];
  /** When the ticker last started or missed a run. */
  lastTickMs: number | undefined;
  /** Daybook's own house-keeping, which makes a round a minute: when the next one of any was due. Of the first workspace alone. */
  keeping: { chores: number; dueMs: number } | undefined;
}

interface FactRow {
  name: string;
  kind: number;
  settings: KeptSettings;
  created_at: Date;
  next_run_at: Date | null;
  turn_at: Date | null;
  began_at: Date | null;
  recent: number[] | null;
  state: number | null;
  reason: string | null;
  due_at: Date | null;
  exit_code: number | null;
  waiting_since: Date | null;
  waiting_type: string | null;
  waiting_reported: boolean | null;
}

const RECENT_MAX = 20;
const worked = runState("succeeded");
const ownRuns = "run.workspace_id = $1 and run.name = schedule.name";
const withTask = "schedule_run as run left join task on task.workspace_id = run.workspace_id and task.id = run.task_id";

/**
 * Every schedule that is not paused, in one statement. More than the last run is read only of those whose last run did not work; that is
 * said inside of what is joined, as a condition on the join would be looked at after the reading.
 */
export async function readSchedules(db: Querier, workspaceId: number, nowMs: number): Promise<ScheduleFacts> {
  const { rows } = await db.query<FactRow>(
    `select schedule.name, kind, settings, schedule.created_at, next_run_at, coalesce(deadline_at, start_at) as turn_at,
            greatest(began.at, last.started_at, last.finished_at) as began_at, recent.states as recent, last.state, last.reason,
            last.due_at, last.exit_code, waiting.created_at as waiting_since, waiting.type as waiting_type,
            waiting.executor = 0 as waiting_reported
       from schedule
       left join lateral (
         select state, reason, due_at, exit_code, started_at, finished_at from schedule_run as run
          where ${ownRuns} order by created_at desc, due_at desc, id desc limit 1) as last on true
       left join lateral (
         select array_agg(state::int order by created_at desc, due_at desc, id desc) as states
           from (select state, created_at, due_at, id from schedule_run as run
                  where last.state <> ${worked} and ${ownRuns}
                  order by created_at desc, due_at desc, id desc limit ${RECENT_MAX}) as latest
         ) as recent on true
       left join lateral (
         select coalesce(run.started_at, task.started_at) as at from ${withTask} and run.state = ${runState("running")}
          where last.state <> ${worked} and ${ownRuns} and coalesce(run.started_at, task.started_at) is not null
          order by run.created_at desc limit 1) as began on true
       left join lateral (
         select run.created_at, task.type, task.executor from ${withTask}
          where schedule.kind = ${kindNumber("task")} and ${ownRuns} and run.state = ${runState("running")} and run.state < 2
            and task.status = 0
          order by run.created_at limit 1) as waiting on true
      where schedule.workspace_id = $1 and not paused and kind <> ${kindNumber("builtin")} order by schedule.name`,
    [workspaceId],
  );
  return {
    all: rows.map(factOf),
    lastTickMs: rows.length === 0 ? undefined : await readTick(db, workspaceId, nowMs),
    keeping: await readKeeping(db, workspaceId),
  };
}

function factOf(row: FactRow): ScheduleFact {
  const { cron, timeZone, graceSeconds } = row.settings;
  const state = (number: number): RunState => runStates[number] ?? "running";
  return {
    name: row.name,
    kind: kindOf(row),
    settings: { cron, timeZone, graceSeconds },
    createdMs: Number(row.created_at),
    nextMs: timeOf(row.next_run_at),
    turnMs: timeOf(row.turn_at),
    beganMs: timeOf(row.began_at),
    recent: row.recent?.map(state) ?? (row.state === null ? [] : [state(row.state)]),
    last:
      row.state === null
        ? undefined
        : {
            state: state(row.state),
            reason: row.reason ?? undefined,
            dueMs: timeOf(row.due_at),
            exitCode: row.exit_code ?? undefined,
          },
    waiting:
      row.waiting_since === null
        ? undefined
        : {
            sinceMs: Number(row.waiting_since),
            type: row.waiting_type ?? "",
            reported: row.waiting_reported === true,
          },
  };
}

const timeOf = (time: Date | null): number | undefined => (time === null ? undefined : Number(time));

/** The ids of runs have the time in front: the newest that the ticker made (runs that check in have no part in it) is found from the end. */
async function readTick(db: Querier, workspaceId: number, nowMs: number): Promise<number | undefined> {
  const { rows } = await db.query<{ created_at: Date }>(
    `select run.created_at from schedule_run as run
       join schedule on schedule.workspace_id = run.workspace_id and schedule.name = run.name
      where run.workspace_id = $1 and run.id < $2 and run.due_at is not null
        and (schedule.kind = ${kindNumber("task")}
          or (run.state = ${runState("missed")} and run.reason like 'Nothing checked in by%'))
      order by run.id desc limit 1`,
    [workspaceId, firstIdOf(nowMs + 60_000)],
  );
  return timeOf(rows[0]?.created_at ?? null);
}

async function readKeeping(db: Querier, workspaceId: number): Promise<ScheduleFacts["keeping"]> {
  const { rows } = await db.query<{ chores: number; due: Date | null }>(
    `select count(*)::int as chores, max(next_run_at) as due from schedule
      where workspace_id = $1 and kind = ${kindNumber("builtin")}`,
    [workspaceId],
  );
  const [row] = rows;
  return row === undefined || row.due === null ? undefined : { chores: row.chores, dueMs: Number(row.due) };
}
