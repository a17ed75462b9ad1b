import { AppError, type ScheduleKind, scheduleLimits } from "@daybook/contract";
import type { Querier } from "../access/staff-store.ts";
import { storableJson } from "../db/storable.ts";
import { giveUpRuns } from "./give-up.ts";
import {
  endedStates,
  type KeptSettings,
  kindNumber,
  type ListedRow,
  RECENT_RUNS,
  type RunRow,
  runState,
  type ScheduleRow,
  type ScheduleSource,
  timesOf,
} from "./schedule-row.ts";

/** Whoever waits for the next time that is due hears of changes here. */
export const channel = "daybook_schedule";

/** Runs of a schedule that its figures are made from. */
const RUNS_LOOKED_AT = 100;

/** Lines of a task that a run is shown with; all of them are on the page of the task. */
const LINES_SHOWN = 20;

export const scheduleColumns = `workspace_id, name, kind, source, settings, paused, paused_at, created_at, next_run_at, start_at,
  deadline_at`;

/** What a list shows of a run; its task is asked for what the run itself knows only when it has ended. */
const runFields = `run.id, run.name, run.due_at, run.state, coalesce(run.reason, task.error->>'message') as reason,
  coalesce(run.started_at, task.started_at) as started_at, run.finished_at, run.duration_ms, run.exit_code, run.task_id, run.slow,
  run.created_at`;

const withTask = "schedule_run as run left join task on task.workspace_id = run.workspace_id and task.id = run.task_id";

/** A page of schedules by name, each with its last runs and figures, in one statement. */
export async function listSchedules(
  db: Querier,
  workspaceId: number,
  page: { after?: string | undefined; limit: number; name?: string },
  nowMs: number,
): Promise<ListedRow[]> {
  const { rows } = await db.query<ListedRow>(
    `select ${scheduleColumns}, runs, ended_count, succeeded_count, usual_ms
       from (select ${scheduleColumns} from schedule
              where workspace_id = $1 and ($2::text is null or name > $2) and ($3::text is null or name = $3)
              order by name limit $4) as schedule
       left join lateral (
         select jsonb_agg(to_jsonb(run) - 'place' - 'ended_place' order by place)
                  filter (where place <= ${RECENT_RUNS} or (ended and ended_place = 1)) as runs,
                count(*) filter (where ended and recent)::int as ended_count,
                count(*) filter (where state = ${runState("succeeded")} and recent)::int as succeeded_count,
                percentile_disc(0.95) within group (order by duration_ms)
                  filter (where state = ${runState("succeeded")} and duration_ms is not null) as usual_ms
           from (select *, row_number() over (order by created_at desc, due_at desc, id desc) as place,
                        row_number() over (partition by ended order by created_at desc, due_at desc, id desc) as ended_place
                   from (select ${runFields}, run.state = any($5::int[]) as ended,
                                run.created_at > $6::timestamptz - interval '30 days' as recent
                           from ${withTask} and run.state = ${runState("running")}
                          where run.workspace_id = $1 and run.name = schedule.name
                          order by run.created_at desc limit ${RUNS_LOOKED_AT}) as latest) as run) as figures on true
      order by name`,
    [workspaceId, page.after ?? null, page.name ?? null, page.limit, endedStates, new Date(nowMs).toISOString()],
  );
  return rows;
}

/** One schedule with its last runs. Throws `not_found`. */
export async function readSchedule(db: Querier, workspaceId: number, name: string, nowMs: number): Promise<ListedRow> {
  const [row] = await listSchedules(db, workspaceId, { name, limit: 1 }, nowMs);
  return row ?? missing(name);
}

/** The bare row, locked if it is going to be changed. Throws `not_found`. */
export async function lockSchedule(client: Querier, workspaceId: number, name: string): Promise<ScheduleRow> {
  const { rows } = await client.query<ScheduleRow>(
    `select ${scheduleColumns} from schedule where workspace_id = $1 and name = $2 for update`,
    [workspaceId, name],
  );
  return rows[0] ?? missing(name);
}

export async function countSchedules(db: Querier, workspaceId: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    "select count(*)::int as count from schedule where workspace_id = $1",
    [workspaceId],
  );
  return rows[0]?.count ?? 0;
}

/** The end of what a task has written, from its last chunks of lines (tasks/lines/line-store.ts). */
const lastLines = `case when task.line_count > 0 then (
  select string_agg(line->>3, E'\\n' order by first_n, place)
    from (select first_n, line, place
            from (select first_n, lines from task_lines
                   where task_lines.workspace_id = run.workspace_id and task_lines.task_id = run.task_id
                   order by first_n desc limit 3) as chunk, jsonb_array_elements(chunk.lines) with ordinality as each(line, place)
           order by first_n desc, place desc limit ${LINES_SHOWN}) as tail) end`;

/** The last runs of a schedule with their output, the newest first. */
export async function listRuns(db: Querier, workspaceId: number, name: string, limit: number): Promise<RunRow[]> {
  const { rows } = await db.query<RunRow>(
    `select ${runFields}, coalesce(run.output, ${lastLines}) as output
       from ${withTask}
      where run.workspace_id = $1 and run.name = $2
      order by run.created_at desc, run.due_at desc, run.id desc limit $3`,
    [workspaceId, name, limit],
  );
  return rows;
}

export interface WantedSchedule {
  workspaceId: number;
  name: string;
  kind: ScheduleKind;
  source: ScheduleSource;
  settings: KeptSettings;
  paused: boolean;
}

/** Stores a schedule, new or changed; `dueMs` is the time that is due next, undefined while it is paused. */
export async function putSchedule(
  client: Querier,
  { workspaceId, name, kind, source, settings, paused }: WantedSchedule,
  dueMs: number | undefined,
  nowMs: number,
): Promise<void> {
  const times = timesOf(name, kind, settings, paused ? undefined : dueMs);
  await client.query(
    `insert into schedule (workspace_id, name, kind, source, settings, paused, paused_at, created_at, next_run_at, start_at, deadline_at)
     values ($1, $2, $3, $4, $5, $6, case when $6 then $7::timestamptz end, $7, $8, $9, $10)
     on conflict (workspace_id, name) do update set kind = excluded.kind, source = excluded.source, settings = excluded.settings,
       paused = excluded.paused, paused_at = case when excluded.paused then coalesce(schedule.paused_at, excluded.paused_at) end,
       next_run_at = excluded.next_run_at, start_at = excluded.start_at, deadline_at = excluded.deadline_at`,
    [
      ...[workspaceId, name, kindNumber(kind), source, storableJson(settings), paused, new Date(nowMs).toISOString()],
      ...[times.nextRunAt, times.startAt, times.deadlineAt],
    ],
  );
  await tell(client);
}

/** Takes a schedule, which the caller has locked, away. Its runs are history and stay; those that nobody would end are ended. */
export async function deleteSchedule(client: Querier, schedule: ScheduleRow, nowMs: number): Promise<void> {
  const { workspace_id: workspaceId, name } = schedule;
  await client.query("delete from schedule where workspace_id = $1 and name = $2", [workspaceId, name]);
  await giveUpRuns(client, schedule, "the schedule was deleted", nowMs);
  await tell(client);
}

/** Throws `conflict` when the workspace has as many schedules as it may. */
export async function checkRoom(db: Querier, workspaceId: number): Promise<void> {
  if ((await countSchedules(db, workspaceId)) < scheduleLimits.schedulesMax) return;
  const max = scheduleLimits.schedulesMax;
  throw new AppError("conflict", `This workspace has ${max} schedules, and more are not kept (schedulesMax).`, {
    extra: { limit: "schedulesMax", max },
  });
}

/** Wakes the tickers of all servers when the transaction commits. */
export async function tell(client: Querier): Promise<void> {
  await client.query("select pg_notify($1, '')", [channel]);
}

function missing(name: string): never {
  throw new AppError("not_found", `There is no schedule ${name} in this workspace.`);
}
