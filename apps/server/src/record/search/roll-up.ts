import type { Pool, PoolClient } from "pg";
import type { Logger } from "pino";
import type { Watch } from "../../schedules/house-keeping.ts";
import { fieldValuesSql, rolledFields } from "./fields.ts";

/** Events in one transaction of the roll-up: some half second of work. */
const BATCH_EVENTS_MAX = 20_000;
/** The follower's name in `follower`. */
export const ROLL_UP = "roll-up";

/**
 * Adds the events after the follower's cursor to the counts by actor, target and address (event_count_value).
 *  1. Lock the cursor; another process may hold it: then that one does the work.
 *  2. Count the next events, at most BATCH_EVENTS_MAX.
 *  3. Move the cursor in the same transaction, so that each event counts once.
 * Goes on until it has caught up or `signal` aborts. Returns how many events were added.
 */
export async function rollUp(ownerDb: Pool, workspaceId: number, signal?: AbortSignal): Promise<number> {
  let added = 0;
  for (;;) {
    const started = performance.now();
    const batch = await rollUpBatch(ownerDb, workspaceId);
    added += batch;
    if (batch < BATCH_EVENTS_MAX || signal?.aborted === true) return added;
    // As long a rest as the work took: what is behind may stay so for a while, what is being written may not wait.
    await new Promise((resume) => setTimeout(resume, performance.now() - started));
  }
}

/** How often new events are counted: so far the counts of facets are behind, and so much of the tail they read. */
const EVERY_MS = 5_000;

/** Rolls up now and every few seconds until stopped; `stop` waits for the batch under way. */
export function startRollUp({ ownerDb, log, watch }: { ownerDb: Pool; log: Logger; watch?: Watch }): {
  stop: () => Promise<void>;
} {
  const ended = new AbortController();
  const chore = { name: "count by actor, target and address", run: () => rollUpAll(ownerDb, ended.signal) };
  let round: Promise<void> | undefined;
  const turn = (): void => {
    round ??= (watch?.(chore) ?? chore.run())
      .catch((error: unknown) => log.error({ err: error }, "the roll-up of counts"))
      .finally(() => {
        round = undefined;
      });
  };
  turn();
  const timer = setInterval(turn, EVERY_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      ended.abort();
      await round;
    },
  };
}

/** The roll-up of every workspace. */
export async function rollUpAll(ownerDb: Pool, signal?: AbortSignal): Promise<void> {
  const { rows } = await ownerDb.query<{ workspace_id: number }>(
    "select workspace_id from log_head order by workspace_id",
  );
  for (const row of rows) {
    if (signal?.aborted !== true) await rollUp(ownerDb, row.workspace_id, signal);
  }
}

async function rollUpBatch(ownerDb: Pool, workspaceId: number): Promise<number> {
  const client = await ownerDb.connect();
  try {
    await client.query("begin");
    const span = await nextSpan(client, workspaceId);
    if (span !== undefined) {
      await addCounts(client, workspaceId, span);
      await client.query(
        `insert into follower (workspace_id, name, seq) values ($1, $2, $3)
           on conflict (workspace_id, name) do update set seq = excluded.seq, updated_at = now()`,
        [workspaceId, ROLL_UP, span.last],
      );
    }
    await client.query("commit");
    client.release();
    return span === undefined ? 0 : span.last - span.after;
  } catch (error) {
    await client.query("rollback").catch(() => {});
    client.release(true);
    throw error;
  }
}

interface SeqSpan {
  after: number;
  last: number;
}

async function nextSpan(client: PoolClient, workspaceId: number): Promise<SeqSpan | undefined> {
  const lock = await client.query<{ mine: boolean }>("select pg_try_advisory_xact_lock(hashtext($1), $2) as mine", [
    `daybook.${ROLL_UP}`,
    workspaceId,
  ]);
  if (lock.rows[0]?.mine !== true) return undefined;
  const { rows } = await client.query<{ size: number; seq: number | null }>(
    `select head.size, follower.seq from log_head as head
       left join follower on follower.workspace_id = head.workspace_id and follower.name = $2
       where head.workspace_id = $1`,
    [workspaceId, ROLL_UP],
  );
  const size = Number(rows[0]?.size ?? 0);
  const after = Number(rows[0]?.seq ?? 0);
  return size > after ? { after, last: Math.min(size, after + BATCH_EVENTS_MAX) } : undefined;
}

/** The label of a value is the one of its last event that has any: the greatest of "seq, then label", which needs no sorting. */
async function addCounts(client: PoolClient, workspaceId: number, { after, last }: SeqSpan): Promise<void> {
  const day = "date_trunc('day', occurred_at at time zone 'utc') at time zone 'utc'";
  const values = rolledFields.map(
    (field) => `select '${field}' as field, counted.* from (${fieldValuesSql(field, "batch", "day, seq")}) as counted`,
  );
  await client.query(
    `with batch as materialized (
       select seq, ${day} as day, actor_type, actor_id, actor_name, actor_email, target_type, target_id, target_name, more_targets, ip
         from event where workspace_id = $1 and seq > $2 and seq <= $3
     )
     insert into event_count_value as kept (workspace_id, field, value, day, label, events)
     select $1, field, value, day, substr(max(lpad(seq::text, 16, '0') || label), 17), count(*)
       from (${values.join(" union all ")}) as each
       group by field, value, day
       order by field, value, day
     on conflict (workspace_id, field, value, day)
       do update set events = kept.events + excluded.events, label = coalesce(excluded.label, kept.label)`,
    [workspaceId, after, last],
  );
}
