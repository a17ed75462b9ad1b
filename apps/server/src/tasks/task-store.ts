import { AppError, limits, type Target, type Task, type TaskFilter, taskStatuses } from "@daybook/contract";
import type { Querier } from "../access/staff-store.ts";
import { storableJson } from "../db/storable.ts";
import { likePattern } from "../record/search/parameters.ts";
import { type Span, spansOf } from "./spans.ts";
import { listColumns, SLOW_FACTOR, type TaskRow } from "./task-row.ts";

/** Of more tasks at once it is only said that many changed: `*` instead of an id. */
export const SAID_ONE_BY_ONE_MAX = 50;

/** A task to be stored: checked, redacted, and with all that it needs. */
export interface TaskDraft {
  id: string;
  type: string;
  title: string;
  /** 0 pending, 1 running. */
  status: 0 | 1;
  executor: number;
  attempts_max: number;
  retryable: boolean;
  job_id: string | null;
  queued_at: string;
  run_at: string | null;
  started_at: string | null;
  node: string | null;
  user_id: string | null;
  user_name: string | null;
  project: string | null;
  schedule_name: string | null;
  parent_id: string | null;
  targets: Target[];
  target_keys: string[];
  payload: unknown;
  /** What a search for words looks into. */
  body: string;
  /** Of the events that say that it was created and, if it runs already, started. */
  event_id: string;
  started_event_id: string | null;
  actor: unknown;
  origin: unknown;
}

const draftColumns = `id uuid, type text, title text, status smallint, executor smallint, attempts_max int, retryable boolean, job_id uuid,
  queued_at timestamptz, run_at timestamptz, started_at timestamptz, node text, user_id text, user_name text, project text,
  schedule_name text, parent_id uuid, targets jsonb, target_keys text[], payload jsonb, body text, event_id uuid,
  started_event_id uuid, actor jsonb, origin jsonb`;

/**
 * Stores tasks with what is found by words and what is told of them, in one statement. Returns those that were not there yet: the id of a
 * task that is there makes the call a repetition.
 */
export async function insertTasks(db: Querier, workspaceId: number, drafts: readonly TaskDraft[]): Promise<TaskRow[]> {
  const { rows } = await db.query<TaskRow>(
    `with given as (select * from jsonb_to_recordset($2::jsonb) as given(${draftColumns})),
     made as (
       insert into task (workspace_id, id, type, title, status, executor, attempts_max, retryable, job_id, happenings, queued_at, run_at,
         started_at, node, user_id, user_name, project, schedule_name, parent_id, targets, target_keys, payload)
       select $1, id, type, title, status, executor, attempts_max, retryable, job_id,
         case when started_event_id is null then 1 else 2 end, queued_at, run_at, started_at, node, user_id, user_name, project,
         schedule_name, parent_id, targets, target_keys, payload
       from given
       on conflict (workspace_id, id) do nothing
       returning ${listColumns}, payload, result),
     words as (insert into task_text (workspace_id, task_id, body) select $1, given.id, given.body from given join made using (id)),
     told as (
       insert into task_happening (workspace_id, task_id, n, happening, attempt, at, event_id, actor, origin)
       select $1, given.id, 1, 0, 1, given.queued_at, given.event_id, given.actor, given.origin from given join made using (id)
       union all
       select $1, given.id, 2, 1, 1, given.started_at, given.started_event_id, given.actor, given.origin
       from given join made using (id) where given.started_event_id is not null),
     said as (
       select pg_notify('daybook_task', $1 || ' ' || case when jsonb_array_length($2::jsonb) > ${SAID_ONE_BY_ONE_MAX} then '*' else id::text end)
       from made)
     select made.*, (select count(*) from said) from made`,
    [workspaceId, storableJson(drafts)],
  );
  return rows;
}

/** One task. Throws `not_found`. */
export async function readTask(db: Querier, workspaceId: number, id: string): Promise<TaskRow> {
  const { rows } = await db.query<TaskRow>(
    `select ${listColumns}, payload, result from task where workspace_id = $1 and id = $2`,
    [workspaceId, id],
  );
  if (rows[0] === undefined) throw new AppError("not_found", `There is no task ${id} in this workspace.`);
  return rows[0];
}

const LEAST_ID = "00000000-0000-0000-0000-000000000000";
const GREATEST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** Tasks of a month whose words are read before the index of words is asked. */
const NEAR_MAX = 3_000;

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
export async function listTasks(db: Querier, workspaceId: number, question: TaskQuestion): Promise<TaskPage> {
  const { limit, cursor, filter } = question;
  const where = taskCondition(workspaceId, question);
  const words = wordsOf(filter);
  const rows: TaskRow[] = [];
  const [spans, count] = await Promise.all([
    spansOf(db, cursor === undefined ? undefined : placeOf(cursor)),
    words.length > 0 ? undefined : countTasks(db, where),
  ]);
  for (const span of spans) {
    if (rows.length > limit) break;
    const wanted = limit + 1 - rows.length;
    rows.push(
      ...(words.length > 0
        ? await findByWords(db, where, span, words, wanted)
        : await readSpan(db, where, span, wanted)),
    );
  }
  const more = rows.length > limit;
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    rows: page,
    nextCursor: more && last ? Buffer.from(last.id).toString("base64url") : null,
    total: count ?? { value: page.length, relation: more || cursor !== undefined ? "gte" : "eq" },
  };
}

interface Where {
  sql: string;
  parameters: readonly unknown[];
}

async function countTasks(db: Querier, where: Where): Promise<TaskPage["total"]> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*) as count from (select from task where ${where.sql} limit ${limits.countLargeMax + 1}) as found`,
    [...where.parameters],
  );
  const count = rows[0]?.count ?? 0;
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

/** Of the newest tasks that fit everything else the words are read; only when these do not suffice the index of words is asked, which for a
 *  frequent word would find a great many. */
async function findByWords(
  db: Querier,
  where: Where,
  span: Span,
  words: readonly string[],
  most: number,
): Promise<TaskRow[]> {
  const near = within(where, span);
  const patterns = words.map((word) => `%${likePattern([word])}%`);
  const named = listColumns.replaceAll(/(\w+)/g, "task.$1");
  const bounds = near.parameters.length + patterns.length + 1;
  const first = await db.query<TaskRow & { found: boolean }>(
    `with near as materialized (select ${listColumns} from task where ${near.sql} order by id desc limit ${NEAR_MAX})
     select ${named}, ${wordTest("words.body", near.parameters.length + 1, words)} as found
       from near as task join task_text as words on words.workspace_id = task.workspace_id and words.task_id = task.id
        and words.task_id >= $${bounds} and words.task_id < $${bounds + 1}
      order by task.id desc`,
    [...near.parameters, ...patterns, span.from ?? LEAST_ID, span.before ?? GREATEST_ID],
  );
  const found = first.rows.filter((row) => row.found).slice(0, most);
  const lowest = first.rows.at(-1)?.id;
  if (found.length === most || first.rows.length < NEAR_MAX || lowest === undefined) return found;
  const far = within(where, { ...span, before: lowest });
  const index = far.parameters.length + patterns.length + 1;
  const rest = await db.query<TaskRow>(
    `with worded as materialized (
       select task_id from task_text where workspace_id = $1 and ${wordTest("body", far.parameters.length + 1, words)}
         and task_id >= $${index} and task_id < $${index + 1} offset 0)
     select ${listColumns} from task where ${far.sql} and id in (select task_id from worded) order by id desc limit ${most - found.length}`,
    [...far.parameters, ...patterns, span.from ?? LEAST_ID, lowest],
  );
  return [...found, ...rest.rows];
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
  if (filter.status !== undefined) tests.push(`status = any(${bind(statusNumbers(filter.status))}::smallint[])`);
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
  if (exact.length > 0) tests.push(`type = any(${bind(exact)}::text[])`);
  if (begins.length > 0) tests.push(`type like any(${bind(begins)}::text[])`);
  return `(${tests.join(" or ")})`;
}

function statusNumbers(text: string): number[] {
  return text.split(",").map((name) => {
    const number = taskStatuses.indexOf(name.trim() as Task["status"]);
    if (number >= 0) return number;
    throw new AppError("invalid_request", `There is no status "${name}"; there are ${taskStatuses.join(", ")}.`);
  });
}

/** The least UUIDv7 of a millisecond. */
export function firstIdOf(ms: number): string {
  const time = Math.max(0, ms).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}

function placeOf(cursor: string): string {
  const id = Buffer.from(cursor, "base64url").toString();
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
    throw new AppError("invalid_cursor", "The cursor is not one that a list of tasks gave.");
  return id;
}
