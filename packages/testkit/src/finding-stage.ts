import type { Finding, FindingCode } from "@daybook/contract";
import type { Config } from "@daybook/server/config.ts";
import { readFindings } from "@daybook/server/health/findings/findings.ts";
import { UsualTimes } from "@daybook/server/tasks/usual-times.ts";
import { apiKey } from "./access.ts";
import { type TestApp, testApp } from "./app.ts";

export interface FindingStage extends TestApp {
  headers: Record<string, string>;
  /** What the clock of this server shows, and by which findings are judged. The database's stays as it is. */
  now: () => number;
  advance(ms: number): void;
  /** The findings as of now; only those of a code, if one is named. */
  find(code?: FindingCode): Promise<Finding[]>;
  /** Asks the API with a key of every scope; throws unless it takes it. */
  ask<T>(method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: object): Promise<T>;
}

/** A whole application whose clock can be moved on, and its findings. */
export async function findingStage(config: Partial<Config> = {}): Promise<FindingStage> {
  let aheadMs = 0;
  const now = (): number => Date.now() + aheadMs;
  const server = await testApp({ clock: now, config });
  const { headers } = await apiKey(server.deps);
  const { db } = server.deps;
  return {
    ...server,
    headers,
    now,
    advance(ms) {
      aheadMs += ms;
    },
    async find(code) {
      const usual = new UsualTimes(db, now);
      const deps = { db, clock: Date.now, usual, role: server.deps.config.role, now };
      const found = await readFindings(deps, server.workspaceId);
      return code === undefined ? found : found.filter((finding) => finding.code === code);
    },
    async ask(method, path, body) {
      const url = `/api/v1${path}`;
      const reply = await server.app.inject({ method, url, headers, ...(body === undefined ? {} : { payload: body }) });
      if (reply.statusCode >= 300) throw new Error(`${method} ${path}: ${reply.statusCode} ${reply.body}`);
      return reply.body === "" ? (undefined as never) : reply.json();
    },
  };
}
