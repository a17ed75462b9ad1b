import { AppError, brandingSchema, changeSettingsSchema, originTestSchema, settingsSchema } from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { type Access, requirePermission, requireSession } from "../access/access.ts";
import { findStaff } from "../access/staff-store.ts";
import type { Deps } from "../deps.ts";
import { parseTrustedProxies } from "../record/origin/client-ip.ts";
import { explainOrigin } from "../record/origin/origin-test.ts";
import { changeSettings, listSettings, type ReadChange } from "./settings-acts.ts";

const tags = ["settings"];

/** Reading and changing settings, the test of the trusted proxies, and what every screen shows of a workspace's brand. */
export function registerSettingsRoutes(app: FastifyInstance, deps: Deps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const trusted = parseTrustedProxies(deps.config.trustedProxies);

  routes.route({
    method: "GET",
    url: "/api/v1/settings",
    schema: {
      summary: "List settings",
      description:
        "The workspace's settings and those of the installation, each with its value, where that came from and whether it can be changed here. Secrets are never shown.",
      tags,
      response: { 200: settingsSchema },
    },
    handler: async (request) => listSettings(deps, requirePermission(request, "settings.read").workspaceId),
  });

  routes.route({
    method: "PATCH",
    url: "/api/v1/settings",
    schema: {
      summary: "Change settings of the workspace",
      description:
        "What is left out stays; null brings the default back. Holds at once here, and in other servers within seconds. 409 setting_fixed for one that file, environment or flag sets. Recorded as settings.updated with old and new.",
      tags,
      body: changeSettingsSchema,
      response: { 200: settingsSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "settings.write");
      const change = request.body as ReadChange;
      if (change.requireTwoFactors === true) await checkOwnTwoFactors(deps, access);
      await changeSettings(deps, access, request.origin, change);
      return listSettings(deps, access.workspaceId);
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/settings/origin-test",
    schema: {
      summary: "Say where this very request came from",
      description:
        "The address of the connection, the forwarding headers as received, which hops are trusted proxies, and the client's address that follows from them. For setting up trusted proxies.",
      tags,
      response: { 200: originTestSchema },
    },
    handler: async (request, reply) => {
      requirePermission(request, "settings.read");
      reply.header("cache-control", "no-store");
      return explainOrigin(request.raw.socket.remoteAddress, request.headers, trusted);
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/branding",
    schema: {
      summary: "Name, colour, logo and time zone of the workspace",
      description: "For everybody who is signed in.",
      tags,
      response: { 200: brandingSchema },
    },
    handler: async (request) => {
      const { brandName: name, accentColour, logo, timeZone } = deps.settings.of(requireSession(request).workspaceId);
      return { name, accentColour, logo, timeZone };
    },
  });
}

/** Whoever asks it of everybody would otherwise shut themselves out with the next request. Throws `conflict`. */
async function checkOwnTwoFactors(deps: Deps, access: Access): Promise<void> {
  if (access.kind !== "session") return;
  const staff = await findStaff(deps.db, access.id);
  if (staff?.totpEnabledAt) return;
  throw new AppError("conflict", "Turn on two factors for your own account first; then require them of everybody.");
}
