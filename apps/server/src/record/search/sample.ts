import type { PoolClient } from "pg";
import { seesEveryEvent } from "../sight.ts";
import { readMatches } from "./matches.ts";
import { readPageWith } from "./page.ts";
import type { SearchPlan, TimeBounds } from "./plan.ts";

/** Matching events that a histogram or a facet reads at most when no counts are kept for the query: the newest ones. */
export const SAMPLE_EVENTS_MAX = 10_000;

/** Whether everything was counted, or only the newest events since `fromMs`. */
export interface Coverage {
  relation: "eq" | "gte";
  /** The time of the oldest event that was counted, when not all were. */
  fromMs?: number;
}

/**
 * Groups the newest matching events, at most `limit`. `groupSql` makes a select from a relation with the
 * columns of `event`; each of its rows is given to `take`. The rows of one group may come in parts.
 */
export async function groupMatches<Row>(
  client: PoolClient,
  plan: SearchPlan,
  columns: string,
  groupSql: (relation: string) => string,
  take: (row: Row) => void,
  limit: number = SAMPLE_EVENTS_MAX,
): Promise<Coverage> {
  let oldest = Infinity;
  const found = await readMatches(client, plan, { order: "desc", limit }, async (source) => {
    const { sql, orderSql, parameters } = source;
    const statement = `with sample as materialized (select occurred_at, ${columns} ${sql}${orderSql} limit ${parameters.add(source.limit)}),
        extent as (select count(*)::int as sampled, min(occurred_at) as oldest from sample)
      select extent.sampled, extent.oldest, grouped.* from extent left join lateral (${groupSql("sample")}) as grouped on true`;
    const { rows } = await client.query<{ sampled: number; oldest: Date | null } & Row>(statement, parameters.values);
    const [first] = rows;
    if (first === undefined || first.oldest === null) return { matches: 0 };
    oldest = Math.min(oldest, first.oldest.getTime());
    for (const row of rows) take(row);
    return { matches: first.sampled };
  });
  return found < limit ? { relation: "eq" } : { relation: "gte", fromMs: oldest };
}

/** From when to when there are events: of the log, or of what is in sight when that is not all. Undefined when there are none. */
export async function extentOf(client: PoolClient, plan: SearchPlan): Promise<TimeBounds | undefined> {
  if (seesEveryEvent(plan.scope.sight)) return logExtent(client, plan.scope.workspaceId);
  const [oldest] = await readPageWith(client, plan, { order: "asc", limit: 1 }, "occurred_at, seq");
  const [newest] = await readPageWith(client, plan, { order: "desc", limit: 1 }, "occurred_at, seq");
  return oldest && newest ? { fromMs: oldest.occurredAtMs, toMs: newest.occurredAtMs + 1 } : undefined;
}

/** The times of the first and the last hour with events; undefined for an empty log. */
async function logExtent(client: PoolClient, workspaceId: number): Promise<TimeBounds | undefined> {
  const { rows } = await client.query<{ first: Date | null; last: Date | null }>(
    "select min(hour) as first, max(hour) as last from event_count_hour where workspace_id = $1",
    [workspaceId],
  );
  const { first, last } = rows[0] ?? {};
  return first && last ? { fromMs: first.getTime(), toMs: last.getTime() + 3_600_000 } : undefined;
}
