import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import type { Config } from "../config.ts";
import { findBinaries } from "./postgres-binaries.ts";
import { createCluster, startPostgres, stopPostgres, superuser } from "./postgres-process.ts";
import { unprivilegedUser } from "./postgres-user.ts";

export interface EmbeddedPostgres {
  url: string;
  version: string;
  stop(): Promise<void>;
}

/** Starts the embedded PostgreSQL of a data directory, or joins the one that runs there already. */
export async function openEmbedded(config: Config, say: (line: string) => void): Promise<EmbeddedPostgres> {
  const user = unprivilegedUser();
  const binaries = findBinaries(user, say);
  mkdirSync(config.data, { recursive: true });
  const directory = join(config.data, `pg${binaries.major}`);
  const connectionFile = join(config.data, "postgres.json");
  const sockets = join(config.data, "socket");
  if (existsSync(connectionFile)) {
    const { url } = JSON.parse(readFileSync(connectionFile, "utf8")) as { url: string };
    if (await answers(url)) return { url, version: binaries.version, stop: async () => {} };
  }
  const place = { binaries, user, directory };
  let password = randomBytes(18).toString("base64url");
  if (!existsSync(join(directory, "PG_VERSION"))) await createCluster(place, password);
  else password = new URL((JSON.parse(readFileSync(connectionFile, "utf8")) as { url: string }).url).password;
  mkdirSync(sockets, { recursive: true, mode: 0o700 });
  if (user !== undefined) chownSync(sockets, user.uid, user.gid);
  chmodSync(sockets, 0o700);
  const url = `postgresql://${superuser}:${password}@localhost/postgres?host=${encodeURIComponent(sockets)}`;
  writeFileSync(connectionFile, JSON.stringify({ url }), { mode: 0o600 });
  const running = await startPostgres(
    place,
    {
      listen_addresses: "",
      unix_socket_directories: sockets,
      shared_buffers: `${config.postgresMemoryMegabytes}MB`,
      max_wal_size: "2GB",
      wal_compression: "on",
      jit: "off",
    },
    join(config.data, "postgres.log"),
  );
  return { url, version: binaries.version, stop: () => stopPostgres(directory, running.pid) };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
