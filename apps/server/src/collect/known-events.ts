import type { EventInput } from "@daybook/contract";
import type { Db } from "../db/pool.ts";

/**
 * The ids among these events that are in the log already (same id, same time). It asks for nothing but the index, so
 * that an import which is run again gets through what is done several times faster than by writing it again.
 */
export async function findKnown(db: Db, workspaceId: number, events: readonly EventInput[]): Promise<Set<string>> {
  const timed = events.filter((event) => event.id !== undefined && event.occurredAt !== undefined);
  const client = await db.connect();
  try {
    // A new partition has no statistics; without this its rows could be read through once for each id.
    await client.query("begin; set local enable_seqscan = off; set local enable_bitmapscan = off");
    const { rows } = await client.query<{ id: string }>(
      `select given.id from unnest($2::uuid[], $3::timestamptz[]) as given (id, at) cross join lateral (
         select 1 from event where workspace_id = $1 and event.id = given.id and occurred_at = given.at limit 1) as found`,
      [workspaceId, timed.map((event) => event.id), timed.map((event) => event.occurredAt)],
    );
    return new Set(rows.map((row) => row.id));
  } finally {
    await client.query("rollback");
    client.release();
  }
}
