import type { Pool, PoolClient } from "pg";
import { type EventRow, eventColumns, rowFromPg } from "../event-row.ts";
import { type MatchRequest, readMatches } from "./matches.ts";
import type { SearchPlan } from "./plan.ts";
import { reading, SEARCH_MS_MAX } from "./reading.ts";

/** What a page shows: everything but the salts of the commitments and the search terms. */
export const pageSelect = eventColumns
  .filter((column) => column !== "workspace_id" && column !== "salts" && column !== "terms")
  .join(", ");

/**
 * One page of matching events in order of (occurred_at, seq), from `after` on; at most `limit` of them.
 * Throws AppError search_timeout.
 */
export function readPage(db: Pool, plan: SearchPlan, request: MatchRequest): Promise<EventRow[]> {
  return reading(db, SEARCH_MS_MAX, (client) => readPageWith(client, plan, request));
}

/** The same inside a transaction; with another select list than the page's if one is given. */
export async function readPageWith(
  client: PoolClient,
  plan: SearchPlan,
  request: MatchRequest,
  select: string = pageSelect,
): Promise<EventRow[]> {
  const found: EventRow[] = [];
  await readMatches(client, plan, request, async ({ sql, orderSql, parameters, limit }) => {
    const statement = `select ${select} ${sql}${orderSql} limit ${parameters.add(limit)}`;
    const { rows } = await client.query(statement, parameters.values);
    for (const row of rows) found.push(rowFromPg(row));
    return { matches: rows.length, last: found.at(-1) };
  });
  return found;
}
