import type { Pool, PoolClient } from "pg";

/** Partitions are months in UTC; a busy one is split so that its past part can be sealed (see `splitHot`). */
const AHEAD_MONTHS = 2;
/** Rows in the unsealed partition beyond which it is split: a substring scan of so many takes about 0.2 s on 2 cores. */
export const HOT_ROWS_MAX = 250_000;
/** A split lies this far ahead of now, beyond every event that may still arrive (limits.futureMs). */
const SPLIT_AHEAD_MS = 10 * 60 * 1000;
/** Events from before this year share one partition. */
const FIRST_YEAR = 2000;
const LOCK = "daybook.partitions";
/**
 * Rows after which a new partition is analysed. Autovacuum comes a minute later, and with the statistics of an empty
 * table PostgreSQL may look ids up by time: 40,000 events of one instant took 34 s (2026-11-21).
 */
const ANALYSE_AT_ROWS = [2_000, 20_000, 200_000] as const;

export interface Partition {
  name: string;
  startsAtMs: number;
  endsAtMs: number;
  sealed: boolean;
}

/** All partitions, oldest first. */
export async function findPartitions(db: Pool | PoolClient): Promise<Partition[]> {
  const { rows } = await db.query<{ name: string; starts: string; ends: string; sealed: boolean }>(
    `select name, extract(epoch from starts_at) * 1000 as starts, extract(epoch from ends_at) * 1000 as ends, sealed_at is not null as sealed
       from event_partition order by starts_at`,
  );
  return rows.map((row) => ({
    name: row.name,
    startsAtMs: Number(row.starts),
    endsAtMs: Number(row.ends),
    sealed: row.sealed,
  }));
}

/** Knows which times have a partition, and makes those that are missing before an append needs them. */
export class PartitionKeeper {
  readonly #ownerDb: Pool;
  #known: Partition[] = [];
  /** Rows that this process wrote, by partition. */
  readonly #written = new Map<string, number>();
  constructor(ownerDb: Pool) {
    this.#ownerDb = ownerDb;
  }

  /** Makes sure that every one of these times (ms) falls into a partition. Cheap when it does. */
  async ensure(timesMs: Iterable<number>): Promise<void> {
    const missing = new Set<number>();
    for (const time of timesMs) if (!this.#covers(time)) missing.add(monthOf(time));
    if (missing.size === 0) return;
    await this.#ensureMonths([...missing]);
  }

  /** Forgets what is known, e.g. after the database said that a partition is missing. */
  forget(): void {
    this.#known = [];
  }

  /** Creates this month's and the next months' partitions. */
  async createAhead(nowMs: number): Promise<void> {
    let month = monthOf(nowMs);
    const months = [month];
    for (let ahead = 0; ahead < AHEAD_MONTHS; ahead++) {
      month = nextMonth(month);
      months.push(month);
    }
    await this.ensure(months);
  }

  /** Takes note of rows written, and has a partition analysed when it has grown enough for its statistics to mislead. */
  async grew(timesMs: Iterable<number>): Promise<void> {
    const due = new Set<string>();
    for (const time of timesMs) {
      const name = this.#find(time)?.name;
      if (name === undefined) continue;
      const rows = (this.#written.get(name) ?? 0) + 1;
      this.#written.set(name, rows);
      if (ANALYSE_AT_ROWS.some((at) => at === rows)) due.add(name);
    }
    for (const name of due) await this.#ownerDb.query(`analyze (skip_locked) ${name}`);
  }

  #covers(time: number): boolean {
    return this.#find(time) !== undefined;
  }

  #find(time: number): Partition | undefined {
    return this.#known.findLast((partition) => time >= partition.startsAtMs && time < partition.endsAtMs);
  }

  async #ensureMonths(months: number[]): Promise<void> {
    await withLock(this.#ownerDb, async (client) => {
      this.#known = await findPartitions(client);
      for (const month of months) if (!this.#covers(month)) await createPartition(client, month, endOf(month));
      this.#known = await findPartitions(client);
    });
  }
}

/** Runs in one transaction under the lock that all partition changes share. */
async function withLock<T>(ownerDb: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await ownerDb.connect();
  try {
    await client.query("begin");
    await client.query("select pg_advisory_xact_lock(hashtext($1))", [LOCK]);
    const result = await work(client);
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

/** The first millisecond of the month; of everything before FIRST_YEAR, 1970. */
function monthOf(timeMs: number): number {
  const time = new Date(timeMs);
  return time.getUTCFullYear() < FIRST_YEAR ? 0 : Date.UTC(time.getUTCFullYear(), time.getUTCMonth());
}

function nextMonth(monthMs: number): number {
  const time = new Date(monthMs);
  return Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + 1);
}

const endOf = (monthMs: number): number => (monthMs === 0 ? Date.UTC(FIRST_YEAR, 0) : nextMonth(monthMs));

async function createPartition(client: PoolClient, startsAtMs: number, endsAtMs: number): Promise<void> {
  const starts = new Date(startsAtMs).toISOString();
  const ends = new Date(endsAtMs).toISOString();
  const name = `event_${starts.slice(0, 16).replace(/\D/g, "")}`;
  await client.query(`create table ${name} partition of event for values from ('${starts}') to ('${ends}')`);
  await client.query("insert into event_partition (name, starts_at, ends_at) values ($1, $2, $3)", [
    name,
    starts,
    ends,
  ]);
}

/**
 * Splits the partition that takes today's events when it has grown beyond `rowsMax`: its part up to a little ahead of
 * now keeps the rows, the rest of its time gets a new, empty partition. No row moves. Returns whether it did.
 */
export async function splitHot(ownerDb: Pool, nowMs: number, rowsMax = HOT_ROWS_MAX): Promise<boolean> {
  const hot = (await findPartitions(ownerDb)).find((part) => part.startsAtMs <= nowMs && nowMs < part.endsAtMs);
  const splitMs = Math.ceil((nowMs + SPLIT_AHEAD_MS) / 60_000) * 60_000;
  if (hot === undefined || hot.sealed || splitMs >= hot.endsAtMs) return false;
  const { rows } = await ownerDb.query<{ more: boolean }>(
    `select count(*) >= $1::int as more from (select 1 from ${hot.name} limit $1::int) as counted`,
    [rowsMax],
  );
  if (rows[0]?.more !== true) return false;
  await withLock(ownerDb, async (client) => {
    const split = new Date(splitMs).toISOString();
    // The parent first, as everybody who reads does: the other way round ends in a deadlock.
    await client.query("lock table only event in access exclusive mode");
    // The check constraint lets `attach` skip its scan of the rows.
    await client.query(
      `alter table ${hot.name} add constraint ${hot.name}_bounds check (occurred_at is not null and occurred_at >= '${new Date(hot.startsAtMs).toISOString()}' and occurred_at < '${split}')`,
    );
    await client.query(`alter table event detach partition ${hot.name}`);
    await client.query(
      `alter table event attach partition ${hot.name} for values from ('${new Date(hot.startsAtMs).toISOString()}') to ('${split}')`,
    );
    await client.query(`alter table ${hot.name} drop constraint ${hot.name}_bounds`);
    await client.query("update event_partition set ends_at = $2 where name = $1", [hot.name, split]);
    await createPartition(client, splitMs, hot.endsAtMs);
  });
  return true;
}

/** A partition has come to rest when it took no row for so long. */
const REST_MS = 10 * 60 * 1000;

/** Rows written into each partition, as PostgreSQL counts them, and since when; kept between rounds of house-keeping. */
export type Settling = Map<string, { written: number; sinceMs: number }>;

/**
 * Packs the indexes and builds the text index of every partition whose time is over, and marks it sealed. Returns the names.
 * With `settling`, only partitions that have come to rest: an import into the past is let finish first,
 * because with the index each of its rows costs three times as much.
 */
export async function sealPast(ownerDb: Pool, nowMs: number, settling?: Settling): Promise<string[]> {
  const sealed: string[] = [];
  for (const part of await findPartitions(ownerDb)) {
    if (part.sealed || part.endsAtMs > nowMs || !(await isReady(ownerDb, part.name, nowMs, settling))) continue;
    await sealPartition(ownerDb, part.name);
    sealed.push(part.name);
  }
  return sealed;
}

async function isReady(ownerDb: Pool, name: string, nowMs: number, settling: Settling | undefined): Promise<boolean> {
  const { rows } = await ownerDb.query<{ empty: boolean; written: number }>(
    `select not exists (select 1 from ${name}) as empty,
            coalesce((select n_tup_ins from pg_stat_user_tables where relname = $1), 0) as written`,
    [name],
  );
  const { empty, written } = rows[0] ?? { empty: true, written: 0 };
  if (empty || settling === undefined) return !empty;
  const known = settling.get(name);
  if (known?.written === written) return nowMs - known.sinceMs >= REST_MS;
  settling.set(name, { written, sinceMs: nowMs });
  return false;
}

/**
 * Writes the indexes anew, without the room that inserting left in them: the index of terms, merged bit by bit, is a
 * quarter smaller. What an interrupted run left over goes first.
 */
async function packIndexes(client: PoolClient, name: string): Promise<void> {
  const { rows } = await client.query<{ left: string }>(
    "select indexrelid::regclass::text as left from pg_index where indrelid = $1::regclass and not indisvalid",
    [name],
  );
  for (const { left } of rows) await client.query(`drop index ${left}`);
  const ordered = await client.query<{ index: string }>(
    `select indexrelid::regclass::text as index from pg_index join pg_class on pg_class.oid = indexrelid
       join pg_am on pg_am.oid = relam where indrelid = $1::regclass and amname = 'btree'`,
    [name],
  );
  for (const { index } of ordered.rows) await client.query(`alter index ${index} set (fillfactor = 100)`);
  await client.query(`reindex table concurrently ${name}`);
}

async function sealPartition(ownerDb: Pool, name: string): Promise<void> {
  const client = await ownerDb.connect();
  try {
    await client.query("set maintenance_work_mem = '256MB'");
    // A build that was interrupted leaves an invalid index behind; concurrently, so that late events can still be written.
    await client.query(`drop index if exists ${name}_text`);
    await packIndexes(client, name);
    await client.query(
      `create index concurrently ${name}_text on ${name} using gin (event_text(summary, actor_id, actor_name, actor_email,
         on_behalf_of, target_id, target_name, target_owner_id, more_targets, ip, details) gin_trgm_ops)`,
    );
    await client.query(`vacuum (analyze) ${name}`);
    await client.query("update event_partition set sealed_at = now() where name = $1", [name]);
  } finally {
    await client.query("reset maintenance_work_mem").catch(() => {});
    client.release();
  }
}
