import type { PoolClient } from "pg";
import type { CountedField } from "./fields.ts";
import { spanSql } from "./kept.ts";
import { Parameters } from "./parameters.ts";
import type { TimeBounds } from "./plan.ts";

export interface FieldValue {
  value: string;
  /** A name to show beside it. */
  label: string | null;
  events: number;
}

/** Counts by value. */
export type FieldCounts = Map<string, { events: number; label: string | null }>;

/** Values of each day that are candidates, times the number of values wanted. */
const CANDIDATES_FACTOR = 6;
/** Days whose most frequent values are looked at one by one; a longer range is summed over all values. */
const DAYS_MAX = 400;

/**
 * Adds the counts of the most frequent values of a rolled-up field over whole days to `found`.
 *
 * A field like the actor has thousands of values a day, so not all are summed (Fagin's threshold idea):
 *  1. Candidates are the most frequent values of each day, and the most frequent ones of `found`.
 *  2. Candidates are summed exactly over all days.
 *  3. A value that is no candidate has at most the sum of each day's least candidate, and no more in `found` than the
 *     least candidate there. If the last value wanted has less, the candidates may be wrong, and all values are summed.
 */
export async function topValues(
  client: PoolClient,
  workspaceId: number,
  field: CountedField,
  whole: TimeBounds,
  limit: number,
  found: FieldCounts,
): Promise<void> {
  const days = await daysOf(client, workspaceId, field, whole);
  const depth = limit * CANDIDATES_FACTOR;
  if (days.length <= DAYS_MAX) {
    const { values, restMax } = await candidatesOf(client, workspaceId, field, days, depth);
    const before = [...found].sort(([, left], [, right]) => right.events - left.events);
    const names = new Set([...values, ...before.slice(0, depth).map(([value]) => value)]);
    const sums = await sumsOf(client, workspaceId, field, whole, [...names]);
    const totals = sums
      .map(({ value, events }) => events + (found.get(value)?.events ?? 0))
      .sort((left, right) => right - left);
    const otherMax = restMax + (before[depth]?.[1].events ?? 0);
    if (otherMax === 0 || (totals[limit - 1] ?? 0) > otherMax) return add(found, sums);
  }
  add(found, await sumsOf(client, workspaceId, field, whole, undefined));
}

function add(found: FieldCounts, sums: readonly FieldValue[]): void {
  for (const { value, label, events } of sums) {
    const known = found.get(value);
    found.set(value, { events: (known?.events ?? 0) + events, label: known?.label ?? label });
  }
}

/** The days that have counts, by steps through the index. */
async function daysOf(
  client: PoolClient,
  workspaceId: number,
  field: CountedField,
  whole: TimeBounds,
): Promise<Date[]> {
  const parameters = new Parameters();
  const where = `workspace_id = ${parameters.add(workspaceId)} and field = ${parameters.add(field)} and ${spanSql("day", whole, parameters)}`;
  const { rows } = await client.query<{ day: Date }>(
    `with recursive step (day) as (
       (select day from event_count_value where ${where} order by day limit 1)
       union all
       select (select day from event_count_value where ${where} and day > step.day order by day limit 1)
         from step where step.day is not null
     ) select day from step where day is not null`,
    parameters.values,
  );
  return rows.map((row) => row.day);
}

interface Candidates {
  values: string[];
  /** The most that a value which is no candidate can have. */
  restMax: number;
}

async function candidatesOf(
  client: PoolClient,
  workspaceId: number,
  field: CountedField,
  days: readonly Date[],
  depth: number,
): Promise<Candidates> {
  const { rows } = await client.query<{ values: string[] | null; rest: number | null }>(
    `select array_agg(distinct top.value) as values, sum(top.least) filter (where top.place = $4) as rest
       from unnest($3::timestamptz[]) as given (day)
       cross join lateral (
         select value, events as least, row_number() over (order by events desc) as place from (
           select value, events from event_count_value
             where workspace_id = $1 and field = $2 and day = given.day order by events desc limit $4
         ) as frequent
       ) as top`,
    [workspaceId, field, days, depth],
  );
  return { values: rows[0]?.values ?? [], restMax: Number(rows[0]?.rest ?? 0) };
}

/** Sums over the days, the largest first; of these values, or of all. */
async function sumsOf(
  client: PoolClient,
  workspaceId: number,
  field: CountedField,
  whole: TimeBounds,
  values: readonly string[] | undefined,
): Promise<FieldValue[]> {
  const parameters = new Parameters();
  const these = values === undefined ? "true" : `value = any(${parameters.add(values)}::text[])`;
  const where = `workspace_id = ${parameters.add(workspaceId)} and field = ${parameters.add(field)} and ${these} and ${spanSql("day", whole, parameters)}`;
  const { rows } = await client.query<{ value: string; label: string | null; events: number }>(
    `select value, (array_agg(label order by day desc) filter (where label is not null))[1] as label, sum(events)::bigint as events
       from event_count_value where ${where} group by value order by events desc`,
    parameters.values,
  );
  return rows.map((row) => ({ ...row, events: Number(row.events) }));
}
