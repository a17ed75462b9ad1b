import { pendingMigrations } from "../db/migrate.ts";
import type { Db } from "../db/pool.ts";
import { findPartitions } from "../record/partitions.ts";
import { type Check, type Finding, failed, ok, warning } from "./check.ts";

const MAJOR_LEAST = 15;
/** Beyond this, events seem to come from the future or the past of the other clock. */
const SKEW_MS_MAX = 2_000;
const AHEAD_MS_LEAST = 14 * 24 * 3600_000;

/** The checks of an open database; those of the tables only once there are tables. */
export async function databaseChecks(db: Db, ownerDb: Db, embedded: boolean): Promise<Check[]> {
  const tables = await ownerDb.query("select to_regclass('event') is not null as there");
  return [
    { name: "PostgreSQL", run: () => checkVersion(ownerDb, embedded) },
    { name: "extension pg_trgm", run: () => checkExtension(ownerDb) },
    { name: "schema", run: () => checkSchema(ownerDb) },
    { name: "clock", run: () => checkClock(ownerDb) },
    ...(tables.rows[0].there ? tableChecks(db, ownerDb) : []),
  ];
}

function tableChecks(db: Db, ownerDb: Db): Check[] {
  return [
    { name: "rights", run: () => checkRights(ownerDb) },
    { name: "partitions", run: () => checkPartitions(ownerDb) },
    { name: "requests", run: () => checkPool(db) },
  ];
}

async function checkVersion(ownerDb: Db, embedded: boolean): Promise<Finding> {
  const result = await ownerDb.query<{ number: number; version: string }>(
    "select current_setting('server_version_num')::int as number, current_setting('server_version') as version",
  );
  const { number = 0, version = "?" } = result.rows[0] ?? {};
  const found = `${version}${embedded ? ", embedded" : ""}`;
  if (number >= MAJOR_LEAST * 10_000) return ok(found);
  return failed(found, `Daybook needs PostgreSQL ${MAJOR_LEAST} or later: point DATABASE_URL to one.`);
}

async function checkExtension(ownerDb: Db): Promise<Finding> {
  const result = await ownerDb.query(
    "select installed_version from pg_available_extensions where name = 'pg_trgm' limit 1",
  );
  const row = result.rows[0];
  if (row === undefined) return failed("not available", "Install PostgreSQL's contrib package on the database server.");
  if (row.installed_version === null) return warning("not installed yet", "Run daybook migrate, or start.");
  return ok(`version ${row.installed_version}`);
}

async function checkSchema(ownerDb: Db): Promise<Finding> {
  const pending = await pendingMigrations(ownerDb);
  if (pending.length === 0) return ok("up to date");
  return warning(`${pending.length} migrations are not applied`, "Run daybook migrate, or start.");
}

/** The log must be append-only for the role of every request. */
async function checkRights(ownerDb: Db): Promise<Finding> {
  const result = await ownerDb.query(
    `select has_table_privilege('daybook_app', 'event', 'insert') as append,
            has_table_privilege('daybook_app', 'event', 'update')
              or has_table_privilege('daybook_app', 'event', 'delete') as change`,
  );
  const { append, change } = result.rows[0];
  if (change)
    return failed("the role daybook_app may change events", "revoke update, delete on event from daybook_app");
  if (!append)
    return failed("the role daybook_app may not append events", "grant select, insert on event to daybook_app");
  return ok("requests can append to the log, not change it");
}

async function checkClock(ownerDb: Db): Promise<Finding> {
  const before = Date.now();
  const result = await ownerDb.query<{ ms: string }>("select extract(epoch from clock_timestamp()) * 1000 as ms");
  const middle = (before + Date.now()) / 2;
  const skewMs = Math.round(Math.abs(Number(result.rows[0]?.ms) - middle));
  if (skewMs <= SKEW_MS_MAX) return ok("the same here and in the database");
  return failed(
    `the database's clock differs by ${(skewMs / 1000).toFixed(1)} s`,
    "Run a time service (chrony, systemd-timesyncd) on both machines.",
  );
}

async function checkPartitions(ownerDb: Db): Promise<Finding> {
  const partitions = await findPartitions(ownerDb);
  const end = partitions.at(-1)?.endsAtMs ?? 0;
  const found = `${partitions.length}${end === 0 ? "" : `, up to ${new Date(end).toISOString().slice(0, 10)}`}`;
  if (end - Date.now() >= AHEAD_MS_LEAST) return ok(found);
  return warning(
    found,
    "They are created by the worker: run daybook start (role all or worker) and look into its log.",
  );
}

async function checkPool(db: Db): Promise<Finding> {
  const result = await db.query("select current_user as role");
  const role = result.rows[0].role;
  return role === "daybook_app"
    ? ok(`run as ${role}`)
    : failed(`run as ${role}`, "grant daybook_app to the database user");
}
