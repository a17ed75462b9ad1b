import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Config } from "../config.ts";
import { type Cluster, locateCluster, prepareSocketDirectory, recordVersion } from "./cluster.ts";
import { EmbeddedPostgresError } from "./postgres-binaries.ts";
import * as postgres from "./postgres-process.ts";

export interface EmbeddedPostgres {
  url: string;
  /** "18.4" */
  version: string;
  /** PostgreSQL's own directory. */
  directory: string;
  /** What an operator should know about where it lives. */
  remark: string | undefined;
  /** Claims the data directory for a server of these roles; false when another server has it. */
  claim(roles: ServerRole[]): Promise<boolean>;
  /** Leaves; the last one to leave stops PostgreSQL. */
  close(): Promise<void>;
}

export type ServerRole = "api" | "worker";

/** Advisory locks on the database "postgres". */
const USERS_LOCK = 0x64610001;
const ROLE_LOCKS: Record<ServerRole, number> = { api: 0x64610002, worker: 0x64610003 };

/** How long to wait for a PostgreSQL that is starting or stopping under another process. */
const JOIN_MS_MAX = 60_000;

/**
 * Opens the embedded PostgreSQL of `config.data`.
 * Everyone who uses it holds a shared lock in it (the keeper connection): whoever leaves last stops it. So commands work
 * beside the server and alone, and one that was left running by a killed server is joined by the next.
 * With `onLost` it is started again should it die; the callback is told.
 * Throws EmbeddedPostgresError.
 */
export async function openEmbedded(
  config: Config,
  say: (line: string) => void,
  onLost?: (message: string) => void,
): Promise<EmbeddedPostgres> {
  const cluster = locateCluster(config.data, say);
  const roles: ServerRole[] = [];
  let closing = false;
  let keeper = await joinOrStart(config, cluster);

  let starting = Promise.resolve();
  const startAgain = async (): Promise<void> => {
    onLost?.("PostgreSQL has gone away; starting it again.");
    for (let waitMs = 100; !closing; waitMs = Math.min(waitMs * 2, 5_000)) {
      try {
        keeper = await joinOrStart(config, cluster);
        await claim(keeper, roles);
        keep();
        return;
      } catch (error) {
        onLost?.((error as Error).message);
        if (!closing) await sleep(waitMs);
      }
    }
  };
  const keep = (): void => {
    keeper.once("end", () => {
      if (!closing && onLost !== undefined) starting = startAgain();
    });
  };
  keep();

  return {
    url: connectionUrl(cluster),
    version: cluster.binaries.version,
    directory: cluster.directory,
    remark: cluster.remark,
    async claim(wanted) {
      roles.push(...wanted);
      return claim(keeper, wanted);
    },
    async close() {
      closing = true;
      // One that is just being started would otherwise be left running.
      await starting;
      const last = await leave(keeper);
      if (last) await stop(cluster);
      await keeper.end().catch(() => {});
    },
  };
}

async function stop(cluster: Cluster): Promise<void> {
  await postgres.stopPostgres(cluster.directory);
  // A socket directory in /tmp is only there for a path that is too long; beside the cluster it may stay.
  if (dirname(cluster.sockets) === "/tmp") rmSync(cluster.sockets, { recursive: true, force: true });
}

async function claim(keeper: pg.Client, roles: ServerRole[]): Promise<boolean> {
  for (const role of roles) {
    const result = await keeper.query("select pg_try_advisory_lock($1) as got", [ROLE_LOCKS[role]]);
    if (!result.rows[0].got) return false;
  }
  return true;
}

/** Gives the shared lock back. True when nobody else uses this PostgreSQL. */
async function leave(keeper: pg.Client): Promise<boolean> {
  try {
    await keeper.query("select pg_advisory_unlock_shared($1)", [USERS_LOCK]);
    const result = await keeper.query("select pg_try_advisory_lock($1) as got", [USERS_LOCK]);
    return result.rows[0].got;
  } catch {
    return false; // It died before us.
  }
}

/**
 * A keeper connection to the running PostgreSQL, which is started when there is none.
 * 1. Join the one that runs.
 * 2. One that runs but does not answer is starting or stopping: wait. One that never answers is stopped.
 * 3. None runs: make the cluster if there is none, clear stale locks, start. Another process may win: back to 1.
 */
async function joinOrStart(config: Config, cluster: Cluster): Promise<pg.Client> {
  const deadline = Date.now() + JOIN_MS_MAX;
  for (;;) {
    const keeper = await connectKeeper(cluster);
    if (keeper !== undefined) return keeper;
    const late = Date.now() > deadline;
    if (postgres.runningPid(cluster.directory) !== undefined) {
      if (late) await postgres.stopPostgres(cluster.directory);
      else await sleep(20);
      continue;
    }
    try {
      await start(config, cluster);
    } catch (error) {
      // Another process started it in the same moment, or the children of a killed one still hold its memory.
      const passing = /lock file|pre-existing shared memory|is still in use/.test((error as Error).message);
      if (!passing || late) throw error;
      await sleep(100);
    }
  }
}

async function start(config: Config, cluster: Cluster): Promise<void> {
  if (!existsSync(join(cluster.directory, "PG_VERSION"))) {
    await postgres.createCluster(cluster, randomBytes(18).toString("base64url"));
  }
  recordVersion(cluster);
  prepareSocketDirectory(cluster);
  postgres.clearStaleLocks(cluster);
  await postgres.startPostgres(cluster, parameters(config, cluster));
  writeConnectionFile(cluster);
}

/** Tuned for a log: large sequential writes, every commit durable, few connections. */
function parameters(config: Config, cluster: Cluster): Record<string, string> {
  return {
    listen_addresses: "",
    unix_socket_directories: `"${cluster.sockets}"`,
    unix_socket_permissions: "0700",
    shared_buffers: `${config.postgresMemoryMegabytes}MB`,
    maintenance_work_mem: "128MB",
    work_mem: "16MB",
    wal_compression: "on",
    wal_init_zero: "off", // Filling a new segment with zeros made a commit wait for 60 ms.
    max_wal_size: "2GB",
    fsync: "on",
    jit: "off",
    random_page_cost: "1.1",
    log_checkpoints: "off",
    log_timezone: "UTC",
    timezone: "UTC",
  };
}

/** Undefined when no PostgreSQL answers at this cluster's socket. */
async function connectKeeper(cluster: Cluster): Promise<pg.Client | undefined> {
  if (!existsSync(join(cluster.directory, "PG_VERSION"))) return undefined;
  const client = new pg.Client({
    connectionString: connectionUrl(cluster),
    connectionTimeoutMillis: 5_000,
    application_name: "daybook keeper",
  });
  client.on("error", () => {}); // "end" follows.
  try {
    await client.connect();
    await client.query("select pg_advisory_lock_shared($1)", [USERS_LOCK]);
    return client;
  } catch {
    await client.end().catch(() => {});
    return undefined;
  }
}

function connectionUrl(cluster: Cluster): string {
  const host = encodeURIComponent(cluster.sockets);
  return `postgresql://${postgres.superuser}:${readPassword(cluster)}@localhost/postgres?host=${host}`;
}

/** For people: `psql "$(cat data/postgres-url)"`. Readable by us alone. */
function writeConnectionFile(cluster: Cluster): void {
  const half = join(cluster.data, `postgres-url.${process.pid}`);
  writeFileSync(half, `${connectionUrl(cluster)}\n`, { mode: 0o600 });
  renameSync(half, join(cluster.data, "postgres-url"));
}

function readPassword(cluster: Cluster): string {
  try {
    return readFileSync(join(cluster.directory, postgres.passwordFile), "utf8");
  } catch (error) {
    throw new EmbeddedPostgresError(
      `${cluster.directory} is not readable (${(error as Error).message}). Run daybook as the user it belongs to, or as root.`,
    );
  }
}
