import { AppError, createViewerTokenSchema, mintedViewerTokenSchema } from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission } from "../../access/access.ts";
import { accessEvent } from "../../access/access-events.ts";
import type { Deps } from "../../deps.ts";
import { createViewerToken, deleteViewerToken } from "./viewer-token-store.ts";

const tags = ["viewer tokens"];

/** Tokens that a panel gives to its customers, so that they see their own events. */
export function registerViewerTokenRoutes(
  app: FastifyInstance,
  deps: Pick<Deps, "db" | "clock" | "record" | "settings">,
): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "POST",
    url: "/api/v1/viewer-tokens",
    schema: {
      summary: "Make a viewer token",
      description:
        "For one customer, who sees with it what is in the scope and nothing else. The token is in this reply and nowhere else. Making it is itself recorded.",
      tags,
      body: createViewerTokenSchema,
      response: { 201: mintedViewerTokenSchema },
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "viewer_tokens.create");
      const createdBy = `${access.kind === "key" ? "key" : "staff"}/${access.id}`;
      const { workspaceId } = access;
      const { scope, hiddenFields, minutes, staffAs: asked } = request.body;
      const staffAs = asked === undefined ? (deps.settings.of(workspaceId).staffAs ?? "Support") : asked;
      const wanted = { ...request.body, staffAs };
      const made = await createViewerToken(deps.db, { workspaceId, createdBy, wanted }, deps.clock());
      const event = accessEvent(access, request.origin, {
        action: "viewer_token.created",
        targets: [{ type: "viewer_token", id: made.id }],
        details: JSON.parse(JSON.stringify({ scope, minutes, staffAs, hiddenFields })),
      });
      await deps.record.write(workspaceId, [event]);
      reply.code(201).header("cache-control", "no-store");
      return { id: made.id, token: made.token, expiresAt: new Date(made.expiresAtMs).toISOString() };
    },
  });

  routes.route({
    method: "DELETE",
    url: "/api/v1/viewer-tokens/:id",
    schema: {
      summary: "End a viewer token",
      description: "It opens nothing from now on; streams that are open with it end within half a minute.",
      tags,
      params: z.object({ id: z.uuid() }),
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "viewer_tokens.create");
      const { id } = request.params;
      if (!(await deleteViewerToken(deps.db, access.workspaceId, id)))
        throw new AppError("not_found", `There is no viewer token ${id}.`);
      const targets = [{ type: "viewer_token", id }];
      const event = accessEvent(access, request.origin, { action: "viewer_token.revoked", targets });
      await deps.record.write(access.workspaceId, [event]);
      reply.code(204).send(null);
    },
  });
}
