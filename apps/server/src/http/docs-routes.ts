import type { FastifyInstance } from "fastify";
import { apiReferenceStyle, renderApiReference } from "./api-reference.ts";
import { apiDocument } from "./openapi.ts";

/** `GET /api/openapi.json` for programs, `GET /docs/api` for people: both from the schemas of the routes. */
export function registerDocsRoutes(app: FastifyInstance): void {
  let page: string | undefined;
  app.get("/api/openapi.json", { schema: { hide: true } }, async () => apiDocument(app));
  app.get("/docs/api", { schema: { hide: true } }, async (_request, reply) => {
    page ??= renderApiReference(apiDocument(app));
    return reply.type("text/html; charset=utf-8").send(page);
  });
  app.get("/docs/api.css", { schema: { hide: true } }, async (_request, reply) =>
    reply.type("text/css; charset=utf-8").send(apiReferenceStyle),
  );
}
