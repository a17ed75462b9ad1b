import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cluster, prepareSocketDirectory } from "@daybook/server/db/cluster.ts";
import { migrate } from "@daybook/server/db/migrate.ts";
import { openPool } from "@daybook/server/db/pool.ts";
import { findBinaries } from "@daybook/server/db/postgres-binaries.ts";
import {
  createCluster,
  runningPid,
  startPostgres,
  stopPostgres,
  superuser,
} from "@daybook/server/db/postgres-process.ts";
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
  const binaries = findBinaries(user, () => {});
  const home = mkdtempSync(join(tmpdir(), "daybook-test-"));
  chmodSync(home, 0o711);
  const cluster: Cluster = {
    data: home,
    binaries,
    user,
    directory: join(home, "pg"),
    sockets: join(home, "s"),
    logFile: join(home, "postgres.log"),
    remark: undefined,
  };
  prepareSocketDirectory(cluster);
  const password = randomBytes(12).toString("hex");
  await createCluster(cluster, password, true);
  await startPostgres(cluster, {
    listen_addresses: "",
    unix_socket_directories: cluster.sockets,
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
    autovacuum: "off",
    max_connections: "300",
    shared_buffers: "128MB",
    jit: "off",
    timezone: "UTC",
  });
  watch(cluster.directory, home);
  const stop = async () => {
    await stopPostgres(cluster.directory);
    rmSync(home, { recursive: true, force: true });
  };
  const url = socketUrl(cluster.sockets, password, "postgres");
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

/** A test run that is killed cannot clean up: this small process waits for its end and does. */
function watch(directory: string, home: string): void {
  const pid = String(runningPid(directory));
  const script =
    'while kill -0 "$0" && kill -0 "$1"; do sleep 1; done 2>/dev/null; kill -INT "$1" && sleep 1; rm -rf "$2"';
  spawn("sh", ["-c", script, String(process.pid), pid, home], { detached: true, stdio: "ignore" }).unref();
}
