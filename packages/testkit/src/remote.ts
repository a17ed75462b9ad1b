import type { Scope } from "@daybook/contract";
import { apiKey, type TestKey } from "./access.ts";
import { testDeps } from "./app.ts";
import { type Cuttable, cuttable } from "./cuttable.ts";
import type { TestDatabase } from "./database.ts";
import { type RunningDaybook, startDaybook } from "./process.ts";

/** A server as a process of its own, on a fresh database, with a line to it that can be cut. */
export interface RemoteServer {
  line: Cuttable;
  key: TestKey;
  database: TestDatabase;
  /** Settings with which commands work on the same database. */
  env: Record<string, string>;
  /** Reads from the server itself, not through the line. Throws unless it answers with 200. */
  read<T>(path: string): Promise<T>;
  /** As `read`, for calls that change something. */
  send(method: "POST" | "PUT" | "PATCH", path: string, body: object): Promise<Response>;
  kill(): Promise<void>;
  /** Starts it again, perhaps at another port: the line leads there. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function remoteServer(scopes: readonly Scope[], more: Record<string, string> = {}): Promise<RemoteServer> {
  const base = await testDeps();
  const key = await apiKey(base.deps, { scopes });
  const env = {
    DATABASE_URL: base.database.url,
    DAYBOOK_DATA: base.deps.config.data,
    DAYBOOK_LOG_LEVEL: "error",
    ...more,
  };
  let server: RunningDaybook = await startDaybook({ env });
  const line = await cuttable(server.address);
  return {
    line,
    key,
    database: base.database,
    env,
    async read(path) {
      const reply = await fetch(`${server.address}/api/v1${path}`, { headers: key.headers });
      if (reply.status !== 200) throw new Error(`GET ${path}: ${reply.status} ${await reply.text()}`);
      return (await reply.json()) as never;
    },
    send(method, path, body) {
      const headers = { ...key.headers, "content-type": "application/json" };
      return fetch(`${server.address}/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
    },
    kill: () => server.kill(),
    async restart() {
      server = await startDaybook({ env });
      line.leadTo(server.address);
    },
    async close() {
      await line.close();
      await server.stop();
      await base.close();
    },
  };
}
