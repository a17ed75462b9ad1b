import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate } from "@daybook/server/db/migrate.ts";
import { openPool } from "@daybook/server/db/pool.ts";
import { findBinaries } from "@daybook/server/db/postgres-binaries.ts";
import { createCluster, startPostgres, stopPostgres, superuser } from "@daybook/server/db/postgres-process.ts";
import { unprivilegedUser } from "@daybook/server/db/postgres-user.ts";

export const templateName = "daybook_template";

export interface TestPostgres {
  /** Of the database "postgres"; tests get databases of their own. */
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts a real PostgreSQL for one test run, in a temporary directory, without fsync, with one migrated template
 * database. Takes about a second.
 */
export async function startTestPostgres(): Promise<TestPostgres> {
  const user = unprivilegedUser();
  const home = mkdtempSync(join(tmpdir(), "daybook-test-"));
  const sockets = join(home, "s");
  mkdirSync(sockets);
  chmodSync(home, 0o711);
  if (user !== undefined) chownSync(sockets, user.uid, user.gid);
  const place = { binaries: findBinaries(user, () => {}), user, directory: join(home, "pg") };
  const password = randomBytes(12).toString("hex");
  await createCluster(place, password, true);
  const running = await startPostgres(
    place,
    {
      listen_addresses: "",
      unix_socket_directories: sockets,
      fsync: "off",
      synchronous_commit: "off",
      full_page_writes: "off",
      autovacuum: "off",
      max_connections: "300",
      shared_buffers: "128MB",
      jit: "off",
    },
    join(home, "postgres.log"),
  );
  const stop = async () => {
    await stopPostgres(place.directory, running.pid, 20_000);
    rmSync(home, { recursive: true, force: true });
  };
  const url = socketUrl(sockets, password, "postgres");
  try {
    await createTemplate(url);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

/** The address of another database on the same PostgreSQL. */
export function databaseUrl(url: string, database: string): string {
  return url.replace(/\/[^/?]+\?/, `/${database}?`);
}

function socketUrl(directory: string, password: string, database: string): string {
  return `postgresql://${superuser}:${password}@localhost/${database}?host=${encodeURIComponent(directory)}`;
}

async function createTemplate(url: string): Promise<void> {
  const admin = openPool(url, { connections: 1, name: "testkit" });
  await admin.query(`create database ${templateName}`);
  await admin.end();
  const template = openPool(databaseUrl(url, templateName), { connections: 1, name: "testkit" });
  await migrate(template);
  await template.end();
}
