import type { Event } from "@daybook/contract";
import type { Pool } from "pg";
import { toEvent } from "../event-row.ts";
import { decodeCursor, encodeCursor, type Order, type Total } from "./cursor.ts";
import { readPage } from "./page.ts";
import { SearchPlan, type SearchScope } from "./plan.ts";
import { listTotal } from "./total.ts";

export interface EventList {
  items: Event[];
  nextCursor: string | null;
  total: Total;
}

/** One page of a list of events, as the API gives it. Throws invalid_cursor, search_timeout. */
export async function listEvents(
  db: Pool,
  scope: SearchScope,
  order: Order,
  limit: number,
  cursorText?: string,
): Promise<EventList> {
  const plan = new SearchPlan(scope);
  const cursor = cursorText === undefined ? undefined : decodeCursor(scope, order, cursorText);
  const rows = await readPage(db, plan, { order, limit: limit + 1, after: cursor });
  const more = rows.length > limit;
  if (more) rows.pop();
  const total = cursor?.total ?? (more ? await listTotal(db, plan, limit + 1) : exactly(rows.length));
  const last = rows.at(-1);
  const nextCursor =
    more && last !== undefined
      ? encodeCursor(scope, order, { occurredAtMs: last.occurredAtMs, seq: last.seq, total })
      : null;
  return { items: rows.map(toEvent), nextCursor, total };
}

const exactly = (value: number): Total => ({ value, relation: "eq" });
