import type { FastifyInstance } from "fastify";

declare module "fastify" {
  interface FastifyInstance {
    /** Every route as `GET /api/v1/events`, in the order of registration; HEAD routes that come with GET are left out. */
    routeList: readonly string[];
  }
}

/** Keeps a list of the routes that are registered from now on: a test goes through it, so that none is forgotten. */
export function listRoutes(app: FastifyInstance): void {
  const list: string[] = [];
  app.decorate("routeList", list);
  app.addHook("onRoute", ({ method, url }) => {
    for (const each of [method].flat()) if (each !== "HEAD") list.push(`${each} ${url}`);
  });
}
