import type { PoolClient } from "pg";
import type { Order, Place } from "./cursor.ts";
import { Parameters, timeText } from "./parameters.ts";
import { boundsOf, groupAt, leading, partitionsInOrder, type SizedPartition } from "./partition-order.ts";
import type { SearchPlan, TimeBounds } from "./plan.ts";

/** Rows that the first look reads in time order: enough that common values fill a page, cheap enough to be in vain. */
const FIRST_ROWS = 1_000;
/** Further looks read no fewer: one that finds nothing by chance would cost a look more. */
const NEXT_ROWS_MIN = 300;
/** Reading on in time order is preferred to the indexes while what is wanted is expected within so many rows. */
const SCAN_ROWS_MAX = 8_000;

/** Likewise while each match is expected to take no more rows than this. */
const SCAN_ROWS_A_MATCH = 8;
/** A match found by an index is read from anywhere in its partition, all of them before the newest are known: so many rows in time order cost the same. */
const MATCH_COST_ROWS = 2;
/** The same for texts: the newest partition has no text index, and would be read whole instead. */
const SCAN_ROWS_TEXT_MAX = 100_000;

export interface MatchRequest {
  order: Order;
  /** Matches wanted. */
  limit: number;
  after?: Place | undefined;
  /** Any of the matches will do, as for a count. */
  anyOrder?: true;
  /** Rows that the first look reads, other than FIRST_ROWS; 0 goes to the indexes at once. */
  firstRows?: number | undefined;
}

/** The matches of one statement: `from … where …` over the columns of `event`, to be ordered and limited by the reader. */
export interface MatchSource {
  sql: string;
  /** ` order by …`, in the order of the list. */
  orderSql: string;
  parameters: Parameters;
  /** Matches still wanted. */
  limit: number;
}

/** What a reader found in one source: how many matches, at most `source.limit`, and the last one if it knows its place. */
export interface Found {
  matches: number;
  last?: Place | undefined;
}

/** Reads the matches of one source. */
export type MatchReader = (source: MatchSource) => Promise<Found>;

/**
 * Goes through matching events in order of (occurred_at, seq) from `after` on, until `limit` are read; every match is in
 * exactly one source. Returns how many were read.
 *  1. The first rows in time order, filtered: they are enough for every value that is not rare. Only the partitions that
 *     the order begins with are named: planning a statement takes some 0.1 ms for each.
 *  2. While matches are frequent, more rows in time order.
 *  3. The rest by the indexes, partition by partition.
 * The client must be in one transaction with one snapshot, see `reading`.
 */
export async function readMatches(
  client: PoolClient,
  plan: SearchPlan,
  request: MatchRequest,
  read: MatchReader,
): Promise<number> {
  const partitions = await partitionsInOrder(client, plan.bounds, request);
  // One more: the present partition has few rows when it is new.
  const first = partitions.slice(0, leading(partitions, request.order) + 1);
  const begun =
    plan.byTerms || plan.byText
      ? await readWindows(client, plan, request, first, read)
      : { ...(await read(rangeSource(plan, request, boundsOf(first), false))), exhausted: true };
  const rest = { ...request, after: begun.last ?? request.after, limit: request.limit - begun.matches };
  const left = begun.exhausted ? partitions.slice(first.length) : partitions;
  if (rest.limit <= 0 || left.length === 0) return begun.matches;
  if (plan.byTerms || plan.byText) return begun.matches + (await readByIndex(client, plan, rest, left, read));
  return begun.matches + (await read(rangeSource(plan, rest, boundsOf(left), false))).matches;
}

/** Reads in time order as long as that promises to be quick. `exhausted`: all within the bounds was looked at. */
async function readWindows(
  client: PoolClient,
  plan: SearchPlan,
  request: MatchRequest,
  partitions: readonly SizedPartition[],
  read: MatchReader,
): Promise<Found & { exhausted: boolean }> {
  const bounds = boundsOf(partitions);
  const rows = Math.max(...partitions.map((partition) => partition.rows));
  let matches = 0;
  let scanned = 0;
  let window = request.firstRows ?? FIRST_ROWS;
  let after = request.after;
  let last: Place | undefined;
  while (window > 0) {
    const rest = { ...request, after, limit: request.limit - matches };
    const found = await read(windowSource(plan, rest, bounds, window));
    matches += found.matches;
    scanned += window;
    // Without any match the indexes may look at these rows again; after the last match there is none in the window.
    if (matches >= request.limit || matches === 0) break;
    last = found.last ?? (await endOfWindow(client, plan, rest, bounds, window));
    if (last === undefined) return { matches, exhausted: true };
    after = last;
    const expected = (scanned / matches) * (request.limit - matches);
    if (expected > scanMax(plan, request, (matches / scanned) * rows)) break;
    window = Math.max(NEXT_ROWS_MIN, Math.ceil(expected * 1.3));
  }
  return { matches, last, exhausted: false };
}

/** Rows that are read in time order at most before the indexes are asked, which would find so many `matches` in a partition. */
function scanMax(plan: SearchPlan, request: MatchRequest, matches: number): number {
  if (!plan.byTerms) return SCAN_ROWS_TEXT_MAX;
  const least = Math.max(SCAN_ROWS_MAX, request.limit * SCAN_ROWS_A_MATCH);
  return request.anyOrder === true ? least : Math.max(least, matches * MATCH_COST_ROWS);
}

/** The next `window` rows in time order, filtered. */
function windowSource(plan: SearchPlan, request: MatchRequest, bounds: TimeBounds, window: number): MatchSource {
  const parameters = new Parameters();
  const range = `${plan.rangeSql(parameters, bounds)}${afterSql(request, parameters)}`;
  const inner = `select * from event where ${range}${orderSql(request)} limit ${parameters.add(window)}`;
  const sql = `from (${inner}) as event where ${plan.querySql(parameters, false)}`;
  return { sql, orderSql: orderSql(request), parameters, limit: request.limit };
}

/** The last row of a window, from the index alone; undefined when there are no rows after the window. */
async function endOfWindow(
  client: PoolClient,
  plan: SearchPlan,
  request: MatchRequest,
  bounds: TimeBounds,
  window: number,
): Promise<Place | undefined> {
  const parameters = new Parameters();
  const range = `${plan.rangeSql(parameters, bounds)}${afterSql(request, parameters)}`;
  const { rows } = await client.query<{ occurred_at: Date; seq: number }>(
    `select occurred_at, seq from event where ${range}${orderSql(request)} offset ${parameters.add(window - 1)} limit 1`,
    parameters.values,
  );
  const [last] = rows;
  return last === undefined ? undefined : { occurredAtMs: last.occurred_at.getTime(), seq: Number(last.seq) };
}

function rangeSource(plan: SearchPlan, request: MatchRequest, bounds: TimeBounds, withText: boolean): MatchSource {
  const parameters = new Parameters();
  const range = `${plan.rangeSql(parameters, bounds)}${afterSql(request, parameters)}`;
  const sql = `from event where ${range} and ${plan.querySql(parameters, withText)}`;
  return { sql, orderSql: orderSql(request), parameters, limit: request.limit };
}

/**
 * Reads partition by partition in order, each by its indexes: first the leading ones, then one, and each statement takes
 * four times as many as the one before. So rare values in old logs do not pay a round trip for every month.
 */
async function readByIndex(
  client: PoolClient,
  plan: SearchPlan,
  request: MatchRequest,
  partitions: readonly SizedPartition[],
  read: MatchReader,
): Promise<number> {
  let found = 0;
  let together = leading(partitions, request.order);
  let next = 1;
  let narrowed: boolean | undefined;
  for (let at = 0; at < partitions.length && found < request.limit; next *= 4) {
    const group = groupAt(partitions, at, together, plan.byText);
    const sealed = group.every((partition) => partition.sealed);
    const narrows = plan.byTerms || (plan.byText && sealed);
    if (narrows !== narrowed) await preferIndexes(client, narrows, plan.byTerms);
    narrowed = narrows;
    const source = rangeSource(plan, { ...request, limit: request.limit - found }, boundsOf(group), sealed);
    found += (await read(narrows ? fenced(source) : source)).matches;
    at += group.length;
    together = next;
  }
  // What is read in time order next in this transaction needs what was switched off.
  await preferIndexes(client, false, false);
  return found;
}

/**
 * The same rows, found without regard to their order. PostgreSQL 18 forgets that a scan in the order of an index is switched
 * off when one partition is left, and would read ten million rows in order for a value that nobody has.
 */
function fenced(source: MatchSource): MatchSource {
  return { ...source, sql: `from (select * ${source.sql} offset 0) as event` };
}

/**
 * Where an index narrows the search, the planner is told to use one: its guess of how much it narrows is often wrong. By
 * terms (`alone`) so little is read that parallel workers would take longer to start than they save.
 */
async function preferIndexes(client: PoolClient, prefer: boolean, alone: boolean): Promise<void> {
  const scans = prefer ? "off" : "on";
  await client.query(
    `set local enable_seqscan = ${scans}; set local enable_indexscan = ${scans}; set local max_parallel_workers_per_gather = ${alone ? "0" : "default"}`,
  );
}

const orderSql = ({ order }: MatchRequest): string => ` order by occurred_at ${order}, seq ${order}`;

function afterSql({ order, after }: MatchRequest, parameters: Parameters): string {
  if (after === undefined) return "";
  const sign = order === "desc" ? "<" : ">";
  const time = parameters.add(timeText(after.occurredAtMs));
  // The first condition follows from the second; without it the planner does not leave out partitions.
  return ` and occurred_at ${sign}= ${time}::timestamptz and (occurred_at, seq) ${sign} (${time}::timestamptz, ${parameters.add(after.seq)})`;
}
