import { listOf, permissionSchema, permissions, type Role, rolePermissions, roles } from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission } from "./access.ts";
import type { AccessDeps } from "./access-events.ts";
import { deleteRole, putRole } from "./role-acts.ts";
import { listOwnRoles } from "./role-store.ts";
import { requireStepUp } from "./step-up.ts";

const tags = ["roles"];
const roleName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,39}$/, "must be 2 to 40 lower-case letters, digits and hyphens, a letter first")
  .refine(
    (name) => !(roles as readonly string[]).includes(name),
    "is a role that every workspace has; choose another name",
  );
const params = z.object({ name: roleName });
const roleSchema = z.object({
  name: z.string(),
  shipped: z.boolean().describe("Every workspace has it, and it cannot be changed."),
  permissions: z.array(permissionSchema),
  members: z.number().int(),
});

/** The roles of a workspace: those that every one has, and its own. */
export function registerRoleRoutes(app: FastifyInstance, deps: AccessDeps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "GET",
    url: "/api/v1/roles",
    schema: {
      summary: "List roles",
      description: `Permissions are ${Object.keys(permissions).join(", ")}.`,
      tags,
      response: { 200: listOf(roleSchema) },
    },
    handler: async (request) => {
      const access = requirePermission(request, "staff.read");
      const counted = await deps.db.query<{ role: string; members: number }>(
        "select role, count(*)::int as members from membership where workspace_id = $1 group by role",
        [access.workspaceId],
      );
      const members = new Map(counted.rows.map((row) => [row.role, row.members]));
      const shipped = roles.map((name: Role) => ({
        name: name as string,
        shipped: true,
        permissions: [...rolePermissions[name]],
        members: members.get(name) ?? 0,
      }));
      const own = (await listOwnRoles(deps.db, access.workspaceId)).map((role) => ({ ...role, shipped: false }));
      const items = [...shipped, ...own];
      return { items, nextCursor: null, total: { value: items.length, relation: "eq" as const } };
    },
  });

  routes.route({
    method: "PUT",
    url: "/api/v1/roles/:name",
    schema: {
      summary: "Make or change a role",
      description: "Nobody can give a role what they may not do themselves. Its members have the change at once.",
      tags,
      params,
      body: z.strictObject({ permissions: z.array(permissionSchema) }),
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "roles.manage");
      requireStepUp(access, deps.clock());
      await putRole(deps, access, request.origin, request.params.name, request.body.permissions);
      reply.code(204).send(null);
    },
  });

  routes.route({
    method: "DELETE",
    url: "/api/v1/roles/:name",
    schema: { summary: "Delete a role that nobody has", tags, params, response: { 204: z.null() } },
    handler: async (request, reply) => {
      const access = requirePermission(request, "roles.manage");
      requireStepUp(access, deps.clock());
      await deleteRole(deps, access, request.origin, request.params.name);
      reply.code(204).send(null);
    },
  });
}
