import { AppError, type TaskError, type TaskHappening, taskHappenings } from "@daybook/contract";
import type { Querier } from "../access/staff-store.ts";
import { storableJson } from "../db/storable.ts";
import { newId } from "../record/event-id.ts";
import { listColumns, statusOf, type TaskRow } from "./task-row.ts";
import { readTask } from "./task-store.ts";

/** Who did it and from where, as the event will say; without, it was the system. */
export interface Doer {
  actor?: unknown;
  origin?: unknown;
}

/** One step of a task from a state to the next. */
export interface Step extends Doer {
  workspaceId: number;
  id: string;
  happening: TaskHappening;
  /** States from which it may be taken, as numbers. */
  from: readonly number[];
  /** Only if it is still in this attempt. */
  attempt?: number | undefined;
  /** Only if this worker holds it. */
  heldBy?: string | undefined;
  atMs: number;
  worker?: string | undefined;
  note?: string | undefined;
  error?: TaskError | undefined;
  /** What changes in the row: SQL for each column, with `{0}`, `{1}` for its values. */
  set: readonly [sql: string, ...values: unknown[]][];
}

/**
 * Takes a step: changes the task and notes what happened, in one statement, under the lock of the row. Undefined if the task is not
 * (any more) in a state that allows it, or was never there.
 *  1. Change the row, if the guards hold. Whoever waited for the lock sees the row as it is by then.
 *  2. Note the happening with the number that the row gives it.
 *  3. Say that the task changed; streams and the teller hear it after the commit.
 */
export async function takeStep(db: Querier, step: Step): Promise<TaskRow | undefined> {
  const parameters: unknown[] = [step.workspaceId, step.id, step.from];
  const bind = (value: unknown): string => `$${parameters.push(value)}`;
  const guards = ["workspace_id = $1", "id = $2", "status = any($3::smallint[])"];
  if (step.attempt !== undefined) guards.push(`attempt = ${bind(step.attempt)}`);
  if (step.heldBy !== undefined) guards.push(`worker = ${bind(step.heldBy)}`);
  const sets = step.set.map(([sql, ...values]) => {
    const names = values.map(bind);
    return sql.replace(/\{(\d)\}/g, (_, index: string) => names[Number(index)] ?? "null");
  });
  const at = bind(new Date(step.atMs).toISOString());
  const values = [
    bind(taskHappenings.indexOf(step.happening)),
    at,
    bind(newId(step.atMs)),
    bind(json(step.actor)),
    bind(json(step.origin)),
    bind(step.worker ?? null),
    bind(step.note ?? null),
    bind(json(step.error)),
  ];
  const { rows } = await db.query<TaskRow>(
    `with moved as (
       update task set happenings = happenings + 1, ${sets.join(", ")} where ${guards.join(" and ")}
       returning ${listColumns}, payload, result),
     told as (
       insert into task_happening (workspace_id, task_id, n, happening, attempt, at, event_id, actor, origin, worker, note, error, duration_ms)
       select $1, $2, happenings, ${values[0]}::smallint, attempt, ${values[1]}::timestamptz, ${values[2]}::uuid,
         ${values[3]}::jsonb, ${values[4]}::jsonb, coalesce(${values[5]}::text, worker), ${values[6]}::text, ${values[7]}::jsonb,
         case when finished_at is not null and started_at is not null
           then greatest(0, extract(epoch from finished_at - started_at) * 1000)::bigint end
       from moved),
     said as (select pg_notify('daybook_task', $1 || ' ' || id) from moved)
     select moved.*, (select count(*) from said) from moved`,
    parameters,
  );
  return rows[0];
}

/** The same, and when it cannot be taken an error that says why: `not_found`, or what `refusal` makes of the task as it is. */
export async function requireStep(db: Querier, step: Step, refusal: (task: TaskRow) => AppError): Promise<TaskRow> {
  const moved = await takeStep(db, step);
  if (moved !== undefined) return moved;
  throw refusal(await readTask(db, step.workspaceId, step.id));
}

/** Why a task cannot be changed: it has come to its end. */
export function finished(task: TaskRow): AppError {
  return new AppError("task_finished", `The task is ${statusOf(task)}: what is finished stays as it is.`, {
    extra: { status: statusOf(task) },
  });
}

function json(value: unknown): string | null {
  return value === undefined || value === null ? null : storableJson(value);
}
