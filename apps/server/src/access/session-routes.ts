import {
  askPasswordResetSchema,
  choosePasswordSchema,
  setupSchema,
  setupStateSchema,
  signedInSchema,
  signInSchema,
} from "@daybook/contract";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requireSession, sessionTokenOf } from "./access.ts";
import { type AccessDeps, accessEvent, homeWorkspace } from "./access-events.ts";
import { type OpenedSession, signIn } from "./login.ts";
import { choosePassword } from "./password-link.ts";
import { PasswordResets } from "./password-reset.ts";
import { noSessionCookie, sessionCookie } from "./session.ts";
import { revokeSession } from "./session-store.ts";
import { setUp } from "./setup.ts";
import { hasStaff } from "./staff-store.ts";

const tags = ["sign-in"];

/** Everything that happens before somebody is signed in, and signing out. */
export function registerSessionRoutes(app: FastifyInstance, deps: AccessDeps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  const reply201 = (reply: FastifyReply, opened: OpenedSession) => {
    const cookie = sessionCookie(opened.token, deps.config, opened.lifeMs);
    reply.code(201).header("set-cookie", cookie).header("cache-control", "no-store");
    return opened.reply;
  };

  routes.route({
    method: "POST",
    url: "/api/v1/sessions",
    config: { beforeSignIn: true },
    schema: {
      summary: "Sign in",
      description:
        "Opens a session and sets its cookie. 401 invalid_credentials whether the account exists or not; 401 code_required when the password is right and a code of the authenticator app is still to come; 429 with Retry-After after too many failures. Every attempt is an auth.login event.",
      tags,
      security: [],
      body: signInSchema,
      response: { 201: signedInSchema },
    },
    handler: async (request, reply) =>
      reply201(reply, await signIn(deps, request.body, request.origin, sessionTokenOf(request))),
  });

  routes.route({
    method: "DELETE",
    url: "/api/v1/sessions/current",
    schema: { summary: "Sign out", tags, response: { 204: z.null() } },
    handler: async (request, reply) => {
      const access = requireSession(request);
      await revokeSession(deps.db, access.id, access.sessionId, deps.clock());
      const home = await homeWorkspace(deps, access.id);
      await deps.record.write(home, [accessEvent(access, request.origin, { action: "auth.logout" })]);
      reply.code(204).header("set-cookie", noSessionCookie(deps.config)).send(null);
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/setup",
    schema: {
      summary: "Whether the first owner is still to be made",
      tags,
      security: [],
      response: { 200: setupStateSchema },
    },
    handler: async () => ({ needed: !(await hasStaff(deps.db)) }),
  });

  routes.route({
    method: "POST",
    url: "/api/v1/setup",
    config: { beforeSignIn: true },
    schema: {
      summary: "Make the first owner",
      description:
        "With the token of the link that the server prints at its first start. Signs the owner in. 410 once there is staff.",
      tags,
      security: [],
      body: setupSchema,
      response: { 201: signedInSchema },
    },
    handler: async (request, reply) => reply201(reply, await setUp(deps, request.body, request.origin)),
  });

  const resets = new PasswordResets(deps);
  app.addHook("onClose", () => resets.close());
  routes.route({
    method: "POST",
    url: "/api/v1/password-resets",
    config: { beforeSignIn: true },
    schema: {
      summary: "Ask for a link for a new password by mail",
      description:
        "Answers the same whoever is asked for. If the address is one of the staff and mail is set up, a link goes to it that works once, for an hour; the old password works until then. 429 with Retry-After after many questions from one address.",
      tags,
      security: [],
      body: askPasswordResetSchema,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      await resets.ask(request.body.email, request.origin);
      reply.code(204).send(null);
    },
  });

  routes.route({
    method: "POST",
    url: "/api/v1/passwords",
    config: { beforeSignIn: true },
    schema: {
      summary: "Choose a password by a one-time link",
      description:
        "With the token of the link that came by mail, or that `daybook users create` or `reset-password` prints. Ends the person's sessions.",
      tags,
      security: [],
      body: choosePasswordSchema,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      await choosePassword(deps, request.body, request.origin);
      reply.code(204).send(null);
    },
  });
}
