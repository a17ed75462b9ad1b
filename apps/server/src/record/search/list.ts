import type { Event } from "@daybook/contract";
import type { Pool } from "pg";
import { seenEvent } from "../seen-event.ts";
import { decodeCursor, encodeCursor, type Order, type Total } from "./cursor.ts";
import { readPageWith } from "./page.ts";
import { SearchPlan, type SearchScope } from "./plan.ts";
import { reading, SEARCH_MS_MAX } from "./reading.ts";
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
  const { rows, more, total } = await reading(db, SEARCH_MS_MAX, async (client) => {
    const found = await readPageWith(client, plan, { order, limit: limit + 1, after: cursor });
    const known = cursor?.total ?? (found.length > limit ? undefined : exactly(found.length));
    return {
      rows: found.slice(0, limit),
      more: found.length > limit,
      total: known ?? (await listTotal(client, plan, limit + 1)),
    };
  });
  const last = rows.at(-1);
  const nextCursor =
    more && last !== undefined
      ? encodeCursor(scope, order, { occurredAtMs: last.occurredAtMs, seq: last.seq, total })
      : null;
  return { items: rows.map((row) => seenEvent(row, scope.sight)), nextCursor, total };
}

const exactly = (value: number): Total => ({ value, relation: "eq" });
