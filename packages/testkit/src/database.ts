import { randomBytes } from "node:crypto";
import { appRole, type Db, openPool } from "@daybook/server/db/pool.ts";
import { inject } from "vitest";
import { databaseUrl, templateName } from "./postgres.ts";

declare module "vitest" {
  export interface ProvidedContext {
    postgresUrl: string;
  }
}

export interface TestDatabase {
  url: string;
  /** Role daybook_app, as requests have it. */
  db: Db;
  /** The owner: may do everything. */
  ownerDb: Db;
  /** The same as `ownerDb`. */
  pool: Db;
  /** The workspace "main". */
  workspaceId: number;
  close(): Promise<void>;
}

/**
 * A fresh migrated database with the workspace "main", cloned from the template (some 50 ms). Close it in `afterAll`:
 * closing fails when the code under test left a connection open.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const serverUrl = inject("postgresUrl");
  const name = `test_${randomBytes(6).toString("hex")}`;
  await administer(serverUrl, `create database ${name} template ${templateName} strategy file_copy`);
  const url = databaseUrl(serverUrl, name);
  const db = openPool(url, { connections: 20, name, role: appRole });
  const ownerDb = openPool(url, { connections: 10, name });
  const workspace = await ownerDb.query<{ id: number }>("select id from workspace where slug = 'main'");
  const workspaceId = workspace.rows[0]?.id;
  if (workspaceId === undefined) throw new Error("the template has no workspace main");
  const close = async () => {
    await Promise.all([db.end(), ownerDb.end()]);
    await dropDatabase(serverUrl, name);
  };
  return { url, db, ownerDb, pool: ownerDb, workspaceId, close };
}

async function administer(url: string, sql: string, values: unknown[] = []): Promise<unknown[]> {
  const admin = openPool(url, { connections: 1, name: "testkit" });
  try {
    return (await admin.query(sql, values)).rows;
  } finally {
    await admin.end();
  }
}

/** Waits a moment for connections that are closing; one that stays is a leak, named in the error. */
async function dropDatabase(serverUrl: string, name: string): Promise<void> {
  const left = "select application_name, state, query from pg_stat_activity where datname = $1";
  let leaks: unknown[] = [];
  for (let attempt = 0; attempt < 40; attempt++) {
    leaks = await administer(serverUrl, left, [name]);
    if (leaks.length === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await administer(serverUrl, `drop database ${name} with (force)`);
  if (leaks.length > 0) throw new Error(`connections were left open: ${JSON.stringify(leaks)}`);
}
