import { AppError } from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { Deps } from "../deps.ts";

/** `GET /healthz`: the process answers. `GET /readyz`: the database answers too, else 503. */
export function registerHealthRoutes(app: FastifyInstance, deps: Deps): void {
  app.get("/healthz", { schema: { hide: true } }, async () => ({ status: "ok" }));
  app.get("/readyz", { schema: { hide: true } }, async () => {
    try {
      await deps.db.query("select 1");
    } catch (error) {
      throw new AppError("database_unavailable", "The database does not answer.", {
        cause: error,
        retryAfterSeconds: 2,
      });
    }
    return { status: "ok" };
  });
}
