import { AppError, listOf, redactionCountSchema } from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission } from "../access/access.ts";
import type { Deps } from "../deps.ts";
import { seesEveryEvent } from "./sight.ts";

const DAY_MS = 86_400_000;

/** Days in the answer when none are asked for. */
const DAYS_DEFAULT = 30;

/** A year has at most this many rows a rule; the rules are some twenty. */
const DAYS_MAX = 366;

const day = z.iso.date();

/** How often secrets were redacted before they reached the disk: what shows an operator that redaction works. */
export function registerRedactionRoutes(app: FastifyInstance, deps: Pick<Deps, "db" | "clock">): void {
  app.withTypeProvider<ZodTypeProvider>().route({
    method: "GET",
    url: "/api/v1/redactions",
    schema: {
      summary: "Count redactions",
      description: `By day (UTC, of receipt) and rule, the newest day first. The last ${DAYS_DEFAULT} days unless \`from\` and \`to\` (both included, at most ${DAYS_MAX} days) say otherwise. For those who see every event: the role billing does not.`,
      tags: ["events"],
      querystring: z.strictObject({ from: day.optional(), to: day.optional() }),
      response: { 200: listOf(redactionCountSchema) },
    },
    handler: async (request) => {
      const access = requirePermission(request, "logs.read");
      // The counts are kept of the whole workspace and cannot be told apart by event.
      if (!seesEveryEvent(access.sight))
        throw new AppError("forbidden", "These counts are of every event, and your role does not see every event.");
      const to = request.query.to ?? isoDay(deps.clock());
      const from = request.query.from ?? isoDay(Date.parse(to) - (DAYS_DEFAULT - 1) * DAY_MS);
      const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
      if (days < 1 || days > DAYS_MAX)
        throw new AppError("invalid_request", `\`from\` and \`to\` must span 1 to ${DAYS_MAX} days, not ${days}.`);
      const { rows } = await deps.db.query<{ day: string; rule: string; redactions: string }>(
        `select day::text, rule, redactions from redaction_count
          where workspace_id = $1 and day between $2::date and $3::date order by day desc, redactions desc, rule`,
        [access.workspaceId, from, to],
      );
      const items = rows.map((row) => ({ ...row, redactions: Number(row.redactions) }));
      return { items, nextCursor: null, total: { value: items.length, relation: "eq" as const } };
    },
  });
}

const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
