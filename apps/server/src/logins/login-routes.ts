import { AppError, attackLimits, attacksSchema, blockListFormats } from "@daybook/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { type Access, requirePermission } from "../access/access.ts";
import { accessEvent } from "../access/access-events.ts";
import { requireStepUp } from "../access/step-up.ts";
import type { Deps } from "../deps.ts";
import { parseTrustedProxies } from "../record/origin/client-ip.ts";
import { scopeOf, searchQuery } from "../record/search/request.ts";
import { findAttacks } from "./attacks.ts";
import { blockListExtensions, blockListMediaTypes, findBlockList, formatBlockList } from "./block-list.ts";

const DAY_MS = 86_400_000;
const tags = ["logins"];

const attackQuery = {
  from: searchQuery.from.describe(
    `Only sign-ins from then on; left out, ${attackLimits.daysDefault} days before the end.`,
  ),
  to: searchQuery.to,
  workspace: searchQuery.workspace,
  min: z.coerce
    .number()
    .int()
    .min(2)
    .max(attackLimits.minMax)
    .default(attackLimits.minDefault)
    .describe("So many failures within `minutes` make an attack."),
  minutes: z.coerce.number().int().min(1).max(attackLimits.minutesMax).default(attackLimits.minutesDefault),
};

const attacksQuery = z.strictObject({
  ...attackQuery,
  by: z.enum(["address", "account"]).default("address"),
  limit: z.coerce.number().int().min(1).max(attackLimits.groupsMax).default(attackLimits.groupsDefault),
});

const blockListQuery = z.strictObject({
  ...attackQuery,
  format: z.enum(blockListFormats).default("text"),
  jail: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/)
    .default("sshd")
    .describe("The jail of fail2ban that the addresses are banned in."),
});

/** Brute force: failed sign-ins grouped by address and by account, and lists of addresses for a firewall. */
export function registerLoginRoutes(app: FastifyInstance, deps: Deps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.route({
    method: "GET",
    url: "/api/v1/logins/attacks",
    schema: {
      summary: "Find brute force",
      description:
        "Addresses or accounts with at least `min` failed sign-ins within `minutes`: how many, when, what was tried, and whether one then succeeded. Those that succeeded first, then the most failures.",
      tags,
      querystring: attacksQuery,
      response: { 200: attacksSchema },
    },
    handler: (request) => {
      const access = requirePersonal(request);
      const { by, limit } = request.query;
      return findAttacks(deps.db, access, { by, limit, ...attackRange(access, request.query, deps.clock()) });
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/logins/block-list",
    schema: {
      summary: "Export a block list",
      description:
        "The attacking addresses for a firewall: plain text, CSV, commands for fail2ban, or sets for nftables. Trusted proxies, this machine, your own address and addresses that staff signed in from are left out. The export is itself recorded. 403 step_up_required when the person has not shown within ten minutes who they are.",
      tags,
      querystring: blockListQuery,
      response: { 200: z.string() },
      ...({ produces: ["text/plain", "text/csv"] } as object),
    },
    handler: async (request, reply) => {
      const access = requirePersonal(request);
      requirePermission(request, "logs.export");
      requireStepUp(access, deps.clock());
      const { format, jail } = request.query;
      const range = attackRange(access, request.query, deps.clock());
      const proxies = parseTrustedProxies(deps.config.trustedProxies);
      const list = await findBlockList(deps.db, access, range, { proxies, ownIp: request.origin.ip });
      const { slug } = await deps.record.workspace(access.workspaceId);
      await deps.record.write(access.workspaceId, [
        accessEvent(access, request.origin, {
          action: "log.exported",
          details: {
            list: "addresses to block",
            format,
            addresses: list.items.length,
            leftOut: list.leftOut,
            min: range.min,
            minutes: range.minutes,
            from: new Date(range.fromMs).toISOString(),
            to: new Date(range.toMs).toISOString(),
          },
        }),
      ]);
      const day = new Date(deps.clock()).toISOString().slice(0, 10);
      const note = { workspace: slug, madeAt: deps.clock(), request: range, jail };
      return (reply as FastifyReply)
        .type(blockListMediaTypes[format])
        .header("cache-control", "no-store")
        .header(
          "content-disposition",
          `attachment; filename="daybook-${slug}-block-list-${day}.${blockListExtensions[format]}"`,
        )
        .send(formatBlockList(list, format, note));
    },
  });
}

/** Addresses and accounts are personal data, and here they are the whole answer. */
function requirePersonal(request: FastifyRequest): Access {
  const access = requirePermission(request, "logs.read");
  if (!access.sight.personal)
    throw new AppError("forbidden", "Addresses and accounts are shown to those with the permission logs.personal.", {
      extra: { permission: "logs.personal" },
    });
  return access;
}

function attackRange(
  access: Access,
  { from, to, min, minutes }: { from?: string | undefined; to?: string | undefined; min: number; minutes: number },
  nowMs: number,
) {
  const scope = scopeOf(access, { from, to });
  const toMs = scope.toMs ?? nowMs + 1;
  const fromMs = scope.fromMs ?? toMs - attackLimits.daysDefault * DAY_MS;
  if (fromMs >= toMs)
    throw new AppError("invalid_request", "The range ends before it begins.", { extra: { parameter: "to" } });
  return { fromMs, toMs, min, minutes };
}
