import type { Querier } from "../../access/staff-store.ts";
import { LOST_AFTER_SECONDS } from "../../tasks/lost.ts";
import { firstIdOf } from "../../tasks/spans.ts";

/** Tasks of one type that Daybook runs, whose time has come and that nobody has begun. */
export interface DueTasks {
  type: string;
  count: number;
  oldestMs: number;
}

/** A running task that may be stuck. */
export interface LongTask {
  id: string;
  type: string;
  title: string;
  node: string | undefined;
  /** The panel runs it: what is known of it is what it reported. */
  reported: boolean;
  worker: string | undefined;
  startedMs: number;
  /** The last word of it: its beginning, a report, a line. */
  heardMs: number;
  usualMs: number | undefined;
  lastLine: string | undefined;
  scheduleName: string | undefined;
}

export interface TaskFacts {
  due: readonly DueTasks[];
  /** Running tasks whose worker has not held them for a while, and nobody gave them back. */
  orphans: { count: number; heardMs: number } | undefined;
  /** The last task that a worker ran, where none is alive. */
  lastRun: { worker: string; atMs: number } | undefined;
  /** Running tasks that are over time, the longest first. */
  long: readonly LongTask[];
  untold: { count: number; oldestMs: number } | undefined;
}

/** A task that is just made is not waiting yet: workers take it within a second, and a restart takes as long. */
const DUE_AFTER_MS = 10_000;
/** A task that runs shorter than this is not looked at, however short its usual time. */
export const LONG_LEAST_MS = 60_000;
/** Beyond so many times the p95 of its type a task is stuck; beyond twice it is marked as slow. */
export const STUCK_FACTOR = 4;
/** Without a usual time: after so long. */
export const STUCK_UNKNOWN_MS = 3_600_000;
/** A running task that the panel reports and says nothing of for so long, beyond twice its usual time. */
export const SILENT_MS = 15 * 60_000;
const LONG_MAX = 500;
/** Rows that are looked through for the last task of a worker. */
const LOOKED_THROUGH = 2_000;
/** Counting stops here. */
const UNTOLD_MAX = 10_000;

/** Open tasks by what may be wrong with them. */
export async function readTasks(
  db: Querier,
  workspaceId: number,
  nowMs: number,
  usual: ReadonlyMap<string, number>,
): Promise<TaskFacts> {
  return {
    due: await readDue(db, workspaceId, nowMs),
    orphans: await readOrphans(db, workspaceId, nowMs),
    lastRun: await readLastRun(db, workspaceId, nowMs),
    long: await readLong(db, workspaceId, nowMs, usual),
    untold: await readUntold(db, workspaceId),
  };
}

async function readDue(db: Querier, workspaceId: number, nowMs: number): Promise<DueTasks[]> {
  const { rows } = await db.query<{ type: string; count: number; oldest: Date }>(
    `select type, count(*)::int as count, min(coalesce(run_at, queued_at)) as oldest from task
      where workspace_id = $1 and status = 0 and executor > 0 and coalesce(run_at, queued_at) <= $2
      group by type order by oldest`,
    [workspaceId, new Date(nowMs - DUE_AFTER_MS)],
  );
  return rows.map(({ type, count, oldest }) => ({ type, count, oldestMs: Number(oldest) }));
}

async function readOrphans(db: Querier, workspaceId: number, nowMs: number): Promise<TaskFacts["orphans"]> {
  const { rows } = await db.query<{ count: number; heard: Date | null }>(
    `select count(*)::int as count, max(heartbeat_at) as heard from task
      where workspace_id = $1 and status = 1 and executor > 0 and worker is not null and heartbeat_at < $2`,
    [workspaceId, new Date(nowMs - 2 * LOST_AFTER_SECONDS * 1_000)],
  );
  const [row] = rows;
  return row === undefined || row.heard === null ? undefined : { count: row.count, heardMs: Number(row.heard) };
}

async function readLastRun(db: Querier, workspaceId: number, nowMs: number): Promise<TaskFacts["lastRun"]> {
  const { rows } = await db.query<{ worker: string; at: Date }>(
    `select worker, greatest(started_at, finished_at, heartbeat_at) as at
       from (select worker, executor, started_at, finished_at, heartbeat_at from task
              where workspace_id = $1 and id < $2 order by id desc limit ${LOOKED_THROUGH}) as latest
      where executor > 0 and worker is not null and started_at is not null limit 1`,
    [workspaceId, firstIdOf(nowMs + 60_000)],
  );
  const [row] = rows;
  return row === undefined ? undefined : { worker: row.worker, atMs: Number(row.at) };
}

interface LongRow {
  id: string;
  type: string;
  title: string;
  node: string | null;
  worker: string | null;
  started_at: Date;
  heartbeat_at: Date | null;
  line_ms: number | null;
  usual_ms: number | null;
  last_line: string | null;
  schedule_name: string | null;
}

async function readLong(
  db: Querier,
  workspaceId: number,
  nowMs: number,
  usual: ReadonlyMap<string, number>,
): Promise<LongTask[]> {
  const { rows } = await db.query<LongRow>(
    `with long as (
       select task.*, usual.ms as usual_ms from task
         left join unnest($3::text[], $4::float8[]) as usual(type, ms) on usual.type = task.type
        where workspace_id = $1 and status = 1
          and started_at < $2::timestamptz
            - greatest(${LONG_LEAST_MS}, least(2 * usual.ms, ${SILENT_MS})) * interval '1 millisecond'
        order by started_at limit ${LONG_MAX})
     select id, type, title, node, worker, started_at, heartbeat_at, line.ms as line_ms, usual_ms,
            last_line, schedule_name
       from long
       left join lateral (
         select (lines->-1->>0)::float8 as ms from task_lines
          where task_lines.workspace_id = long.workspace_id and task_lines.task_id = long.id
          order by first_n desc limit 1) as line on true`,
    [workspaceId, new Date(nowMs), [...usual.keys()], [...usual.values()]],
  );
  return rows.map((row) => ({
    id: row.id,
    type: row.type,
    title: row.title,
    node: row.node ?? undefined,
    reported: row.worker === null,
    worker: row.worker ?? undefined,
    startedMs: Number(row.started_at),
    // A worker's heartbeat says that the worker is alive; of a reported task it is the panel's word.
    heardMs: Math.max(Number(row.started_at), row.line_ms ?? 0, row.worker === null ? Number(row.heartbeat_at) : 0),
    usualMs: row.usual_ms ?? undefined,
    lastLine: row.last_line ?? undefined,
    scheduleName: row.schedule_name ?? undefined,
  }));
}

/** What happened to tasks and is not in the log yet. */
async function readUntold(db: Querier, workspaceId: number): Promise<TaskFacts["untold"]> {
  const { rows } = await db.query<{ count: number; oldest: Date | null }>(
    `select count(*)::int as count, min(at) as oldest
       from (select at from task_happening where workspace_id = $1 and not told order by event_id limit ${UNTOLD_MAX}) as untold`,
    [workspaceId],
  );
  const [row] = rows;
  return row === undefined || row.oldest === null ? undefined : { count: row.count, oldestMs: Number(row.oldest) };
}
