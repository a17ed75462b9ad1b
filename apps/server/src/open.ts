import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pino, { type Logger } from "pino";
import type { Config } from "./config.ts";
import { type EmbeddedPostgres, openEmbedded, type ServerRole } from "./db/embedded.ts";
import { migrate } from "./db/migrate.ts";
import { type Db, openPools } from "./db/pool.ts";
import { EmbeddedPostgresError } from "./db/postgres-binaries.ts";
import type { Deps } from "./deps.ts";
import { openMail } from "./mail/open-mail.ts";
import { openRecord } from "./record/open-record.ts";
import { openTasks } from "./tasks/open-tasks.ts";
import type { ConfigSources } from "./workspace/settings-book.ts";

export interface OpenDeps extends Deps {
  /** The embedded PostgreSQL; undefined with DATABASE_URL. */
  embedded: EmbeddedPostgres | undefined;
  /** Finishes what waits for the database, closes the pools, stops the embedded PostgreSQL when nobody else uses it. */
  close(): Promise<void>;
}

export interface OpenOptions {
  config: Config;
  /** Where the settings of `config` came from. */
  configSources?: ConfigSources | undefined;
  log: Logger;
  /** Things an operator should read, one line each. */
  say: (line: string) => void;
  /** This process is the server of the data directory: there is one a role, and it keeps PostgreSQL running. */
  server?: boolean;
}

export interface OpenDatabase {
  db: Db;
  ownerDb: Db;
  embedded: EmbeddedPostgres | undefined;
  /** Closes the pools, stops the embedded PostgreSQL when nobody else uses it. */
  close(): Promise<void>;
}

/** Connects to the database; the embedded one is started when it does not run. Changes nothing in it. */
export async function openDatabase({ config, log, say, server = false }: OpenOptions): Promise<OpenDatabase> {
  const embedded =
    config.databaseUrl === undefined
      ? await openEmbedded(config, say, server ? (message) => log.error(message) : undefined)
      : undefined;
  const pools = openPools(embedded?.url ?? config.databaseUrl ?? "", config.databaseConnections);
  const close = async () => {
    await Promise.all([pools.db.end(), pools.ownerDb.end()]);
    await embedded?.close();
  };
  return { ...pools, embedded, close };
}

/** Opens the database, migrates, and makes what the process works with. */
export async function openDeps(options: OpenOptions): Promise<OpenDeps> {
  const { config, configSources, log, server } = options;
  const { close: closeDatabase, embedded, ...pools } = await openDatabase(options);
  try {
    if (server && embedded !== undefined) await claim(embedded, config);
    await migrate(pools.ownerDb);
    const base = { config, configSources, log, clock: Date.now, ...pools };
    const { close: closeRecord, ...record } = await openRecord(base);
    const tasks = await openTasks({ ...base, ...record });
    const { close: closeMail, ...mail } = await openMail({ ...base, ...record, tasks });
    const close = async () => {
      await closeMail();
      await tasks.close();
      await closeRecord();
      await closeDatabase();
    };
    return { ...base, ...record, tasks, ...mail, embedded, close };
  } catch (error) {
    await closeDatabase();
    throw error;
  }
}

async function claim(embedded: EmbeddedPostgres, config: Config): Promise<void> {
  const roles: ServerRole[] = config.role === "all" ? ["api", "worker"] : [config.role];
  if (await embedded.claim(roles)) return;
  throw new EmbeddedPostgresError(
    `Another Daybook server runs on ${config.data} already. Stop it, or give this one a directory of its own: ` +
      "DAYBOOK_DATA=./data2 DAYBOOK_PORT=4601. (Servers that share a log share a DATABASE_URL.)",
  );
}

const addressFile = "address";

/** Writes down where the server of this data directory listens, for the links that commands print. Undone by the result. */
export function announceAddress(config: Config, address: string): () => void {
  const path = join(config.data, addressFile);
  mkdirSync(config.data, { recursive: true });
  writeFileSync(path, `${address}\n`);
  return () => rmSync(path, { force: true });
}

/** The settings with the address of the server that runs on this data directory, when no other was set. */
export function withKnownAddress(config: Config): Config {
  const path = join(config.data, addressFile);
  if (config.publicUrl !== undefined || !existsSync(path)) return config;
  return { ...config, publicUrl: readFileSync(path, "utf8").trim() };
}

/** The server's log: one JSON object a line on standard error. */
export function openLog(level: Config["logLevel"]): Logger {
  return pino({ level, base: null }, pino.destination({ dest: 2, sync: true }));
}
