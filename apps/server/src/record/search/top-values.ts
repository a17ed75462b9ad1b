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

/** The most frequent values of each day that are looked at, times the number of values wanted. */
const DEPTH_FACTOR = 6;
/** Values that are summed over all days first, times the number of values wanted. */
const FIRST_FACTOR = 3;
/** Values that are summed one by one at most; more are summed with all others. */
const SUMMED_VALUES_MAX = 2_000;
/** Days that are looked at one by one; a longer range is summed over all values. */
const DAYS_MAX = 400;

/**
 * Adds the counts of the most frequent values of a rolled-up field over whole days to `found`, so that the `limit` most
 * frequent ones of `found` are right.
 *
 * A field like the actor has thousands of values a day, so not all are summed (the threshold algorithm of Fagin, Lotem
 * and Naor). What a value can have at most is what is known of it, and for each other day the least of that day's most
 * frequent values.
 *  1. Read the most frequent values of each day: what is known of each value, and its most.
 *  2. Sum exactly the values whose most is largest.
 *  3. If the last one wanted has more than every other's most, that is all. Else sum all that could still be among them.
 *  4. If that does not settle it either (the values are about equally frequent), sum everything.
 */
export async function topValues(
  client: PoolClient,
  workspaceId: number,
  field: CountedField,
  whole: TimeBounds,
  limit: number,
  found: FieldCounts,
): Promise<void> {
  const sums = (values?: readonly string[]): Promise<FieldValue[]> => sumsOf(client, workspaceId, field, whole, values);
  const days = await daysOf(client, workspaceId, field, whole);
  if (days.length <= DAYS_MAX) {
    const { most, otherMost } = await mostOf(client, workspaceId, field, days, limit * DEPTH_FACTOR, found);
    let chosen = most.slice(0, limit * FIRST_FACTOR);
    for (let attempt = 0; attempt < 2; attempt++) {
      const summed = await sums(chosen.map(([value]) => value));
      const last = lastWanted(summed, found, limit);
      const next = Math.max(otherMost, most[chosen.length]?.[1] ?? 0);
      if (next === 0 || last > next) return add(found, summed);
      chosen = most.filter(([, events]) => events >= last);
      if (otherMost >= last || chosen.length > SUMMED_VALUES_MAX) break;
    }
  }
  add(found, await sums());
}

/** The number of events of the last value wanted. */
function lastWanted(summed: readonly FieldValue[], found: FieldCounts, limit: number): number {
  const totals = summed.map(({ value, events }) => events + (found.get(value)?.events ?? 0));
  return totals.sort((left, right) => right - left)[limit - 1] ?? 0;
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

interface Most {
  /** What each value that was seen can have at most, the largest first. */
  most: [value: string, events: number][];
  /** What any other value can have at most. */
  otherMost: number;
}

async function mostOf(
  client: PoolClient,
  workspaceId: number,
  field: CountedField,
  days: readonly Date[],
  depth: number,
  found: FieldCounts,
): Promise<Most> {
  const { rows } = await client.query<{ value: string; known: number; covered: number; rest: number }>(
    `with top as materialized (
       select given.day, frequent.value, frequent.events from unnest($3::timestamptz[]) as given (day) cross join lateral (
         select value, events from event_count_value
           where workspace_id = $1 and field = $2 and day = given.day order by events desc limit $4
       ) as frequent
     ), rest as (
       select day, case when count(*) = $4 then min(events) else 0 end as least from top group by day
     )
     select value, sum(events)::float8 as known, sum(least)::float8 as covered, (select sum(least) from rest)::float8 as rest
       from top join rest using (day) group by value`,
    [workspaceId, field, days, depth],
  );
  const otherMost = rows[0]?.rest ?? 0;
  const most = new Map(rows.map(({ value, known, covered, rest }) => [value, known + rest - covered]));
  for (const [value, { events }] of found) most.set(value, (most.get(value) ?? otherMost) + events);
  return { most: [...most].sort(([, left], [, right]) => right - left), otherMost };
}

/** Sums over the days of these values, or of all. */
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
    `select value, (array_agg(label order by day desc) filter (where label is not null))[1] as label, sum(events)::float8 as events
       from event_count_value where ${where} group by value`,
    parameters.values,
  );
  return rows;
}
