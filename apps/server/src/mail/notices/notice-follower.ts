import type { PoolClient } from "pg";
import { inTransaction } from "../../db/transaction.ts";
import type { Deps } from "../../deps.ts";
import type { Watch } from "../../schedules/house-keeping.ts";
import { PASSWORD_CHANGED, passwordChanged, SESSION_EXPIRED, sessionExpired } from "./account-notices.ts";
import { LOGIN, newLocation } from "./new-location.ts";
import { type Notice, type NoticeDeps, sendNotice } from "./notice.ts";
import { type NoticeEvent, readNoticeEvents } from "./notice-event.ts";

/** The follower's name in `follower`. */
const NOTICES = "notices";
/** How long after an event its notice may come at most: half a minute is common, an hour is past help. */
const EVERY_MS = 3_000;
/** What is older is no news: events of an import, or of the time when no worker ran. */
const NEWS_MS = 3_600_000;
/** Events in one transaction. */
const BATCH_EVENTS_MAX = 200;

type Rule = (deps: NoticeDeps, workspaceId: number, event: NoticeEvent) => Promise<Notice | undefined>;

/** Which events make a notice. None is about mail, so that a mail never makes another. */
const rules: Record<string, Rule> = {
  [LOGIN]: newLocation,
  [PASSWORD_CHANGED]: passwordChanged,
  [SESSION_EXPIRED]: sessionExpired,
};
const actions = Object.keys(rules);

type FollowDeps = NoticeDeps & Pick<Deps, "ownerDb">;

/** Follows the logs of all workspaces and sends notices until stopped; `stop` waits for the round under way. */
export function startNotices(deps: FollowDeps & { watch?: Watch }): { stop: () => Promise<void> } {
  let stopped = false;
  let round: Promise<void> | undefined;
  const chore = { name: "send notices", run: () => sendNotices(deps, () => stopped) };
  const turn = (): void => {
    round ??= (deps.watch?.(chore) ?? chore.run())
      .catch((error: unknown) => deps.log.error({ err: error }, "notices"))
      .finally(() => {
        round = undefined;
      });
  };
  turn();
  const timer = setInterval(turn, EVERY_MS);
  return {
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await round;
    },
  };
}

/** Sends the notices of what is new in every log. */
export async function sendNotices(deps: FollowDeps, isStopped: () => boolean = () => false): Promise<void> {
  const { rows } = await deps.ownerDb.query<{ id: number }>(
    `select head.workspace_id as id from log_head as head
       left join follower on follower.workspace_id = head.workspace_id and follower.name = $1
      where head.size > coalesce(follower.seq, 0) order by head.workspace_id`,
    [NOTICES],
  );
  const faults: unknown[] = [];
  // A log of which something cannot be told keeps no other from being told of.
  for (const { id } of rows)
    try {
      while (!isStopped() && (await inTransaction(deps.ownerDb, (client) => follow(deps, client, id))));
    } catch (error) {
      faults.push(error);
    }
  if (faults.length > 0) throw faults[0];
}

/**
 * One stretch of a log; whether there is more.
 *  1. Lock the cursor; another process may hold it: then that one does the work.
 *  2. Read what may make a notice, and send it. What was sent before a fault is not sent again: the key is made of the event's id.
 *  3. Move the cursor.
 */
async function follow(deps: FollowDeps, client: PoolClient, workspaceId: number): Promise<boolean> {
  const lock = await client.query<{ mine: boolean }>("select pg_try_advisory_xact_lock(hashtext($1), $2) as mine", [
    `daybook.${NOTICES}`,
    workspaceId,
  ]);
  if (lock.rows[0]?.mine !== true) return false;
  const { rows } = await client.query<{ size: string; seq: string | null }>(
    `select head.size, follower.seq from log_head as head
       left join follower on follower.workspace_id = head.workspace_id and follower.name = $2
      where head.workspace_id = $1`,
    [workspaceId, NOTICES],
  );
  const [after, size] = [Number(rows[0]?.seq ?? 0), Number(rows[0]?.size ?? 0)];
  const fromMs = deps.clock() - NEWS_MS;
  const span = { after, last: size, fromMs, actions, limit: BATCH_EVENTS_MAX };
  const events = await readNoticeEvents(client, workspaceId, span);
  for (const event of events) {
    const notice = await rules[event.action]?.(deps, workspaceId, event);
    if (notice !== undefined) await sendNotice(deps, workspaceId, notice);
  }
  const isFull = events.length === BATCH_EVENTS_MAX;
  const seq = isFull ? (events.at(-1)?.seq ?? size) : size;
  await client.query(
    `insert into follower (workspace_id, name, seq) values ($1, $2, $3)
       on conflict (workspace_id, name) do update set seq = excluded.seq, updated_at = now()`,
    [workspaceId, NOTICES, seq],
  );
  return isFull;
}
