import type { Pool } from "pg";
import type { Logger } from "pino";
import type { Watch } from "../schedules/house-keeping.ts";

/** How often the log is looked at, and from how many new events, or after how long, their terms are merged. */
const LOOK_MS = 500;
const EVENTS_MIN = 4_000;
const REST_MS = 5_000;
/** From this length, in KiB, an append merges the list itself: 40,000 events or so, 10 ms for a search to read through. */
const LIST_KB_MAX = 16_384;

/** What was merged, and when. */
interface Merged {
  size: number;
  at: number;
}

/**
 * Merges what the GIN index of terms has on its list of new entries (PostgreSQL: "GIN Fast Update Technique").
 * PostgreSQL lets the append that fills the list do it, and everybody behind that append waits: some 100 ms for 2 MB,
 * which was one in a hundred of 500 single events a second. Here it is done beside the appends, and lists stay short.
 *  1. Nothing was appended since the last time, or little and lately: nothing to do. A merge of many is cheaper.
 *  2. Raise the length from which appends merge by themselves, where a partition has the one it was made with.
 *  3. Merge, on the partitions that are not sealed.
 */
export async function mergeTerms(ownerDb: Pool, last: Merged): Promise<Merged> {
  const size = await logSize(ownerDb);
  if (size === last.size || (size < last.size + EVENTS_MIN && Date.now() < last.at + REST_MS)) return last;
  const { rows } = await ownerDb.query<{ name: string; raised: boolean }>(
    `select child.oid::regclass::text as name, coalesce($1 = any (child.reloptions), false) as raised
       from pg_inherits
       join pg_class as child on child.oid = inhrelid
       join pg_index on indexrelid = child.oid
       join pg_class as part on part.oid = indrelid
       join event_partition on event_partition.name = part.relname and sealed_at is null
      where inhparent = 'event_terms'::regclass`,
    [`gin_pending_list_limit=${LIST_KB_MAX}`],
  );
  for (const { name, raised } of rows) {
    if (!raised) await ownerDb.query(`alter index ${name} set (gin_pending_list_limit = ${LIST_KB_MAX})`);
    await ownerDb.query("select gin_clean_pending_list($1::regclass)", [name]);
  }
  return { size, at: Date.now() };
}

/** Events of all logs. */
async function logSize(db: Pool): Promise<number> {
  const { rows } = await db.query<{ size: string }>("select coalesce(sum(size), 0)::text as size from log_head");
  return Number(rows[0]?.size);
}

/** Merges new terms now and again until stopped; `stop` waits for the round under way. */
export function startTermMerge({ ownerDb, log, watch }: { ownerDb: Pool; log: Logger; watch?: Watch }): {
  stop: () => Promise<void>;
} {
  let last: Merged = { size: -1, at: 0 };
  let round: Promise<void> | undefined;
  const chore = {
    name: "merge new terms",
    run: async () => {
      last = await mergeTerms(ownerDb, last);
    },
  };
  const timer = setInterval(() => {
    round ??= (watch?.(chore) ?? chore.run())
      // A partition that is being split or sealed is met again in half a second.
      .catch((error: unknown) => log.debug({ err: error }, "merging new terms"))
      .finally(() => {
        round = undefined;
      });
  }, LOOK_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await round;
    },
  };
}
