import {
  AppError,
  changePasswordSchema,
  listOf,
  meSchema,
  recoveryCodesSchema,
  sessionSchema,
  stepUpSchema,
  totpCodeSchema,
  totpEnrolmentSchema,
  totpRemovalSchema,
} from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requireSession, sessionTokenOf } from "./access.ts";
import type { AccessDeps } from "./access-events.ts";
import {
  changePassword,
  confirmTwoFactors,
  endSession,
  enrolTwoFactors,
  removeTwoFactors,
  renewRecoveryCodes,
  stepUp,
} from "./me.ts";
import { countRecoveryCodes } from "./recovery-codes.ts";
import { csrfTokenOf } from "./secret.ts";
import { limitsIn } from "./session.ts";
import { findSession, listSessions } from "./session-store.ts";
import { findStaff, membershipsOf, toStaff, toWorkspaceAccess } from "./staff-store.ts";
import { requireStepUp } from "./step-up.ts";

const tags = ["me"];
const done = z.null();

/** What people who are signed in do with their own account. */
export function registerMeRoutes(app: FastifyInstance, deps: AccessDeps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "GET",
    url: "/api/v1/me",
    schema: { summary: "Who is signed in, and where they may go", tags, response: { 200: meSchema } },
    handler: async (request, reply) => {
      const access = requireSession(request);
      const token = sessionTokenOf(request) ?? "";
      const [staff, memberships, session] = await Promise.all([
        findStaff(deps.db, access.id),
        membershipsOf(deps.db, access.id),
        findSession(deps.db, token, undefined, () => limitsIn(deps.settings, access.workspaceId), deps.clock()),
      ]);
      const current = memberships.find((membership) => membership.workspaceId === access.workspaceId);
      if (!staff || !session || !current)
        throw new AppError("unauthenticated", "Your session has ended. Sign in again.");
      reply.header("cache-control", "no-store");
      return {
        staff: toStaff(staff),
        csrfToken: csrfTokenOf(token),
        workspaces: memberships.map(toWorkspaceAccess),
        workspace: toWorkspaceAccess(current),
        session: {
          id: session.id,
          createdAt: session.createdAt.toISOString(),
          expiresAt: session.expiresAt.toISOString(),
        },
      };
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/me/sessions",
    schema: { summary: "Your sessions", tags, response: { 200: listOf(sessionSchema) } },
    handler: async (request) => {
      const access = requireSession(request);
      const limits = limitsIn(deps.settings, access.workspaceId);
      const items = await listSessions(deps.db, access.id, access.sessionId, limits, deps.clock());
      return { items, nextCursor: null, total: { value: items.length, relation: "eq" as const } };
    },
  });

  routes.route({
    method: "DELETE",
    url: "/api/v1/me/sessions/:id",
    schema: { summary: "End one of your sessions", tags, params: z.object({ id: z.uuid() }), response: { 204: done } },
    handler: async (request, reply) => {
      await endSession(deps, requireSession(request), request.origin, request.params.id);
      reply.code(204).send(null);
    },
  });

  routes.route({
    method: "PUT",
    url: "/api/v1/me/password",
    schema: {
      summary: "Change your password",
      description: "Ends your other sessions.",
      tags,
      body: changePasswordSchema,
      response: { 204: done },
    },
    handler: async (request, reply) => {
      await changePassword(deps, requireSession(request), request.origin, request.body);
      reply.code(204).send(null);
    },
  });

  routes.route({
    method: "POST",
    url: "/api/v1/me/totp",
    schema: {
      summary: "Enrol an authenticator app",
      description: "Gives a secret that is not in force until PUT confirms it with a code.",
      tags,
      response: { 201: totpEnrolmentSchema },
    },
    handler: async (request, reply) => {
      const enrolment = await enrolTwoFactors(deps, requireSession(request));
      reply.code(201).header("cache-control", "no-store");
      return enrolment;
    },
  });

  routes.route({
    method: "PUT",
    url: "/api/v1/me/totp",
    schema: { summary: "Turn two factors on", tags, body: totpCodeSchema, response: { 200: recoveryCodesSchema } },
    handler: async (request, reply) => {
      const codes = await confirmTwoFactors(deps, requireSession(request), request.origin, request.body.code);
      reply.header("cache-control", "no-store");
      return { recoveryCodes: codes };
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/me/recovery-codes",
    schema: {
      summary: "How many recovery codes are left",
      tags,
      response: { 200: z.object({ left: z.number().int() }) },
    },
    handler: async (request) => ({ left: await countRecoveryCodes(deps.db, requireSession(request).id) }),
  });

  routes.route({
    method: "POST",
    url: "/api/v1/me/recovery-codes",
    schema: {
      summary: "Make new recovery codes",
      description: "The old ones are void. The password is asked again.",
      tags,
      body: totpRemovalSchema,
      response: { 201: recoveryCodesSchema },
    },
    handler: async (request, reply) => {
      const codes = await renewRecoveryCodes(deps, requireSession(request), request.origin, request.body.password);
      reply.code(201).header("cache-control", "no-store");
      return { recoveryCodes: codes };
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/me/step-up",
    schema: {
      summary: "Until when you count as having just shown who you are",
      description: "403 step_up_required when you do not. For pages that want to know before they follow a link.",
      tags,
      response: { 200: z.object({ until: z.string() }) },
    },
    handler: async (request) => {
      const access = requireSession(request);
      requireStepUp(access, deps.clock());
      return { until: new Date(access.steppedUpUntilMs ?? 0).toISOString() };
    },
  });

  routes.route({
    method: "POST",
    url: "/api/v1/me/step-up",
    schema: {
      summary: "Show once more who you are",
      description:
        "With the password, or a code of the authenticator app. For ten minutes the session may then do what answers 403 step_up_required: make keys, change roles and staff, export personal data.",
      tags,
      body: stepUpSchema,
      response: { 200: z.object({ until: z.string() }) },
    },
    handler: async (request) => ({
      until: (await stepUp(deps, requireSession(request), request.origin, request.body)).toISOString(),
    }),
  });

  routes.route({
    method: "DELETE",
    url: "/api/v1/me/totp",
    schema: { summary: "Turn two factors off", tags, body: totpRemovalSchema, response: { 204: done } },
    handler: async (request, reply) => {
      await removeTwoFactors(deps, requireSession(request), request.origin, request.body.password);
      reply.code(204).send(null);
    },
  });
}
