import {
  AppError,
  createWorkspaceSchema,
  listOf,
  renameWorkspaceSchema,
  workspaceAccessSchema,
  workspaceSlugSchema,
} from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { inTransaction } from "../db/transaction.ts";
import { requirePermission, requireSession } from "./access.ts";
import { type AccessDeps, accessEvent } from "./access-events.ts";
import { grantOwners, membershipsOf, toWorkspaceAccess } from "./staff-store.ts";
import { requireStepUp } from "./step-up.ts";

const tags = ["workspaces"];
const made = z.object({ slug: z.string(), name: z.string() });

/** The workspaces of an installation: one log, one staff, one set of keys each. */
export function registerWorkspaceRoutes(app: FastifyInstance, deps: AccessDeps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "GET",
    url: "/api/v1/workspaces",
    schema: { summary: "The workspaces you belong to", tags, response: { 200: listOf(workspaceAccessSchema) } },
    handler: async (request) => {
      const items = (await membershipsOf(deps.db, requireSession(request).id)).map(toWorkspaceAccess);
      return { items, nextCursor: null, total: { value: items.length, relation: "eq" as const } };
    },
  });

  routes.route({
    method: "POST",
    url: "/api/v1/workspaces",
    schema: {
      summary: "Make a workspace",
      description:
        "You own it, and so do the owners of the first one. Its slug is part of every proof and never changes.",
      tags,
      body: createWorkspaceSchema,
      response: { 201: made },
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "workspaces.manage");
      requireStepUp(access, deps.clock());
      const { slug, name } = request.body;
      const id = await inTransaction(deps.db, async (client) => {
        const { rows } = await client.query<{ id: number }>(
          "insert into workspace (slug, name) values ($1, $2) on conflict (slug) do nothing returning id",
          [slug, name],
        );
        const fresh = rows[0]?.id;
        if (fresh === undefined) throw new AppError("conflict", `There is a workspace ${slug} already.`);
        await client.query("insert into log_head (workspace_id) values ($1)", [fresh]);
        if (access.kind === "session")
          await client.query("insert into membership (workspace_id, staff_id, role) values ($1, $2, 'owner')", [
            fresh,
            access.id,
          ]);
        await grantOwners(client, fresh);
        return fresh;
      });
      const event = { action: "workspace.created", targets: [{ type: "workspace", id: slug, name }] };
      // In both: the one in which it was asked for, and as the first event of the new one.
      for (const each of [access.workspaceId, id])
        await deps.record.write(each, [accessEvent(access, request.origin, event)]);
      reply.code(201);
      return { slug, name };
    },
  });

  routes.route({
    method: "PATCH",
    url: "/api/v1/workspaces/:slug",
    schema: {
      summary: "Rename the workspace",
      tags,
      params: z.object({ slug: workspaceSlugSchema }),
      body: renameWorkspaceSchema,
      response: { 200: made },
    },
    handler: async (request) => {
      const access = requirePermission(request, "workspaces.manage");
      requireStepUp(access, deps.clock());
      const { slug } = request.params;
      const { name } = request.body;
      const old = await inTransaction(deps.db, async (client) => {
        const { rows } = await client.query<{ name: string }>(
          "select name from workspace where id = $1 and slug = $2 for update",
          [access.workspaceId, slug],
        );
        if (rows[0] === undefined)
          throw new AppError("not_found", `You are not in a workspace ${slug}. Name it with X-Daybook-Workspace.`);
        await client.query("update workspace set name = $2 where id = $1", [access.workspaceId, name]);
        return rows[0].name;
      });
      if (old !== name) {
        const targets = [{ type: "workspace", id: slug, name }];
        const changes = [{ field: "name", old, new: name }];
        const event = accessEvent(access, request.origin, { action: "workspace.updated", targets, changes });
        await deps.record.write(access.workspaceId, [event]);
      }
      return { slug, name };
    },
  });
}
