import { apiKeySchema, createKeySchema, listOf, mintedKeySchema, rotateKeySchema } from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission } from "./access.ts";
import type { AccessDeps } from "./access-events.ts";
import { createApiKey, revokeApiKey, rotateApiKey } from "./api-key-acts.ts";
import type { ApiKeyRing } from "./api-key-ring.ts";
import { listKeys, toApiKey } from "./api-key-store.ts";
import { requireStepUp } from "./step-up.ts";

const tags = ["api keys"];
const params = z.object({ id: z.uuid() });

/** Managing the API keys of a workspace. */
export function registerApiKeyRoutes(app: FastifyInstance, deps: AccessDeps, keys: ApiKeyRing): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "GET",
    url: "/api/v1/api-keys",
    schema: {
      summary: "List API keys",
      description: "The newest first, ended ones too; at most 500. Keys are never shown again.",
      tags,
      response: { 200: listOf(apiKeySchema) },
    },
    handler: async (request) => {
      const access = requirePermission(request, "keys.read");
      const items = (await listKeys(deps.db, access.workspaceId)).map(toApiKey);
      return { items, nextCursor: null, total: { value: items.length, relation: "eq" as const } };
    },
  });

  routes.route({
    method: "POST",
    url: "/api/v1/api-keys",
    schema: {
      summary: "Make an API key",
      description:
        "The key is in this reply and nowhere else. Nobody can give a key scopes that they do not have themselves.",
      tags,
      body: createKeySchema,
      response: { 201: mintedKeySchema },
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "keys.manage");
      requireStepUp(access, deps.clock());
      const minted = await createApiKey(deps, access, request.origin, request.body);
      reply.code(201).header("cache-control", "no-store");
      return minted;
    },
  });

  routes.route({
    method: "POST",
    url: "/api/v1/api-keys/:id/rotations",
    schema: {
      summary: "Rotate an API key",
      description: "Makes a successor with the same name and scopes; the old key goes on working for the grace period.",
      tags,
      params,
      body: rotateKeySchema.nullish(),
      response: { 201: mintedKeySchema },
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "keys.manage");
      requireStepUp(access, deps.clock());
      const grace = rotateKeySchema.parse(request.body ?? {}).graceSeconds;
      const minted = await rotateApiKey(deps, access, request.origin, request.params.id, grace);
      keys.clear();
      reply.code(201).header("cache-control", "no-store");
      return minted;
    },
  });

  routes.route({
    method: "DELETE",
    url: "/api/v1/api-keys/:id",
    schema: { summary: "Revoke an API key", tags, params, response: { 204: z.null() } },
    handler: async (request, reply) => {
      const access = requirePermission(request, "keys.manage");
      await revokeApiKey(deps, access, request.origin, request.params.id);
      keys.clear();
      reply.code(204).send(null);
    },
  });
}
