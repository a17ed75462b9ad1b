import type { FastifyInstance } from "fastify";
import type { Deps } from "./deps.ts";
import { registerHealthRoutes } from "./health/health-routes.ts";
import { createServer } from "./http/server.ts";

export type { Deps } from "./deps.ts";

/** The whole HTTP application on its dependencies, not listening yet. Tests and `daybook start` make the same call. */
export async function buildApp(deps: Deps): Promise<FastifyInstance> {
  const app = createServer(deps);
  registerHealthRoutes(app, deps);
  await app.ready();
  return app;
}
