import { outcomes } from "@daybook/contract";
import type { Pool, PoolClient } from "pg";
import { cutRange, DAY_MS, HOUR_MS, type KeptFilter, keptFilter, rowsIn, spanSql } from "./kept.ts";
import { Parameters } from "./parameters.ts";
import type { SearchPlan, TimeBounds } from "./plan.ts";
import { reading, SEARCH_MS_MAX } from "./reading.ts";
import { type Coverage, extentOf, groupMatches } from "./sample.ts";

/** Bucket sizes that people can read: 1 s to 30 days. */
const stepsMs = [
  ...[1, 5, 15, 30].map((seconds) => seconds * 1_000),
  ...[1, 5, 15, 30].map((minutes) => minutes * 60_000),
  ...[1, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 7, 30, 90, 365].map((days) => days * DAY_MS),
];
/** 1970-01-05 was a Monday: longer buckets begin on one. */
const MONDAY_MS = 4 * DAY_MS;
/** Rows that are read one by one when buckets are shorter than the kept counts; beyond it the buckets are longer. */
const FINE_ROWS_MAX = 60_000;

export interface Bucket {
  startMs: number;
  /** Events by outcome, in the order of `outcomes`. */
  byOutcome: number[];
}

export interface Histogram extends Coverage {
  bucketMs: number;
  buckets: Bucket[];
}

/**
 * Counts matching events over time, in about `bucketsMax` buckets at most (two more when the range begins within one). An open range is that of the log; `nowMs` ends a
 * range that only begins. From kept counts where they answer the query, else from the newest events (`relation: "gte"`).
 */
export function readHistogram(
  db: Pool,
  plan: SearchPlan,
  bucketsMax: number,
  nowMs: number,
  sampleMax?: number,
): Promise<Histogram> {
  return reading(db, SEARCH_MS_MAX, async (client) => {
    const range = await closedRange(client, plan, nowMs);
    if (range === undefined) return { bucketMs: DAY_MS, buckets: [], relation: "eq" };
    const kept = keptFilter(plan);
    const bucketMs = await bucketSize(client, plan, kept, range, bucketsMax);
    const counts = new Map<number, number[]>();
    const add = ({ start, outcome, events }: BucketRow): void => {
      const startMs = Number(start);
      const byOutcome = counts.get(startMs) ?? outcomes.map(() => 0);
      byOutcome[outcome] = (byOutcome[outcome] ?? 0) + Number(events);
      counts.set(startMs, byOutcome);
    };
    const unitMs = kept === undefined ? Infinity : unitOf(kept);
    const coverage =
      kept !== undefined && bucketMs % unitMs === 0
        ? await readKept(client, plan, kept, range, bucketMs, add)
        : await groupMatches(
            client,
            plan,
            "outcome",
            (relation) => groupSql("occurred_at", "count(*)", bucketMs, relation),
            add,
            sampleMax,
          );
    return { bucketMs, buckets: fill(counts, range, bucketMs), ...coverage };
  });
}

interface BucketRow {
  start: string | number;
  outcome: number;
  events: string | number;
}

const unitOf = (kept: KeptFilter): number => (kept.field === undefined ? HOUR_MS : DAY_MS);

async function closedRange(client: PoolClient, plan: SearchPlan, nowMs: number): Promise<TimeBounds | undefined> {
  const { fromMs, toMs } = plan.bounds;
  if (Number.isFinite(fromMs) && Number.isFinite(toMs)) return fromMs < toMs ? plan.bounds : undefined;
  const extent = await extentOf(client, plan);
  const end = Math.max(nowMs, extent?.toMs ?? 0);
  const range = {
    fromMs: Number.isFinite(fromMs) ? fromMs : (extent?.fromMs ?? end),
    toMs: Number.isFinite(toMs) ? toMs : Number.isFinite(fromMs) ? end : (extent?.toMs ?? end),
  };
  return range.fromMs < range.toMs ? range : undefined;
}

/** The smallest readable size that needs about `bucketsMax` buckets; longer where only whole hours or days are kept. */
async function bucketSize(
  client: PoolClient,
  plan: SearchPlan,
  kept: KeptFilter | undefined,
  range: TimeBounds,
  bucketsMax: number,
): Promise<number> {
  const lengthMs = range.toMs - range.fromMs;
  const stepMs =
    stepsMs.find((step) => lengthMs / step <= bucketsMax + 0.5) ?? Math.ceil(lengthMs / bucketsMax / DAY_MS) * DAY_MS;
  if (kept === undefined || stepMs % unitOf(kept) === 0 || lengthMs < 2 * unitOf(kept)) return stepMs;
  const rows = await rowsIn(client, plan.scope.workspaceId, [range]);
  return rows > FINE_ROWS_MAX && lengthMs / unitOf(kept) >= 7 ? unitOf(kept) : stepMs;
}

const startSql = (column: string, bucketMs: number): string =>
  `floor((extract(epoch from ${column}) * 1000 - ${MONDAY_MS}) / ${bucketMs}) * ${bucketMs} + ${MONDAY_MS}`;

const groupSql = (column: string, sum: string, bucketMs: number, relation: string): string =>
  `select (${startSql(column, bucketMs)})::bigint as start, outcome, ${sum} as events from ${relation} group by 1, 2`;

async function readKept(
  client: PoolClient,
  plan: SearchPlan,
  kept: KeptFilter,
  range: TimeBounds,
  bucketMs: number,
  add: (row: BucketRow) => void,
): Promise<Coverage> {
  const { whole, edges } = cutRange(range, unitOf(kept));
  if (whole !== undefined) {
    const parameters = new Parameters();
    const [table, column] = kept.field === undefined ? ["event_count_hour", "hour"] : ["event_count_day", "day"];
    const field = kept.field === undefined ? "true" : `field = ${parameters.add(kept.field)}`;
    const where = `workspace_id = ${parameters.add(plan.scope.workspaceId)} and ${field} and ${spanSql(column, whole, parameters)}
      and ${kept.valueSql(parameters)} and outcome = any(${parameters.add(kept.outcomes)}::smallint[])`;
    const sql = groupSql(column, "sum(events)", bucketMs, `${table} where ${where}`);
    for (const row of (await client.query<BucketRow>(sql, parameters.values)).rows) add(row);
  }
  for (const edge of edges) {
    const parameters = new Parameters();
    const where = `${plan.rangeSql(parameters, edge)} and ${plan.querySql(parameters, false)}`;
    const sql = groupSql("occurred_at", "count(*)", bucketMs, `event where ${where}`);
    for (const row of (await client.query<BucketRow>(sql, parameters.values)).rows) add(row);
  }
  return { relation: "eq" };
}

/** Every bucket of the range, also the empty ones. */
function fill(counts: ReadonlyMap<number, number[]>, { fromMs, toMs }: TimeBounds, bucketMs: number): Bucket[] {
  const buckets: Bucket[] = [];
  const first = Math.floor((fromMs - MONDAY_MS) / bucketMs) * bucketMs + MONDAY_MS;
  for (let startMs = first; startMs < toMs; startMs += bucketMs) {
    buckets.push({ startMs, byOutcome: counts.get(startMs) ?? outcomes.map(() => 0) });
  }
  return buckets;
}
