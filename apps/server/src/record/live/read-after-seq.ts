import type { Pool } from "pg";
import { type EventRow, rowFromPg } from "../event-row.ts";
import { pageSelect } from "../search/page.ts";
import { Parameters } from "../search/parameters.ts";
import type { SearchPlan } from "../search/plan.ts";

/** Matching events with a place after `seq` and up to `until`, by their place in the log; at most `limit`. */
export async function readAfterSeq(
  db: Pool,
  plan: SearchPlan,
  seq: number,
  until: number | undefined,
  limit: number,
): Promise<EventRow[]> {
  const parameters = new Parameters();
  const range = `${plan.rangeSql(parameters)} and seq > ${parameters.add(seq)}`;
  const end = until === undefined ? "" : ` and seq <= ${parameters.add(until)}`;
  const { rows } = await db.query(
    `select ${pageSelect} from event where ${range}${end} and ${plan.querySql(parameters, false)}
       order by seq limit ${parameters.add(limit)}`,
    parameters.values,
  );
  return rows.map(rowFromPg);
}
