import { listOf, newViewSchema, savedViewSchema, viewChangeSchema } from "@daybook/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission, requireSession } from "../access/access.ts";
import type { AccessDeps } from "../access/access-events.ts";
import { changeView, dropView, readerOf, saveView, type ViewKeeper } from "./view-acts.ts";
import { listViews } from "./view-store.ts";

const tags = ["views"];
const params = z.object({ id: z.guid() });

/** Saved views of the log screens: a person's own, and those shared with everybody in the workspace. */
export function registerViewRoutes(app: FastifyInstance, deps: AccessDeps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "GET",
    url: "/api/v1/views",
    schema: {
      summary: "List saved views",
      description: "One's own and the shared ones, by name. For people who are signed in, not for API keys.",
      tags,
      response: { 200: listOf(savedViewSchema) },
    },
    handler: async (request) => {
      const items = await listViews(deps.db, readerOf(keeperOf(request).access));
      return { items, nextCursor: null, total: { value: items.length, relation: "eq" as const } };
    },
  });

  routes.route({
    method: "POST",
    url: "/api/v1/views",
    schema: {
      summary: "Save a view",
      description: "Private unless `shared`, which needs the permission `views.share` and is recorded.",
      tags,
      body: newViewSchema,
      response: { 201: savedViewSchema },
    },
    handler: async (request, reply) => {
      const view = await saveView(deps, keeperOf(request), request.body);
      reply.code(201);
      return view;
    },
  });

  routes.route({
    method: "PATCH",
    url: "/api/v1/views/:id",
    schema: {
      summary: "Change a view",
      description: "Its name, what it shows, or whether it is shared. A shared one needs the permission `views.share`.",
      tags,
      params,
      body: viewChangeSchema,
      response: { 200: savedViewSchema },
    },
    handler: (request) => changeView(deps, keeperOf(request), request.params.id, request.body),
  });

  routes.route({
    method: "DELETE",
    url: "/api/v1/views/:id",
    schema: { summary: "Delete a view", tags, params, response: { 204: z.null() } },
    handler: async (request, reply) => {
      await dropView(deps, keeperOf(request), request.params.id);
      reply.code(204).send(null);
    },
  });
}

function keeperOf(request: FastifyRequest): ViewKeeper {
  const access = requirePermission(request, "logs.read");
  requireSession(request);
  return { access, origin: request.origin, shares: access.permissions.has("views.share") };
}
