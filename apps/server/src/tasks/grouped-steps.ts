import type { PoolClient } from "pg";
import type { Querier } from "../access/staff-store.ts";
import { prepared } from "../db/prepared.ts";
import { inTransaction } from "../db/transaction.ts";
import type { Deps } from "../deps.ts";
import { newId } from "../record/event-id.ts";
import { MANY_SLOTS } from "./dispatcher.ts";
import { GroupCommit } from "./group-commit.ts";
import { storeFirstLines } from "./lines/first-lines.ts";
import type { GivenLines } from "./lines/line-batch.ts";
import type { QueuedAttempt } from "./queue.ts";
import { listColumns, type TaskRow } from "./task-row.ts";

// The two steps that every task takes in which nothing goes wrong, for many tasks in one statement. All others: transition.ts.

const STARTED = 1;
const COMPLETED = 2;

/** Tasks of types with many slots may end this far apart, several in a transaction: the slot that stays taken is one of many. */
const ENDS_APART_MS = 40;
/** Tasks that end in one transaction at most. */
const GROUP_MAX = 200;

const rowColumns = listColumns
  .split(",")
  .map((name) => `task.${name.trim()}`)
  .join(", ");

const startStatement = prepared(
  `with given as (select * from unnest($1::int[], $2::uuid[], $3::int[], $4::uuid[]) as given(workspace_id, id, attempt, event_id)),
   moved as (
     update task set happenings = task.happenings + 1, status = 1, started_at = $5, heartbeat_at = now(), worker = $6
       from given
      where task.workspace_id = given.workspace_id and task.id = given.id and task.attempt = given.attempt and task.status = 0
     returning ${rowColumns}, task.payload, task.result, given.event_id),
   told as (
     insert into task_happening (workspace_id, task_id, n, happening, attempt, at, event_id, worker)
     select workspace_id, id, happenings, ${STARTED}, attempt, $5, event_id, worker from moved),
   said as (select pg_notify('daybook_task', workspace_id || ' ' || id) from moved)
   select moved.*, (select count(*) from said) from moved`,
);

/** Begins tasks that are pending in the attempt that was queued; returns those that it began. */
export async function startAll(
  db: Querier,
  worker: string,
  atMs: number,
  attempts: readonly QueuedAttempt[],
): Promise<TaskRow[]> {
  const { rows } = await db.query<TaskRow>(
    startStatement([
      attempts.map((each) => each.workspaceId),
      attempts.map((each) => each.taskId),
      attempts.map((each) => each.attempt),
      attempts.map(() => newId(atMs)),
      new Date(atMs).toISOString(),
      worker,
    ]),
  );
  return rows;
}

type EndDeps = Pick<Deps, "db" | "clock" | "tasks" | "redaction">;

interface Ending {
  row: TaskRow;
  result: unknown;
  /** All that it wrote, if none of it is stored yet. */
  lines?: GivenLines | undefined;
}

const completeStatement = prepared(
  `with given as (
     select * from unnest($1::int[], $2::uuid[], $3::int[], $4::uuid[], $5::jsonb[]) as given(workspace_id, id, attempt, event_id, result)),
   moved as (
     update task set happenings = task.happenings + 1, status = 2, progress = 100, result = given.result,
         finished_at = greatest($6::timestamptz, task.started_at)
       from given
      where task.workspace_id = given.workspace_id and task.id = given.id and task.attempt = given.attempt and task.status = 1
        and task.worker = $7
     returning ${rowColumns}, task.payload, task.result, given.event_id),
   told as (
     insert into task_happening (workspace_id, task_id, n, happening, attempt, at, event_id, worker, duration_ms)
     select workspace_id, id, happenings, ${COMPLETED}, attempt, $6, event_id, worker,
       (extract(epoch from finished_at - started_at) * 1000)::bigint
     from moved),
   said as (select pg_notify('daybook_task', workspace_id || ' ' || id) from moved)
   select moved.*, (select count(*) from said) from moved`,
);

/** Completes tasks of a worker: those that end while a transaction is under way share the next one. */
export class GroupedEnds {
  readonly #deps: EndDeps;
  readonly #worker: string;
  readonly #atOnce: GroupCommit<Ending, void>;
  readonly #spaced: GroupCommit<Ending, void>;

  constructor(deps: EndDeps, worker: string) {
    this.#deps = deps;
    this.#worker = worker;
    const commit = async (endings: readonly Ending[]) => {
      await inTransaction(deps.db, (client) => this.#completeAll(client, endings));
      return [];
    };
    this.#atOnce = new GroupCommit(commit, GROUP_MAX);
    this.#spaced = new GroupCommit(commit, GROUP_MAX, ENDS_APART_MS);
  }

  /** `slots`: how many tasks of its type run at a time. Resolves when the task is completed, or is no longer this worker's. */
  complete(ending: Ending, slots: number): Promise<void> {
    return (slots >= MANY_SLOTS ? this.#spaced : this.#atOnce).add(ending);
  }

  async #completeAll(client: PoolClient, group: readonly Ending[]): Promise<void> {
    const atMs = this.#deps.clock();
    const written = group.flatMap(({ row, lines }) => (lines?.lines.length ? [{ row, given: lines }] : []));
    if (written.length > 0) await storeFirstLines(client, this.#deps, written);
    const { rows } = await client.query<TaskRow>(
      completeStatement([
        group.map(({ row }) => row.workspace_id),
        group.map(({ row }) => row.id),
        group.map(({ row }) => row.attempt),
        group.map(() => newId(atMs)),
        group.map(({ result }) => (result === null ? null : JSON.stringify(result))),
        new Date(atMs).toISOString(),
        this.#worker,
      ]),
    );
    for (const [type, some] of Map.groupBy(rows, (row) => row.type))
      await this.#deps.tasks.queue.settle(client, type, ...some.flatMap((row) => row.job_id ?? []));
    await this.#deps.tasks.ended(client, rows);
  }
}
