import type { Pool, PoolClient } from "pg";
import { type EventRow, eventColumns, rowFromPg } from "../event-row.ts";
import { findPartitions, type Partition } from "../partitions.ts";
import type { Order, Place } from "./cursor.ts";
import { Parameters, timeText } from "./parameters.ts";
import type { SearchPlan, TimeBounds } from "./plan.ts";
import { reading, SEARCH_MS_MAX } from "./reading.ts";

/** Rows that the first look reads in time order: enough that common values fill a page, cheap enough to be in vain. */
const FIRST_ROWS = 2_000;
/** Reading on in time order is preferred to the indexes while a page is expected within so many rows. */
const SCAN_ROWS_MAX = 24_000;

/** What a page shows: everything but the salts of the commitments and the search terms. */
const pageSelect = eventColumns
  .filter((column) => column !== "workspace_id" && column !== "salts" && column !== "terms")
  .join(", ");

export interface PageRequest {
  order: Order;
  limit: number;
  after?: Place | undefined;
  /** Rows that the first look reads, other than FIRST_ROWS. */
  firstRows?: number | undefined;
}

/**
 * One page of matching events in order of (occurred_at, seq), from `after` on; at most `limit` of them.
 *  1. Read the first rows in time order and filter them: it fills the page for every value that is not rare.
 *  2. If matches are frequent enough, read on in time order, else ask the indexes, partition by partition.
 * Throws AppError search_timeout.
 */
export function readPage(db: Pool, plan: SearchPlan, request: PageRequest): Promise<EventRow[]> {
  return reading(db, SEARCH_MS_MAX, (client) => readPageWith(client, plan, request));
}

/** The same inside a transaction. */
export async function readPageWith(client: PoolClient, plan: SearchPlan, request: PageRequest): Promise<EventRow[]> {
  const rows: EventRow[] = [];
  if (plan.isEverything) return readRange(client, plan, request, plan.bounds);
  if (!plan.byTerms && !plan.byText) return readRange(client, plan, request, plan.bounds);
  let window = request.firstRows ?? FIRST_ROWS;
  let after = request.after;
  let scanned = 0;
  for (;;) {
    const part = await readWindow(client, plan, { ...request, after, limit: request.limit - rows.length }, window);
    rows.push(...part.rows);
    scanned += window;
    if (rows.length >= request.limit || part.end === undefined) return rows;
    after = part.end;
    const expected = (scanned / Math.max(rows.length, 0.5)) * (request.limit - rows.length);
    if (rows.length === 0 || expected > SCAN_ROWS_MAX) break;
    window = Math.min(Math.ceil(expected * 1.3), SCAN_ROWS_MAX);
  }
  return [...rows, ...(await readByIndex(client, plan, { ...request, after, limit: request.limit - rows.length }))];
}

interface WindowRows {
  rows: EventRow[];
  /** The last row that was looked at; undefined when there are no more. */
  end: Place | undefined;
}

/** The matches among the next `window` rows in time order. */
async function readWindow(
  client: PoolClient,
  plan: SearchPlan,
  request: PageRequest,
  window: number,
): Promise<WindowRows> {
  const parameters = new Parameters();
  const order = `order by occurred_at ${request.order}, seq ${request.order}`;
  const inner = `select * from event where ${plan.rangeSql(parameters)}${afterSql(request, parameters)} ${order} limit ${parameters.add(window)}`;
  const filter = plan.querySql(parameters, false);
  const limit = parameters.add(request.limit);
  const sql = `select ${pageSelect} from (${inner}) as event where ${filter} ${order} limit ${limit}`;
  const { rows } = await client.query(sql, parameters.values);
  const found = rows.map(rowFromPg);
  if (found.length >= request.limit) return { rows: found, end: undefined };
  return { rows: found, end: await endOfWindow(client, plan, request, window) };
}

/** The last row of a window, from the index alone. */
async function endOfWindow(
  client: PoolClient,
  plan: SearchPlan,
  request: PageRequest,
  window: number,
): Promise<Place | undefined> {
  const parameters = new Parameters();
  const { rows } = await client.query<{ occurred_at: Date; seq: number }>(
    `select occurred_at, seq from event where ${plan.rangeSql(parameters)}${afterSql(request, parameters)}
       order by occurred_at ${request.order}, seq ${request.order} offset ${parameters.add(window - 1)} limit 1`,
    parameters.values,
  );
  const [last] = rows;
  return last === undefined ? undefined : { occurredAtMs: last.occurred_at.getTime(), seq: Number(last.seq) };
}

/** Matches in time order without a bound on the rows that are read. */
async function readRange(
  client: PoolClient,
  plan: SearchPlan,
  request: PageRequest,
  bounds: TimeBounds,
  withText = false,
): Promise<EventRow[]> {
  const parameters = new Parameters();
  const range = `${plan.rangeSql(parameters, bounds)}${afterSql(request, parameters)}`;
  const filter = plan.querySql(parameters, withText);
  const { rows } = await client.query(
    `select ${pageSelect} from event where ${range} and ${filter}
       order by occurred_at ${request.order}, seq ${request.order} limit ${parameters.add(request.limit)}`,
    parameters.values,
  );
  return rows.map(rowFromPg);
}

/**
 * Reads partition by partition in order, each by its indexes. After a partition without a match, the next statement
 * takes twice as many partitions at once: rare values in old logs do not pay a round trip for every month.
 */
async function readByIndex(client: PoolClient, plan: SearchPlan, request: PageRequest): Promise<EventRow[]> {
  const rows: EventRow[] = [];
  const partitions = partitionsOf(await findPartitions(client), plan.bounds, request);
  let together = 1;
  for (let at = 0; at < partitions.length; ) {
    const group = groupAt(partitions, at, together);
    await preferIndexes(client, plan, group);
    const bounds = {
      fromMs: Math.min(...group.map((partition) => partition.startsAtMs)),
      toMs: Math.max(...group.map((partition) => partition.endsAtMs)),
    };
    const limit = request.limit - rows.length;
    const found = await readRange(client, plan, { ...request, limit }, bounds, group[0]?.sealed === true);
    rows.push(...found);
    if (rows.length >= request.limit) break;
    at += group.length;
    together *= 2;
  }
  return rows;
}

/** Up to `count` partitions that are alike: sealed ones have a text index, others not. */
function groupAt(partitions: readonly Partition[], at: number, count: number): Partition[] {
  const sealed = partitions[at]?.sealed;
  const group: Partition[] = [];
  for (const partition of partitions.slice(at, at + count)) {
    if (partition.sealed !== sealed) break;
    group.push(partition);
  }
  return group;
}

/** The planner guesses the frequency of a hash badly: where an index narrows the search, it is told to use one. */
async function preferIndexes(client: PoolClient, plan: SearchPlan, group: readonly Partition[]): Promise<void> {
  const narrowed = plan.byTerms || (plan.byText && group[0]?.sealed === true);
  const scans = narrowed ? "off" : "on";
  await client.query(`set local enable_seqscan = ${scans}; set local enable_indexscan = ${scans}`);
}

function partitionsOf(all: readonly Partition[], bounds: TimeBounds, request: PageRequest): Partition[] {
  const { order, after } = request;
  const fromMs = Math.max(bounds.fromMs, order === "asc" && after !== undefined ? after.occurredAtMs : -Infinity);
  const toMs = Math.min(bounds.toMs, order === "desc" && after !== undefined ? after.occurredAtMs + 1 : Infinity);
  const inside = all.filter((partition) => partition.endsAtMs > fromMs && partition.startsAtMs < toMs);
  return order === "asc" ? inside : inside.reverse();
}

function afterSql({ order, after }: PageRequest, parameters: Parameters): string {
  if (after === undefined) return "";
  const sign = order === "desc" ? "<" : ">";
  const time = parameters.add(timeText(after.occurredAtMs));
  // The first condition follows from the second; without it the planner does not leave out partitions.
  return ` and occurred_at ${sign}= ${time}::timestamptz and (occurred_at, seq) ${sign} (${time}::timestamptz, ${parameters.add(after.seq)})`;
}
