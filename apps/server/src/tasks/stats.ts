import type { TaskStats } from "@daybook/contract";
import type { Querier } from "../access/staff-store.ts";
import { addSteps, percentileOf, stepsOf } from "./durations.ts";

const HOUR_MS = 3_600_000;
/** A worker that was not seen for so long is not counted. */
export const WORKER_ALIVE_SECONDS = 30;

export interface StatsQuestion {
  workspaceId: number;
  fromMs: number;
  toMs: number;
  /** At most so many bars; each is a whole number of hours. */
  buckets: number;
  types?: readonly string[] | undefined;
}

interface HourRow {
  type: string;
  hour: Date;
  finished: number;
  failed: number;
  cancelled: number;
  busy_ms: number;
  /** As PostgreSQL writes an array, which is quicker to read than as one. */
  durations: string;
}

interface Sum {
  finished: number;
  failed: number;
  cancelled: number;
  busyMs: number;
  steps: number[];
}

/** Durations, failures and load of a range, from the counts that are kept by hour: it reads as many rows as there are hours and types. */
export async function readStats(db: Querier, question: StatsQuestion): Promise<TaskStats> {
  const { workspaceId, fromMs, toMs, types } = question;
  const hours = Math.max(1, Math.ceil((toMs - fromMs) / HOUR_MS));
  const bucketMs = Math.ceil(hours / question.buckets) * HOUR_MS;
  const firstMs = Math.floor(fromMs / bucketMs) * bucketMs;
  const { rows } = await db.query<HourRow>(
    `select type, hour, finished, failed, cancelled, busy_ms, durations::text from task_hour
      where workspace_id = $1 and hour >= $2 and hour < $3 and ($4::text[] is null or type = any($4))`,
    [workspaceId, new Date(firstMs), new Date(toMs), types ?? null],
  );
  const bars = new Map<number, Sum>();
  const byType = new Map<string, Sum>();
  for (let start = firstMs; start < toMs; start += bucketMs) bars.set(start, nothing());
  for (const row of rows) {
    const start = Math.floor(Number(row.hour) / bucketMs) * bucketMs;
    for (const [sums, key] of [[bars, start] as const, [byType, row.type] as const]) {
      const sum = (sums as Map<unknown, Sum>).get(key) ?? nothing();
      (sums as Map<unknown, Sum>).set(key, sum);
      add(sum, row);
    }
  }
  return {
    bucketMs,
    buckets: [...bars].map(([start, sum]) => ({
      start: new Date(start).toISOString(),
      finished: sum.finished,
      failed: sum.failed,
      cancelled: sum.cancelled,
      ...percentiles(sum),
      busyMs: sum.busyMs,
    })),
    types: [...byType]
      .map(([type, sum]) => ({ type, finished: sum.finished, failed: sum.failed, ...percentiles(sum) }))
      .sort((a, b) => b.finished + b.failed - (a.finished + a.failed)),
    now: await readNow(db, workspaceId, types),
  };
}

async function readNow(
  db: Querier,
  workspaceId: number,
  types: readonly string[] | undefined,
): Promise<TaskStats["now"]> {
  const { rows } = await db.query<{
    pending: number;
    running: number;
    oldest: Date | null;
    slots: number | null;
    workers: number;
  }>(
    `select count(*) filter (where status = 0) as pending, count(*) filter (where status = 1) as running,
       min(coalesce(run_at, queued_at)) filter (where status = 0 and coalesce(run_at, queued_at) <= now()) as oldest,
       (select sum(slots)::int from task_worker where seen_at > now() - make_interval(secs => $3)) as slots,
       (select count(*) from task_worker where seen_at > now() - make_interval(secs => $3)) as workers
     from task where workspace_id = $1 and status < 2 and ($2::text[] is null or type = any($2))`,
    [workspaceId, types ?? null, WORKER_ALIVE_SECONDS],
  );
  const row = rows[0];
  return {
    pending: row?.pending ?? 0,
    running: row?.running ?? 0,
    ...(row?.oldest ? { oldestPendingAt: row.oldest.toISOString() } : {}),
    slots: row?.slots ?? 0,
    workers: row?.workers ?? 0,
  };
}

const nothing = (): Sum => ({ finished: 0, failed: 0, cancelled: 0, busyMs: 0, steps: [] });

function add(sum: Sum, row: HourRow): void {
  sum.finished += row.finished;
  sum.failed += row.failed;
  sum.cancelled += row.cancelled;
  sum.busyMs += row.busy_ms;
  sum.steps = addSteps(sum.steps, stepsOf(row.durations));
}

function percentiles({ steps }: Sum): { p50Ms?: number; p95Ms?: number } {
  const [p50Ms, p95Ms] = [percentileOf(steps, 0.5), percentileOf(steps, 0.95)];
  return { ...(p50Ms === undefined ? {} : { p50Ms }), ...(p95Ms === undefined ? {} : { p95Ms }) };
}
