import type { EventInput } from "@daybook/contract";
import type { Db } from "../db/pool.ts";
import { parseTime } from "../record/event-time.ts";

/**
 * The ids among these events that are in the log already (same id, same time). An import that is run again gets
 * through what is done several times faster by asking than by writing.
 *
 * One query for the span of the batch; each time is compared here. Looked up pair by pair, PostgreSQL may take the index by
 * time and read every event of the same instant for each id, when its statistics say that times are nearly unique.
 */
export async function findKnown(db: Db, workspaceId: number, events: readonly EventInput[]): Promise<Set<string>> {
  const times = new Map<string, number>();
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const { id, occurredAt } of events) {
    if (id === undefined || occurredAt === undefined) continue;
    const at = parseTime(occurredAt);
    times.set(id, at);
    first = Math.min(first, at);
    last = Math.max(last, at);
  }
  if (times.size === 0) return new Set();
  const { rows } = await db.query<{ id: string; occurred_at: Date }>(
    `select id, occurred_at from event
      where workspace_id = $1 and id = any($2::uuid[]) and occurred_at between $3 and $4`,
    [workspaceId, [...times.keys()], new Date(first), new Date(last)],
  );
  return new Set(rows.flatMap((row) => (times.get(row.id) === row.occurred_at.getTime() ? [row.id] : [])));
}
