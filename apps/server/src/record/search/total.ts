import { limits } from "@daybook/contract";
import type { Pool, PoolClient } from "pg";
import type { Total } from "./cursor.ts";
import { cutRange, DAY_MS, HOUR_MS, type KeptFilter, keptFilter, rowsIn, spanSql } from "./kept.ts";
import { readMatches } from "./matches.ts";
import { Parameters } from "./parameters.ts";
import type { SearchPlan, TimeBounds } from "./plan.ts";
import { reading, wasCancelled } from "./reading.ts";

/** A list does not wait longer than about this for its total; it says then how many there are at least. */
const TOTAL_MS_MAX = 150;
/** Rows at the ends of a range, outside of whole hours or days, that are counted one by one. */
const EDGE_ROWS_MAX = 10_000;

/**
 * How many events a list has: exactly where counts are kept, else counted up to limits.countMax.
 * `least` is what is known already, for when counting takes too long.
 */
export async function listTotal(db: Pool, plan: SearchPlan, least: number): Promise<Total> {
  const count = new CappedCount(plan, least);
  try {
    return await reading(db, TOTAL_MS_MAX, async (client) => {
      const kept = keptFilter(plan);
      return kept === undefined ? await count.read(client) : await keptTotal(client, plan, kept, EDGE_ROWS_MAX, count);
    });
  } catch (error) {
    if (!wasCancelled((error as { cause?: unknown }).cause)) throw error;
    return count.atLeast();
  }
}

/** The exact number of matching events, however long it takes within `timeoutMs`. Throws search_timeout. */
export function exactTotal(db: Pool, plan: SearchPlan, timeoutMs: number): Promise<number> {
  return reading(db, timeoutMs, async (client) => {
    const kept = keptFilter(plan);
    if (kept !== undefined) return (await keptTotal(client, plan, kept, Infinity, new CappedCount(plan, 0))).value;
    return countRows(client, plan, plan.bounds);
  });
}

/** Counts matches up to limits.countMax, by the indexes where they help; knows how far it came. */
class CappedCount {
  readonly #plan: SearchPlan;
  readonly #least: number;
  #found = 0;

  constructor(plan: SearchPlan, least: number) {
    this.#plan = plan;
    this.#least = least;
  }

  atLeast(): Total {
    return { value: Math.max(this.#least, Math.min(this.#found, limits.countMax)), relation: "gte" };
  }

  async read(client: PoolClient): Promise<Total> {
    const started = performance.now();
    const request = {
      order: "desc" as const,
      limit: limits.countMax + 1,
      ...(this.#plan.byTerms ? { firstRows: 0 } : {}),
    };
    let tooLong = false;
    await readMatches(client, this.#plan, request, async ({ sql, parameters, limit }) => {
      tooLong ||= performance.now() - started > TOTAL_MS_MAX;
      // Nothing more is read then; saying that the rest was found ends it.
      if (tooLong) return limit;
      const statement = `select count(*)::int as events from (select ${sql} limit ${parameters.add(limit)}) as counted`;
      const { rows } = await client.query<{ events: number }>(statement, parameters.values);
      const events = rows[0]?.events ?? 0;
      this.#found += events;
      return events;
    });
    if (tooLong || this.#found > limits.countMax) return this.atLeast();
    return { value: this.#found, relation: "eq" };
  }
}

/** The whole hours or days from the kept counts, the ends of the range from the rows, unless they are too many. */
async function keptTotal(
  client: PoolClient,
  plan: SearchPlan,
  kept: KeptFilter,
  edgeRowsMax: number,
  count: CappedCount,
): Promise<Total> {
  const { whole, edges } = cutRange(plan.bounds, kept.field === undefined ? HOUR_MS : DAY_MS);
  let value = whole === undefined ? 0 : await keptSum(client, plan, kept, whole);
  const many = edgeRowsMax !== Infinity && (await rowsIn(client, plan.scope.workspaceId, edges)) > edgeRowsMax;
  if (many) {
    if (value > limits.countMax) return { value, relation: "gte" };
    const counted = await count.read(client);
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
