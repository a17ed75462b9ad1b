import { AppError, limits, type Task, type TaskFilter, taskStatuses } from "@daybook/contract";
import type { Pool } from "pg";
import type { Querier } from "../access/staff-store.ts";
import { likePattern } from "../record/search/parameters.ts";
import { rarePart } from "../record/search/rare-part.ts";
import { reading, SEARCH_MS_MAX } from "../record/search/reading.ts";
import { firstIdOf, GREATEST_ID, LEAST_ID, type Span, spansOf } from "./spans.ts";
import { listColumns, SLOW_FACTOR, type TaskRow } from "./task-row.ts";

/** Tasks of a month whose words are read before the index of words is asked: first so many, then so many or more, never more at once. */
const NEAR_FIRST = 300;
const NEAR_MORE = 3_000;
const NEAR_MAX = 20_000;
/** Fewer hits among them say nothing about how many more there are. */
const HITS_MIN = 3;

/** A page of tasks, the newest first. */
export interface TaskPage {
  rows: TaskRow[];
  nextCursor: string | null;
  total: { value: number; relation: "eq" | "gte" };
}

export interface TaskQuestion {
  filter: TaskFilter;
  limit: number;
  cursor?: string | undefined;
  /** The p95 of the types, for `slow`. */
  usual: ReadonlyMap<string, number>;
  nowMs: number;
}

/**
 * The tasks that a filter finds. Ids are in the order of time, so the id of the last row is where the next page begins. Months are read one
 * after the other, from the newest on: a plan over all of them would look for the first row in each.
 */
export async function listTasks(db: Pool, workspaceId: number, question: TaskQuestion): Promise<TaskPage> {
  const { limit, cursor, filter } = question;
  const wheres = alternativesOf(filter).map((each) => taskCondition(workspaceId, { ...question, filter: each }));
  const words = wordsOf(filter);
  const before = cursor === undefined ? undefined : placeOf(cursor);
  const [rows, count] = await Promise.all([
    reading(db, SEARCH_MS_MAX, (client) => readRows(client, { wheres, words, before, most: limit + 1 })),
    words.length > 0 ? undefined : reading(db, SEARCH_MS_MAX, (client) => countTasks(client, wheres)),
  ]);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit;
  return {
    rows: page,
    nextCursor: more && last ? Buffer.from(last.id).toString("base64url") : null,
    total: count ?? { value: page.length, relation: more || cursor !== undefined ? "gte" : "eq" },
  };
}

interface Reading {
  wheres: readonly Where[];
  words: readonly string[];
  before: string | undefined;
  most: number;
}

/** The newest tasks, one row more than a page: whether there is a next one. */
async function readRows(db: Querier, { wheres, words, before, most }: Reading): Promise<TaskRow[]> {
  const rows: TaskRow[] = [];
  for (const span of await spansOf(db, before)) {
    if (rows.length >= most) break;
    const wanted = most - rows.length;
    const found: TaskRow[] = [];
    for (const where of wheres)
      found.push(
        ...(words.length > 0
          ? await findByWords(db, where, span, words, wanted)
          : await readSpan(db, where, span, wanted)),
      );
    if (wheres.length > 1) found.sort((a, b) => (a.id < b.id ? 1 : -1));
    rows.push(...found.slice(0, wanted));
  }
  return rows;
}

interface Where {
  sql: string;
  parameters: readonly unknown[];
}

/** Alternatives of a filter that are asked one by one at most. */
const ALTERNATIVES_MAX = 12;

/**
 * A filter of several states or types as filters of one state and one type each. Only then an index has the rows in the order of their ids;
 * else PostgreSQL reads tasks of every kind until it has found enough, which for a rare pair is all of them.
 */
function alternativesOf(filter: TaskFilter): TaskFilter[] {
  const statuses: (string | undefined)[] = filter.status?.split(",") ?? [undefined];
  const types: (string | undefined)[] = filter.type?.split(",") ?? [undefined];
  const many = statuses.length * types.length;
  if (many === 1 || many > ALTERNATIVES_MAX || types.some((type) => type?.endsWith("*"))) return [filter];
  return [...new Set(statuses)].flatMap((status) => [...new Set(types)].map((type) => ({ ...filter, status, type })));
}

async function countTasks(db: Querier, wheres: readonly Where[]): Promise<TaskPage["total"]> {
  let count = 0;
  for (const where of wheres) {
    if (count > limits.countLargeMax) break;
    const { rows } = await db.query<{ count: number }>(
      `select count(*) as count from (select from task where ${where.sql} limit ${limits.countLargeMax + 1}) as found`,
      [...where.parameters],
    );
    count += rows[0]?.count ?? 0;
  }
  return count > limits.countLargeMax
    ? { value: limits.countLargeMax, relation: "gte" }
    : { value: count, relation: "eq" };
}

async function readSpan(db: Querier, where: Where, span: Span, most: number): Promise<TaskRow[]> {
  const { sql, parameters } = within(where, span);
  const { rows } = await db.query<TaskRow>(
    `select ${listColumns} from task where ${sql} order by id desc limit ${most}`,
    parameters,
  );
  return rows;
}

/**
 * Words are read in the newest tasks that fit everything else, in more of them as long as these hold enough; only for words that are rarer
 * the index of words is asked, which for a frequent one would find a great many.
 */
async function findByWords(
  db: Querier,
  where: Where,
  span: Span,
  words: readonly string[],
  most: number,
): Promise<TaskRow[]> {
  const found: TaskRow[] = [];
  let before = span.before;
  for (let look = NEAR_FIRST; look > 0; ) {
    const near = await readNear(db, where, { ...span, before }, words, look);
    found.push(...near.hits);
    if (found.length >= most || near.looked < look || near.lowest === null) return found.slice(0, most);
    before = near.lowest;
    const { hits } = near;
    const needed =
      hits.length < HITS_MIN ? Number.POSITIVE_INFINITY : ((most - found.length) * look * 1.5) / hits.length;
    if (needed <= NEAR_MAX) look = Math.max(NEAR_MORE, Math.ceil(needed));
    else look = look === NEAR_FIRST ? NEAR_MORE : 0;
  }
  const rest = await readWorded(db, where, { ...span, before }, words, most - found.length);
  return [...found, ...rest];
}

const patternsOf = (words: readonly string[]): string[] => words.map((word) => `%${likePattern([word])}%`);

interface Near {
  hits: TaskRow[];
  /** Tasks that were looked at, and the last of them. */
  looked: number;
  lowest: string | null;
}

async function readNear(db: Querier, where: Where, span: Span, words: readonly string[], most: number): Promise<Near> {
  const near = within(where, span);
  const first = near.parameters.length + 1;
  const from = first + words.length;
  // Fenced look-ups one by one: the numbers of rows are known here and not to PostgreSQL, which would rather read the whole month.
  const bounds = (column: string): string => `${column} >= $${from} and ${column} < $${from + 1}`;
  const { rows } = await db.query<TaskRow & { looked: number; lowest: string | null }>(
    `with near as materialized (select id from task where ${near.sql} order by id desc limit ${most}),
       hits as materialized (
         select near.id from near cross join lateral (
           select body from task_text where workspace_id = $1 and task_id = near.id and ${bounds("task_id")} limit 1) as words
          where ${wordTest("body", first, words)}),
       seen as (select count(*) as looked, (select id from near order by id limit 1) as lowest from near),
       rows as (
         select found.* from hits cross join lateral (
           select ${listColumns} from task where workspace_id = $1 and id = hits.id and ${bounds("id")} limit 1) as found)
     select * from seen left join rows on true order by id desc`,
    [...near.parameters, ...patternsOf(words), span.from ?? LEAST_ID, span.before ?? GREATEST_ID],
  );
  const [any] = rows;
  const hits = rows.filter((row) => row.id !== null);
  return { hits, looked: any?.looked ?? 0, lowest: any?.lowest ?? null };
}

async function readWorded(
  db: Querier,
  where: Where,
  span: Span,
  words: readonly string[],
  most: number,
): Promise<TaskRow[]> {
  const far = within(where, span);
  const first = far.parameters.length + 1;
  const rare = first + words.length;
  const bounds = rare + words.length;
  // The whole words are compared where no index can be asked for them, and each task is looked up by itself: PostgreSQL thinks of words as
  // far more frequent than they are, and would read all tasks of the month.
  const { rows } = await db.query<TaskRow>(
    `with worded as materialized (
       select task_id from task_text where workspace_id = $1 and ${wordTest("body", rare, words)}
         and ${wordTest("(body || '')", first, words)} and task_id >= $${bounds} and task_id < $${bounds + 1} offset 0)
     select found.* from worded cross join lateral (
       select ${listColumns} from task where ${far.sql} and id = worded.task_id limit 1) as found
      order by id desc limit ${most}`,
    [
      ...[...far.parameters, ...patternsOf(words), ...patternsOf(words.map(rarePart))],
      ...[span.from ?? LEAST_ID, span.before ?? GREATEST_ID],
    ],
  );
  return rows;
}

function within(where: Where, { from, before }: Span): { sql: string; parameters: unknown[] } {
  const parameters = [...where.parameters];
  const tests = [where.sql];
  if (from !== undefined) tests.push(`id >= $${parameters.push(from)}`);
  if (before !== undefined) tests.push(`id < $${parameters.push(before)}`);
  return { sql: tests.join(" and "), parameters };
}

/** That a text has each of the words, whose patterns are the parameters from `first` on. */
function wordTest(column: string, first: number, words: readonly string[]): string {
  return `(${words.map((_, index) => `${column} ilike $${first + index}`).join(" and ")})`;
}

function wordsOf(filter: TaskFilter): string[] {
  return (filter.q ?? "").trim().split(/\s+/).filter(Boolean);
}

/** What a filter asks of a row of `task` apart from its words, with the workspace in it. Throws invalid_request for an unknown status. */
export function taskCondition(
  workspaceId: number,
  { filter, usual, nowMs }: Pick<TaskQuestion, "filter" | "usual" | "nowMs">,
): { sql: string; parameters: unknown[] } {
  const parameters: unknown[] = [workspaceId];
  const tests = ["workspace_id = $1"];
  const bind = (value: unknown): string => `$${parameters.push(value)}`;
  if (filter.status !== undefined) tests.push(oneOf("status", "smallint", statusNumbers(filter.status), bind));
  if (filter.type !== undefined) tests.push(typeTest(filter.type.split(","), bind));
  if (filter.user !== undefined) tests.push(`user_id = ${bind(filter.user)}`);
  if (filter.node !== undefined) tests.push(`node = ${bind(filter.node)}`);
  if (filter.schedule !== undefined) tests.push(`schedule_name = ${bind(filter.schedule)}`);
  if (filter.parent !== undefined) tests.push(`parent_id = ${bind(filter.parent)}`);
  if (filter.target !== undefined) tests.push(`target_keys @> ${bind([filter.target])}::text[]`);
  if (filter.from !== undefined) tests.push(`id >= ${bind(firstIdOf(Date.parse(filter.from)))}`);
  if (filter.to !== undefined) tests.push(`id < ${bind(firstIdOf(Date.parse(filter.to)))}`);
  if (filter.slow === "true") {
    const since = [...usual.values()].map((ms) => new Date(nowMs - ms * SLOW_FACTOR).toISOString());
    tests.push(
      `status = 1 and exists (select from unnest(${bind([...usual.keys()])}::text[], ${bind(since)}::timestamptz[]) as known(type, since)
         where known.type = task.type and task.started_at < known.since)`,
    );
  }
  return { sql: tests.join(" and "), parameters };
}

function typeTest(types: string[], bind: (value: unknown) => string): string {
  const exact = types.filter((type) => !type.endsWith("*"));
  const begins = types.filter((type) => type.endsWith("*")).map((type) => `${likePattern([type.slice(0, -1)])}%`);
  const tests = [];
  if (exact.length > 0) tests.push(oneOf("type", "text", exact, bind));
  if (begins.length > 0) tests.push(`type like any(${bind(begins)}::text[])`);
  return `(${tests.join(" or ")})`;
}

/** Of one value an equation, so that an index on the column has its rows in the order of the next one. */
function oneOf(column: string, type: string, values: readonly unknown[], bind: (value: unknown) => string): string {
  return values.length === 1
    ? `${column} = ${bind(values[0])}::${type}`
    : `${column} = any(${bind(values)}::${type}[])`;
}

function statusNumbers(text: string): number[] {
  return text.split(",").map((name) => {
    const number = taskStatuses.indexOf(name.trim() as Task["status"]);
    if (number >= 0) return number;
    throw new AppError("invalid_request", `There is no status "${name}"; there are ${taskStatuses.join(", ")}.`);
  });
}

function placeOf(cursor: string): string {
  const id = Buffer.from(cursor, "base64url").toString();
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
    throw new AppError("invalid_cursor", "The cursor is not one that a list of tasks gave.");
  return id;
}
