import { AppError, mailAddressPageSchema, mailStatsSchema } from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission } from "../../access/access.ts";
import type { Deps } from "../../deps.ts";
import { addressKey } from "../mail-row.ts";
import { readAddressPage } from "./address-page.ts";
import { readMailStats } from "./mail-stats.ts";

const tags = ["mail"];
const DAY_MS = 86_400_000;
const DAYS_DEFAULT = 7;
/** Ten years: more bars of a year each say nothing. */
const DAYS_MAX = 3_660;
const BUCKETS_DEFAULT = 84;
const BUCKETS_MAX = 500;

/** Delivery in figures, and everything about one address. */
export function registerMailStatsRoutes(app: FastifyInstance, deps: Deps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "GET",
    url: "/api/v1/mail/stats",
    schema: {
      summary: "Delivery by time, template and domain",
      description:
        "Of the mails that were queued within the range, what became of them until now, by the hour; the twenty domains with the most mails; and what waits now. Left out, the range is the last seven days.",
      tags,
      querystring: z.strictObject({
        from: z.iso.datetime({ offset: true }).optional(),
        to: z.iso.datetime({ offset: true }).optional(),
        buckets: z.coerce.number().int().min(1).max(BUCKETS_MAX).default(BUCKETS_DEFAULT).describe("At most so many."),
        template: z.string().max(2_000).optional().describe("Names with commas."),
        domain: z.string().max(254).optional(),
      }),
      response: { 200: mailStatsSchema },
    },
    handler: async (request) => {
      const { workspaceId } = requirePermission(request, "mail.read");
      const { from, to, buckets, template, domain } = request.query;
      const toMs = to === undefined ? deps.clock() : Date.parse(to);
      const fromMs = from === undefined ? toMs - DAYS_DEFAULT * DAY_MS : Date.parse(from);
      if (fromMs >= toMs) throw new AppError("invalid_request", "from must be before to.");
      if (toMs - fromMs > DAYS_MAX * DAY_MS)
        throw new AppError("invalid_request", `The range must not be longer than ${DAYS_MAX} days.`);
      const templates = template?.split(",").map((name) => name.trim());
      return readMailStats(deps.db, {
        workspaceId,
        fromMs,
        toMs,
        buckets,
        templates,
        domain: domain === undefined ? undefined : addressKey(domain).replace(/^@/, ""),
      });
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/mail/addresses/:address",
    schema: {
      summary: "Read everything about an address",
      description:
        "Why did it not get the mail? Totals, the suppression list, the health of its domain over 30 days, and `answer`: a sentence about the last mail. Its mails are the list with address=. Needs the permission logs.personal.",
      tags,
      params: z.object({ address: z.string().min(3).max(254) }),
      response: { 200: mailAddressPageSchema },
    },
    handler: async (request) => {
      const { workspaceId } = requirePermission(request, "mail.read");
      requirePermission(request, "logs.personal");
      return readAddressPage(deps.db, workspaceId, request.params.address, deps.clock());
    },
  });
}
