import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import type { PoolClient } from "pg";
import { PgBoss } from "pg-boss";

/** The schema of pg-boss in our database. */
export const queueSchema = "pgboss";

/** The version of pg-boss that is installed beside us. */
export const queueVersion: string = JSON.parse(
  readFileSync(findPackageJSON("pg-boss", import.meta.url) ?? "", "utf8"),
).version;

/** Installs or updates the schema of the task queue; as the owner of the database, under the lock of the migrations. */
export async function migrateQueue(owner: PoolClient, done: (version: string) => Promise<void>): Promise<void> {
  const boss = new PgBoss({
    db: { executeSql: (text, values) => owner.query(text, values) },
    schema: queueSchema,
    supervise: false,
    schedule: false,
  });
  boss.on("error", () => {});
  await boss.start();
  await boss.stop({ graceful: false });
  await done(queueVersion);
}
