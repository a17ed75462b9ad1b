import type { Pool, PoolClient } from "pg";
import { inTransaction } from "../db/transaction.ts";
import { firstIdOf } from "./spans.ts";

/** Tables that are partitioned by an id with the time in front, with the column that holds it. */
export type IdTables = Readonly<Record<string, string>>;

const taskTables: IdTables = { task: "id", task_text: "task_id", task_happening: "task_id", task_lines: "task_id" };
const AHEAD_MONTHS = 2;
const LOCK = "daybook.task-partitions";

/** Makes the partitions of tasks. */
export function createTaskPartitions(ownerDb: Pool, nowMs: number): Promise<void> {
  return createMonths(ownerDb, taskTables, LOCK, nowMs);
}

/**
 * Makes the partitions of this month and the next ones, as ids have the time in front. A month that has rows in the default partition
 * already (it began while no worker ran) stays there. One server does it at a time.
 */
export async function createMonths(ownerDb: Pool, tables: IdTables, lock: string, nowMs: number): Promise<void> {
  const now = new Date(nowMs);
  for (let ahead = 0; ahead <= AHEAD_MONTHS; ahead++) {
    const starts = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead);
    const ends = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead + 1);
    for (const [table, column] of Object.entries(tables)) {
      // One table at a time: two that are locked together would be a deadlock with whoever writes to both.
      await inTransaction(ownerDb, async (client) => {
        await client.query("select pg_advisory_xact_lock(hashtext($1))", [lock]);
        await createMonth(client, table, column, starts, ends);
      });
    }
  }
}

async function createMonth(
  client: PoolClient,
  table: string,
  column: string,
  startsMs: number,
  endsMs: number,
): Promise<void> {
  const month = new Date(startsMs).toISOString().slice(0, 7).replace("-", "");
  const name = `${table}_${month}`;
  const [from, to] = [firstIdOf(startsMs), firstIdOf(endsMs)];
  const { rows } = await client.query<{ there: boolean; taken: boolean }>(
    `select to_regclass($1) is not null as there,
       exists (select from ${table}_default where ${column} >= $2::uuid and ${column} < $3::uuid) as taken`,
    [name, from, to],
  );
  if (rows[0]?.there === true || rows[0]?.taken === true) return;
  await client.query(`create table ${name} partition of ${table} for values from ('${from}') to ('${to}')`);
}
