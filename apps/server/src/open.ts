import pino, { type Logger } from "pino";
import type { Config } from "./config.ts";
import { openEmbedded } from "./db/embedded.ts";
import { migrate } from "./db/migrate.ts";
import { openPools } from "./db/pool.ts";
import type { Deps } from "./deps.ts";

export interface OpenDeps extends Deps {
  /** Closes the pools and stops the PostgreSQL that was started for us. */
  close(): Promise<void>;
}

export interface OpenOptions {
  config: Config;
  log: Logger;
  /** Things an operator should read, one line each. */
  say: (line: string) => void;
}

/** Connects to the database (starting the embedded one when needed), migrates, and makes what the process works with. */
export async function openDeps({ config, log, say }: OpenOptions): Promise<OpenDeps> {
  const embedded = config.databaseUrl === undefined ? await openEmbedded(config, say) : undefined;
  const { db, ownerDb } = openPools(embedded?.url ?? config.databaseUrl ?? "", config.databaseConnections);
  const close = async () => {
    await Promise.all([db.end(), ownerDb.end()]);
    await embedded?.close();
  };
  try {
    await migrate(ownerDb);
    return { config, db, ownerDb, log, clock: Date.now, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The server's log: one JSON object a line on standard error. */
export function openLog(config: Config): Logger {
  return pino({ level: config.logLevel, base: null }, pino.destination({ dest: 2, sync: true }));
}
