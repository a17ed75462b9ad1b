import type { PoolClient } from "pg";
import type { Partition } from "../partitions.ts";
import type { Order, Place } from "./cursor.ts";
import type { TimeBounds } from "./plan.ts";

export interface SizedPartition extends Partition {
  /** As the planner's statistics have it. */
  rows: number;
}

/** Rows of a partition that has no statistics yet. */
const ROWS_UNKNOWN = 100_000;

/** The partitions that a list goes through, in its order: those within the bounds, from `after` on. */
export async function partitionsInOrder(
  client: PoolClient,
  bounds: TimeBounds,
  { order, after }: { order: Order; after?: Place | undefined },
): Promise<SizedPartition[]> {
  const fromMs = Math.max(bounds.fromMs, order === "asc" && after !== undefined ? after.occurredAtMs : -Infinity);
  const toMs = Math.min(bounds.toMs, order === "desc" && after !== undefined ? after.occurredAtMs + 1 : Infinity);
  const { rows } = await client.query<{
    name: string;
    starts: number;
    ends: number;
    sealed: boolean;
    rows: number | null;
  }>(
    `select part.name, extract(epoch from starts_at)::float8 * 1000 as starts, extract(epoch from ends_at)::float8 * 1000 as ends,
        sealed_at is not null as sealed, table_of.reltuples as rows
       from event_partition as part left join pg_class as table_of on table_of.oid = to_regclass(part.name)
       order by starts_at ${order}`,
  );
  return rows
    .map((row) => ({
      name: row.name,
      startsAtMs: Math.round(row.starts),
      endsAtMs: Math.round(row.ends),
      sealed: row.sealed,
      rows: row.rows !== null && row.rows >= 0 ? row.rows : ROWS_UNKNOWN,
    }))
    .filter((partition) => partition.endsAtMs > fromMs && partition.startsAtMs < toMs);
}

/**
 * How many partitions the order begins with: of the newest first those ahead of the present, which are empty, and the one
 * of the present.
 */
export function leading(partitions: readonly SizedPartition[], order: Order): number {
  const now = Date.now();
  const present = order === "asc" ? 0 : partitions.findIndex((partition) => partition.startsAtMs <= now);
  return Math.max(present, 0) + 1;
}

/** Up to `count` partitions; alike when texts are looked for: sealed ones have a text index, others not. */
export function groupAt(
  partitions: readonly SizedPartition[],
  at: number,
  count: number,
  alike: boolean,
): SizedPartition[] {
  const sealed = partitions[at]?.sealed;
  const group = partitions.slice(at, at + count);
  const other = alike ? group.findIndex((partition) => partition.sealed !== sealed) : -1;
  return other < 0 ? group : group.slice(0, other);
}

/** The time that partitions cover together. */
export const boundsOf = (group: readonly Partition[]): TimeBounds => ({
  fromMs: Math.min(...group.map((partition) => partition.startsAtMs)),
  toMs: Math.max(...group.map((partition) => partition.endsAtMs)),
});
