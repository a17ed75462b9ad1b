import type { PartyPart } from "@daybook/contract";
import type { Pool, PoolClient } from "pg";
import { DAY_MS } from "../search/kept.ts";
import type { SearchPlan } from "../search/plan.ts";
import { reading, SEARCH_MS_MAX } from "../search/reading.ts";
import { planOf, type Searcher } from "../search/request.ts";
import { ROLL_UP } from "../search/roll-up.ts";
import { type Coverage, groupMatches } from "../search/sample.ts";
import { seesEverything } from "../sight.ts";
import type { PartyQueries } from "./party-query.ts";

/** Events of one UTC day. */
export interface DayCount {
  startMs: number;
  total: number;
  failed: number;
}

export interface PartCounts {
  total: PartyPart["total"];
  byOutcome: PartyPart["byOutcome"];
  days: Map<number, DayCount>;
  /** Whether the days are of all events. */
  relation: Coverage["relation"];
}

/**
 * The events of one part of a party by day and outcome.
 *  1. What did not work is few: it is grouped from the rows, at most the newest 10,000.
 *  2. The days come from the counts that the roll-up keeps of each actor, target and address, plus the events after its
 *     cursor. So an actor with a million events costs as many rows as it has days.
 *  3. Where no counts are kept, or the caller does not see every event, the newest rows are grouped too.
 */
export function countPart(db: Pool, searcher: Searcher, part: PartyQueries["parts"][number]): Promise<PartCounts> {
  return reading(db, SEARCH_MS_MAX, async (client) => {
    const days = new Map<number, DayCount>();
    const byOutcome = { success: 0, failure: 0, denied: 0 };
    const kept = part.counted !== undefined && seesEverything(searcher.sight);
    const plan = planOf(searcher, { q: kept ? `${part.query} -outcome:success` : part.query });
    const coverage = await groupDays(client, plan, days, byOutcome);
    if (kept && part.counted !== undefined) {
      const all = await keptDays(client, searcher, part.query, part.counted);
      for (const [startMs, total] of all) days.set(startMs, { startMs, total, failed: days.get(startMs)?.failed ?? 0 });
      const value = [...all.values()].reduce((sum, events) => sum + events, 0);
      byOutcome.success = Math.max(0, value - byOutcome.failure - byOutcome.denied);
      return { total: { value, relation: "eq" }, byOutcome, days, relation: "eq" };
    }
    const value = byOutcome.success + byOutcome.failure + byOutcome.denied;
    return { total: { value, relation: coverage.relation }, byOutcome, days, relation: coverage.relation };
  });
}

interface DayRow {
  day: string | number | null;
  outcome: number;
  events: string | number;
}

const daySql = `(floor(extract(epoch from occurred_at) * 1000 / ${DAY_MS}) * ${DAY_MS})::bigint`;

function groupDays(
  client: PoolClient,
  plan: SearchPlan,
  days: Map<number, DayCount>,
  byOutcome: PartCounts["byOutcome"],
): Promise<Coverage> {
  return groupMatches<DayRow>(
    client,
    plan,
    "outcome",
    (relation) => `select ${daySql} as day, outcome, count(*) as events from ${relation} group by 1, 2`,
    (row) => {
      if (row.day === null) return;
      const startMs = Number(row.day);
      const events = Number(row.events);
      const day = days.get(startMs) ?? { startMs, total: 0, failed: 0 };
      day.total += events;
      if (row.outcome !== 0) day.failed += events;
      days.set(startMs, day);
      byOutcome[row.outcome === 0 ? "success" : row.outcome === 1 ? "failure" : "denied"] += events;
    },
  );
}

/**
 * The kept counts of a value by day, with the events after the roll-up's cursor. The counts know a value as it is
 * written in the events; a query does not mind case. Two ids that differ in nothing else are rare enough.
 */
async function keptDays(
  client: PoolClient,
  searcher: Searcher,
  query: string,
  { field, value }: { field: string; value: string },
): Promise<Map<number, number>> {
  const { workspaceId } = searcher;
  const { rows } = await client.query<{ day: Date; events: number }>(
    "select day, events from event_count_value where workspace_id = $1 and field = $2 and value = $3 order by day",
    [workspaceId, field, value],
  );
  const days = new Map(rows.map((row) => [row.day.getTime(), Number(row.events)]));
  const cursor = await client.query<{ seq: number }>("select seq from follower where workspace_id = $1 and name = $2", [
    workspaceId,
    ROLL_UP,
  ]);
  const tail = planOf(searcher, { q: `${query} seq>${Number(cursor.rows[0]?.seq ?? 0)}` });
  await groupMatches<DayRow>(
    client,
    tail,
    "outcome",
    (relation) => `select ${daySql} as day, 0 as outcome, count(*) as events from ${relation} group by 1`,
    ({ day, events }) => {
      if (day !== null) days.set(Number(day), (days.get(Number(day)) ?? 0) + Number(events));
    },
  );
  return days;
}
