import {
  type Target,
  type Task,
  type TaskExecutor,
  type TaskStatus,
  taskExecutors,
  taskStatuses,
} from "@daybook/contract";

/** What a task is found by in its index: each target as `type/id`, and their owners. */
export function targetKeys(targets: readonly Target[]): string[] {
  const owners = targets.flatMap(({ ownerId }) => (ownerId === undefined ? [] : [ownerKey(ownerId)]));
  return [...new Set([...targets.map(({ type, id }) => `${type}/${id}`), ...owners])];
}

/** The key of the tasks of somebody's targets. A target may look the same: whoever shows tasks by it looks at the targets too. */
export const ownerKey = (ownerId: string): string => `@owner/${ownerId}`;

/** A row of `task`, as pg gives it. */
export interface TaskRow {
  workspace_id: number;
  id: string;
  type: string;
  title: string;
  status: number;
  executor: number;
  progress: number;
  attempt: number;
  attempts_max: number;
  priority: number;
  retryable: boolean;
  line_count: number;
  happenings: number;
  job_id: string | null;
  queued_at: Date;
  run_at: Date | null;
  started_at: Date | null;
  finished_at: Date | null;
  heartbeat_at: Date | null;
  worker: string | null;
  node: string | null;
  user_id: string | null;
  user_name: string | null;
  project: string | null;
  schedule_name: string | null;
  parent_id: string | null;
  targets: Task["targets"];
  payload: unknown;
  result: unknown;
  error: Task["error"] | null;
  last_line: string | null;
  request: Task["request"] | null;
}

/** Everything that a list shows: all but payload and result, which may be large. */
export const listColumns = `workspace_id, id, type, title, status, executor, progress, attempt, attempts_max, priority, retryable,
  line_count,
  happenings, job_id, queued_at, run_at, started_at, finished_at, heartbeat_at, worker, node, user_id, user_name, project, schedule_name,
  parent_id, targets, error, last_line, request`;

export const statusOf = (row: Pick<TaskRow, "status">): TaskStatus => taskStatuses[row.status] ?? "pending";
export const executorOf = (row: Pick<TaskRow, "executor">): TaskExecutor => taskExecutors[row.executor] ?? "reported";
export const statusNumber = (status: TaskStatus): number => taskStatuses.indexOf(status);
export const executorNumber = (executor: TaskExecutor): number => taskExecutors.indexOf(executor);

const text = (time: Date): string => time.toISOString();

/** A running task is slow beyond so many times the p95 of its type. */
export const SLOW_FACTOR = 2;

/** A task as the API shows it. `usualMs` is the p95 of its type, as far as it is known. */
export function toTask(row: TaskRow, usualMs?: number, nowMs = Date.now()): Task {
  const running = row.status === 1 && row.started_at !== null;
  const slow = running && usualMs !== undefined && nowMs - Number(row.started_at) > usualMs * SLOW_FACTOR;
  return {
    id: row.id,
    type: row.type,
    title: row.title,
    status: statusOf(row),
    progress: row.progress,
    executor: executorOf(row),
    targets: row.targets,
    ...(row.node === null ? {} : { node: row.node }),
    ...(row.user_id === null
      ? {}
      : { user: { id: row.user_id, ...(row.user_name === null ? {} : { name: row.user_name }) } }),
    ...(row.project === null ? {} : { project: row.project }),
    ...(row.schedule_name === null ? {} : { scheduleName: row.schedule_name }),
    ...(row.parent_id === null ? {} : { parentId: row.parent_id }),
    attempt: row.attempt,
    attemptsMax: row.attempts_max,
    retryable: row.retryable,
    queuedAt: text(row.queued_at),
    ...(row.run_at === null ? {} : { runAt: text(row.run_at) }),
    ...(row.started_at === null ? {} : { startedAt: text(row.started_at) }),
    ...(row.finished_at === null ? {} : { finishedAt: text(row.finished_at) }),
    ...(row.started_at === null || row.finished_at === null
      ? {}
      : { durationMs: Math.max(0, Number(row.finished_at) - Number(row.started_at)) }),
    lineCount: row.line_count,
    ...(row.last_line === null ? {} : { lastLine: row.last_line }),
    ...(row.worker === null ? {} : { worker: row.worker }),
    ...(row.heartbeat_at === null ? {} : { heartbeatAt: text(row.heartbeat_at) }),
    ...(usualMs === undefined ? {} : { usualMs }),
    ...(slow ? { slow: true as const } : {}),
    ...(row.error === null ? {} : { error: row.error }),
    ...(row.request === null ? {} : { request: row.request }),
  };
}
