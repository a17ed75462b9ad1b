import { limits } from "@daybook/contract";
import type { Pool, PoolClient } from "pg";
import type { Total } from "./cursor.ts";
import { cutRange, DAY_MS, HOUR_MS, type KeptFilter, keptFilter, rowsIn, spanSql } from "./kept.ts";
import { readMatches } from "./matches.ts";
import { Parameters } from "./parameters.ts";
import type { SearchPlan, TimeBounds } from "./plan.ts";
import { reading, wasCancelled } from "./reading.ts";

/** A list does not wait longer than this for a count; it says then how many there are at least. */
const COUNT_MS_MAX = 150;
/** Rows at the ends of a range, outside of whole hours or days, that are counted one by one. */
const EDGE_ROWS_MAX = 10_000;

/**
 * How many events a list has: exactly where counts are kept, else counted up to limits.countMax, in large logs up to
 * limits.countLargeMax. `least` is what is known already: it is the answer when counting takes too long. The last thing
 * in its transaction, which may be of no further use then.
 */
export async function listTotal(client: PoolClient, plan: SearchPlan, least: number): Promise<Total> {
  try {
    // Workers would take longer to start than a count of this size takes.
    await client.query(`set local statement_timeout = ${COUNT_MS_MAX}; set local max_parallel_workers_per_gather = 0`);
    const kept = keptFilter(plan);
    return kept === undefined ? await cappedTotal(client, plan) : await keptTotal(client, plan, kept, EDGE_ROWS_MAX);
  } catch (error) {
    if (!wasCancelled(error)) throw error;
    return { value: least, relation: "gte" };
  }
}

/** The exact number of matching events, however long it takes within `timeoutMs`. Throws search_timeout. */
export function exactTotal(db: Pool, plan: SearchPlan, timeoutMs: number): Promise<number> {
  return reading(db, timeoutMs, async (client) => {
    const kept = keptFilter(plan);
    if (kept !== undefined) return (await keptTotal(client, plan, kept, Infinity)).value;
    return countRows(client, plan, plan.bounds);
  });
}

/** Counts matches up to the limit of the log. */
async function cappedTotal(client: PoolClient, plan: SearchPlan): Promise<Total> {
  const most = await countMaxOf(client, plan);
  const found = await readMatches(client, plan, { order: "desc", limit: most + 1, anyOrder: true }, async (source) => {
    const statement = `select count(*)::int as events from (select ${source.sql} limit ${source.parameters.add(source.limit)}) as counted`;
    const counted = await client.query<{ events: number }>(statement, source.parameters.values);
    return { matches: counted.rows[0]?.events ?? 0 };
  });
  return found > most ? { value: most, relation: "gte" } : { value: found, relation: "eq" };
}

/** How far a list is counted. For a customer it does not depend on the size of the log, which would tell of it. */
async function countMaxOf(client: PoolClient, { scope }: SearchPlan): Promise<number> {
  if (scope.sight.customer !== undefined) return limits.countLargeMax;
  const { rows } = await client.query<{ size: number }>("select size from log_head where workspace_id = $1", [
    scope.workspaceId,
  ]);
  return Number(rows[0]?.size ?? 0) > limits.largeLogEvents ? limits.countLargeMax : limits.countMax;
}

/** The whole hours or days from the kept counts, the ends of the range from the rows, unless they are too many. */
async function keptTotal(client: PoolClient, plan: SearchPlan, kept: KeptFilter, edgeRowsMax: number): Promise<Total> {
  const { whole, edges } = cutRange(plan.bounds, kept.field === undefined ? HOUR_MS : DAY_MS);
  let value = whole === undefined ? 0 : await keptSum(client, plan, kept, whole);
  const many = edgeRowsMax !== Infinity && (await rowsIn(client, plan.scope.workspaceId, edges)) > edgeRowsMax;
  if (many) {
    if (value > limits.countMax) return { value, relation: "gte" };
    const counted = await cappedTotal(client, plan);
    return counted.relation === "eq" ? counted : { value: Math.max(value, counted.value), relation: "gte" };
  }
  for (const edge of edges) value += await countRows(client, plan, edge);
  return { value, relation: "eq" };
}

async function keptSum(client: PoolClient, plan: SearchPlan, kept: KeptFilter, whole: TimeBounds): Promise<number> {
  const parameters = new Parameters();
  const workspace = parameters.add(plan.scope.workspaceId);
  const isOutcome = `outcome = any(${parameters.add(kept.outcomes)}::smallint[])`;
  const from =
    kept.field === undefined
      ? `event_count_hour where workspace_id = ${workspace} and ${spanSql("hour", whole, parameters)}`
      : `event_count_day where workspace_id = ${workspace} and field = ${parameters.add(kept.field)} and ${spanSql("day", whole, parameters)} and ${kept.valueSql(parameters)}`;
  const { rows } = await client.query<{ events: number }>(
    `select coalesce(sum(events), 0)::bigint as events from ${from} and ${isOutcome}`,
    parameters.values,
  );
  return Number(rows[0]?.events ?? 0);
}

async function countRows(client: PoolClient, plan: SearchPlan, bounds: TimeBounds): Promise<number> {
  const parameters = new Parameters();
  const sql = `select count(*)::bigint as events from event where ${plan.rangeSql(parameters, bounds)} and ${plan.querySql(parameters, true)}`;
  const { rows } = await client.query<{ events: number }>(sql, parameters.values);
  return Number(rows[0]?.events ?? 0);
}
