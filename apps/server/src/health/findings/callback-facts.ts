import type { Querier } from "../../access/staff-store.ts";
import { firstIdOf } from "../../tasks/spans.ts";

/** Questions to one address of the panel that got no answer. */
export interface CallbackFact {
  url: string;
  /** Still being asked. */
  waiting: number;
  /** Given up lately. */
  givenUp: number;
  tries: number;
  askedMs: number;
  nextTryMs: number | undefined;
  answer: string;
  taskId: string;
}

/** The first try may come at a moment when the panel restarts. */
const TRIES_LEAST = 2;
/** Questions are given up after an hour, and shown for as long again. */
const LOOKED_BACK_MS = 2 * 3_600_000;

/** Addresses of the panel that do not answer. What was given up counts only until a later question was answered. */
export async function readCallbacks(db: Querier, workspaceId: number, nowMs: number): Promise<CallbackFact[]> {
  const { rows } = await db.query<{
    url: string;
    waiting: number;
    given_up: number;
    tries: number;
    asked: Date;
    next: Date | null;
    answer: string;
    task_id: string;
  }>(
    `select url, count(*) filter (where next_try_at is not null)::int as waiting,
            count(*) filter (where next_try_at is null)::int as given_up,
            max(tries) as tries, min(asked_at) as asked, min(next_try_at) as next,
            (array_agg(answer order by asked_at desc))[1] as answer, (array_agg(task_id order by asked_at))[1] as task_id
       from task_callback as callback
      where workspace_id = $1 and id >= $2 and tries >= ${TRIES_LEAST} and answer is not null
        and (next_try_at is not null
          or (answer like 'given up%' and not exists (
            select from task_callback as later
             where later.workspace_id = $1 and later.url = callback.url and later.id > callback.id and later.tries > 0
               and later.next_try_at is null and later.answer not like 'given up%')))
      group by url order by url`,
    [workspaceId, firstIdOf(nowMs - LOOKED_BACK_MS)],
  );
  return rows.map((row) => ({
    url: row.url,
    waiting: row.waiting,
    givenUp: row.given_up,
    tries: row.tries,
    askedMs: Number(row.asked),
    nextTryMs: row.next === null ? undefined : Number(row.next),
    answer: row.answer,
    taskId: row.task_id,
  }));
}
