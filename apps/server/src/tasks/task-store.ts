import { AppError, type Target } from "@daybook/contract";
import type { Querier } from "../access/staff-store.ts";
import { prepared } from "../db/prepared.ts";
import { storableJson } from "../db/storable.ts";
import { listColumns, type TaskRow } from "./task-row.ts";

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
  /** Of its jobs in the queue: the highest is given out first. */
  priority: number;
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

const draftColumns = `id uuid, type text, title text, status smallint, executor smallint, attempts_max int, priority smallint, retryable boolean,
  job_id uuid,
  queued_at timestamptz, run_at timestamptz, started_at timestamptz, node text, user_id text, user_name text, project text,
  schedule_name text, parent_id uuid, targets jsonb, target_keys text[], payload jsonb, body text, event_id uuid,
  started_event_id uuid, actor jsonb, origin jsonb`;

const insertStatement = prepared(
  `with given as (select * from jsonb_to_recordset($2::jsonb) as given(${draftColumns})),
     made as (
       insert into task (workspace_id, id, type, title, status, executor, attempts_max, priority, retryable, job_id, happenings, queued_at, run_at,
         started_at, node, user_id, user_name, project, schedule_name, parent_id, targets, target_keys, payload)
       select $1, id, type, title, status, executor, attempts_max, priority, retryable, job_id,
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
);

/**
 * Stores tasks with what is found by words and what is told of them, in one statement. Returns those that were not there yet: the id of a
 * task that is there makes the call a repetition.
 */
export async function insertTasks(db: Querier, workspaceId: number, drafts: readonly TaskDraft[]): Promise<TaskRow[]> {
  const { rows } = await db.query<TaskRow>(insertStatement([workspaceId, storableJson(drafts)]));
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
