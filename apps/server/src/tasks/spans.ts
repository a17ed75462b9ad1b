import type { Querier } from "../access/staff-store.ts";

/** A stretch of ids, from `from` up to but without `before`; left out, without an end. */
export interface Span {
  from?: string | undefined;
  before?: string | undefined;
}

/** How long the list of partitions is believed. */
const BELIEVED_MS = 30_000;

/** Tables with a partition for each month of ids. */
type Monthly = "task" | "mail_message";

const known = new Map<Monthly, { months: Promise<{ from: string }[]>; untilMs: number }>();

/** The months that a table is kept in, the newest first, up to a place in the order of ids; what lies outside of all of them comes last. */
export async function spansOf(db: Querier, before?: string, table: Monthly = "task"): Promise<Span[]> {
  let held = known.get(table);
  if (held === undefined || held.untilMs < performance.now()) {
    held = { months: readMonths(db, table), untilMs: performance.now() + BELIEVED_MS };
    known.set(table, held);
    held.months.catch(() => known.delete(table));
  }
  const months = await held.months;
  let end = before;
  const spans: Span[] = [];
  for (const { from } of months) {
    if (end !== undefined && from >= end) continue;
    // Up to the month after it, so that one without a partition of its own belongs to the one before.
    spans.push({ from, before: end });
    end = from;
  }
  return [...spans, { before: end }];
}

/** Where the partitions begin, read from PostgreSQL's own description of them. */
async function readMonths(db: Querier, table: Monthly): Promise<{ from: string }[]> {
  const { rows } = await db.query<{ bound: string }>(
    `select pg_get_expr(child.relpartbound, child.oid) as bound from pg_inherits
       join pg_class as child on child.oid = inhrelid where inhparent = $1::regclass`,
    [table],
  );
  return rows
    .flatMap(({ bound }) => {
      const from = /'([0-9a-f-]{36})'/.exec(bound)?.[1];
      return from === undefined ? [] : [{ from }];
    })
    .sort((a, b) => (a.from < b.from ? 1 : -1));
}

/** No id comes before the first of these, none after the second. */
export const LEAST_ID = "00000000-0000-0000-0000-000000000000";
export const GREATEST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** The least UUIDv7 of a millisecond. */
export function firstIdOf(ms: number): string {
  const time = Math.max(0, ms).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}
