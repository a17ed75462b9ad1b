import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { appRole, type Db } from "./pool.ts";
import { migrateQueue, queueVersion } from "./queue-schema.ts";

const migrationsDirectory = fileURLToPath(new URL("../../migrations/", import.meta.url));

/** "daybook" as an advisory lock: two processes that start together migrate one after the other. */
const MIGRATION_LOCK = 0x64617962;

const privilegesFile = "privileges.sql";

/** Under this name the version of pg-boss whose schema is installed is kept among the migrations. */
const queueEntry = "pg-boss";

export interface MigrationResult {
  /** Files applied by this call. */
  applied: string[];
  /** Every file that is applied now. */
  total: number;
}

interface MigrationFile {
  name: string;
  sql: string;
  hash: string;
}

/** The database and the files do not belong together, or the database user may not do what is needed. */
export class MigrationError extends Error {
  override name = "MigrationError";
}

/**
 * Brings the schema up to date.
 * 1. Take the lock, so that only one process migrates.
 * 2. Refuse when an applied file was edited, or the database knows files that this version does not have.
 * 3. Apply each new file in a transaction of its own.
 * 4. Install or update the schema of the task queue when its library is another one.
 * 5. Grant the application role its rights when anything is new.
 * 6. Create the workspace "main" when there is none.
 * Needs the owner of the database. Throws MigrationError.
 */
export async function migrate(ownerDb: Db): Promise<MigrationResult> {
  const client = await ownerDb.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await client.query(
      `create table if not exists schema_migration (
         name text primary key, hash text not null, applied_at timestamptz not null default now())`,
    );
    const known = await appliedHashes(client);
    const files = migrationFiles();
    const pending = checkFiles(files, known);
    if (pending.length > 0) await ensureAppRole(client);
    for (const file of pending) await apply(client, file);
    const queueIsNew = known.get(queueEntry) !== queueVersion;
    if (queueIsNew) await migrateQueue(client, (version) => note(client, queueEntry, version));
    const privileges = readMigration(privilegesFile);
    if (pending.length > 0 || queueIsNew || known.get(privilegesFile) !== privileges.hash)
      await apply(client, privileges);
    await ensureWorkspace(client);
    return { applied: pending.map((file) => file.name), total: files.length };
  } finally {
    await client.query("select pg_advisory_unlock($1)", [MIGRATION_LOCK]).catch(() => {});
    client.release();
  }
}

/** The names of the files that are not applied yet. Changes nothing. */
export async function pendingMigrations(ownerDb: Db): Promise<string[]> {
  const table = await ownerDb.query("select to_regclass('schema_migration') as found");
  const client = await ownerDb.connect();
  try {
    const known = table.rows[0].found === null ? new Map<string, string>() : await appliedHashes(client);
    return checkFiles(migrationFiles(), known).map((file) => file.name);
  } finally {
    client.release();
  }
}

function migrationFiles(): MigrationFile[] {
  return readdirSync(migrationsDirectory)
    .filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name))
    .sort()
    .map(readMigration);
}

function readMigration(name: string): MigrationFile {
  const sql = readFileSync(`${migrationsDirectory}${name}`, "utf8").replaceAll("\r\n", "\n");
  return { name, sql, hash: createHash("sha256").update(sql).digest("hex") };
}

async function appliedHashes(client: pg.PoolClient): Promise<Map<string, string>> {
  const result = await client.query<{ name: string; hash: string }>("select name, hash from schema_migration");
  return new Map(result.rows.map((row) => [row.name, row.hash]));
}

function checkFiles(files: MigrationFile[], known: Map<string, string>): MigrationFile[] {
  const names = new Set([...files.map((file) => file.name), privilegesFile, queueEntry]);
  const foreign = [...known.keys()].find((name) => !names.has(name));
  if (foreign !== undefined)
    throw new MigrationError(
      `The database was migrated by a newer Daybook (it knows ${foreign}). Start that version again, or restore a backup.`,
    );
  const changed = files.find((file) => known.has(file.name) && known.get(file.name) !== file.hash);
  if (changed !== undefined)
    throw new MigrationError(
      `${changed.name} is not the file that was applied to this database. Restore the file; changes go into a new one.`,
    );
  return files.filter((file) => !known.has(file.name));
}

async function apply(client: pg.PoolClient, file: MigrationFile): Promise<void> {
  try {
    await client.query("begin");
    await client.query(file.sql);
    await note(client, file.name, file.hash);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw new MigrationError(`${file.name} failed: ${(error as Error).message}`, { cause: error });
  }
}

async function note(client: pg.PoolClient, name: string, hash: string): Promise<void> {
  await client.query(
    `insert into schema_migration (name, hash) values ($1, $2)
     on conflict (name) do update set hash = excluded.hash, applied_at = now()`,
    [name, hash],
  );
}

/** Roles belong to the whole cluster, so another database may have made it already, even at this moment. */
async function ensureAppRole(client: pg.PoolClient): Promise<void> {
  try {
    await client.query(`
      do $$ begin
        if not exists (select from pg_roles where rolname = '${appRole}') then create role ${appRole} nologin; end if;
      exception when duplicate_object or unique_violation then null;
      end $$`);
    const member = await client.query(`select pg_has_role(current_user, '${appRole}', 'member') as ok`);
    if (!member.rows[0].ok) await client.query(`grant ${appRole} to current_user`);
  } catch (error) {
    const { rows } = await client.query<{ name: string }>("select quote_ident(current_user) as name");
    throw new MigrationError(
      `The database user may not create or take the role ${appRole} (${(error as Error).message}). As an administrator of ` +
        `the database, run once: create role ${appRole} nologin; grant ${appRole} to ${rows[0]?.name};`,
      { cause: error },
    );
  }
}

async function ensureWorkspace(client: pg.PoolClient): Promise<void> {
  await client.query(`
    with made as (
      insert into workspace (slug, name) select 'main', 'Main' where not exists (select from workspace) returning id
    )
    insert into log_head (workspace_id) select id from made`);
}
