import { readFileSync } from "node:fs";
import type { FastifyInstance } from "fastify";
import { registerAccess } from "./access/access-routes.ts";
import { consoleDist } from "./console-build.ts";
import type { Deps } from "./deps.ts";
import { registerHealthRoutes } from "./health/health-routes.ts";
import { registerMetricsRoutes } from "./health/metrics-routes.ts";
import { registerConsoleFiles } from "./http/console-files.ts";
import { registerDocsRoutes } from "./http/docs-routes.ts";
import { collectOpenApi } from "./http/openapi.ts";
import { registerSecurityHeaders } from "./http/security-headers.ts";
import { createServer } from "./http/server.ts";
import { registerIngestRoutes } from "./record/ingest-routes.ts";

export type { Deps } from "./deps.ts";

/** The version of this Daybook, from its package. */
export const version = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
).version;

/** The whole HTTP application on its dependencies, not listening yet. Tests and `daybook start` make the same call. */
export async function buildApp(deps: Deps): Promise<FastifyInstance> {
  const app = createServer(deps);
  await registerSecurityHeaders(app, deps.config);
  await collectOpenApi(app, version);
  registerMetricsRoutes(app, deps);
  registerHealthRoutes(app, deps);
  registerAccess(app, deps);
  registerIngestRoutes(app, deps);
  registerDocsRoutes(app);
  await registerConsoleFiles(app, consoleDist);
  await app.ready();
  return app;
}

export interface Work {
  /** Lets what is under way come to its end. */
  stop(): Promise<void>;
}

/** Everything that runs in the background (roles worker and all). */
export async function startWork(_deps: Deps): Promise<Work> {
  return { stop: async () => {} };
}
