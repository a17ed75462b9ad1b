import {
  changeMemberSchema,
  invitedSchema,
  inviteSchema,
  listOf,
  memberSchema,
  passwordLinkSchema,
} from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission } from "./access.ts";
import type { AccessDeps } from "./access-events.ts";
import {
  changeMember,
  inviteMember,
  makePasswordLink,
  membersOf,
  removeMember,
  resetSecondFactor,
} from "./member-acts.ts";
import { requireStepUp } from "./step-up.ts";

const tags = ["staff"];
const params = z.object({ id: z.uuid() });

/** The staff of a workspace: invite, change, shut out, remove. */
export function registerStaffRoutes(app: FastifyInstance, deps: AccessDeps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "GET",
    url: "/api/v1/staff",
    schema: { summary: "List the staff of the workspace", tags, response: { 200: listOf(memberSchema) } },
    handler: async (request) => {
      const items = await membersOf(deps, requirePermission(request, "staff.read"));
      return { items, nextCursor: null, total: { value: items.length, relation: "eq" as const } };
    },
  });

  routes.route({
    method: "POST",
    url: "/api/v1/staff",
    schema: {
      summary: "Invite somebody",
      description:
        "With a role that may do no more than oneself. The link with which they choose a password goes to them by mail (`sentTo`); where no mail can be sent, the reply has it (`link`) to hand on. Somebody who signs in to another workspace already just finds this one too.",
      tags,
      body: inviteSchema,
      response: { 201: invitedSchema },
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "staff.manage");
      requireStepUp(access, deps.clock());
      const invited = await inviteMember(deps, access, request.origin, request.body);
      reply.code(201).header("cache-control", "no-store");
      return invited;
    },
  });

  routes.route({
    method: "PATCH",
    url: "/api/v1/staff/:id",
    schema: {
      summary: "Change a role, shut somebody out or let them in again",
      description: "409 for the last owner. Nobody changes somebody who may do more than they.",
      tags,
      params,
      body: changeMemberSchema,
      response: { 200: memberSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "staff.manage");
      requireStepUp(access, deps.clock());
      return changeMember(deps, access, request.origin, request.params.id, request.body);
    },
  });

  routes.route({
    method: "DELETE",
    url: "/api/v1/staff/:id",
    schema: {
      summary: "Remove somebody from the workspace",
      description: "What they did stays in the record under their name.",
      tags,
      params,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "staff.manage");
      requireStepUp(access, deps.clock());
      await removeMember(deps, access, request.origin, request.params.id);
      reply.code(204).send(null);
    },
  });

  routes.route({
    method: "DELETE",
    url: "/api/v1/staff/:id/second-factor",
    schema: {
      summary: "Turn off somebody's two factors",
      description:
        "For a lost phone: they sign in with the password alone, until they turn two factors on again. 409 when they are off. One's own are turned off at `/api/v1/me/totp`.",
      tags,
      params,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "staff.manage");
      requireStepUp(access, deps.clock());
      await resetSecondFactor(deps, access, request.origin, request.params.id);
      reply.code(204).send(null);
    },
  });

  routes.route({
    method: "POST",
    url: "/api/v1/staff/:id/password-links",
    schema: {
      summary: "Make a link for a new password",
      description: "Hand it to the person. Earlier links are void; the old password works until the link is used.",
      tags,
      params,
      response: { 201: passwordLinkSchema },
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "staff.manage");
      requireStepUp(access, deps.clock());
      const link = await makePasswordLink(deps, access, request.origin, request.params.id);
      reply.code(201).header("cache-control", "no-store");
      return { link };
    },
  });
}
