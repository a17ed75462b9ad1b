import { eventSchema, limits, listOf, type QueryKey, queryKeyNames } from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission } from "../access/access.ts";
import type { Deps } from "../deps.ts";
import { readFacets } from "./search/facets.ts";
import { type CountedField, countedFieldNames } from "./search/fields.ts";
import { readHistogram } from "./search/histogram.ts";
import { listEvents } from "./search/list.ts";
import { orderQuery, planOf, scopeOf, searchQuery } from "./search/request.ts";
import { SearchEvents } from "./search/search-events.ts";
import { suggestValues } from "./search/suggestions.ts";

const tags = ["events"];
/** Buckets of a histogram at most: as many as a wide screen has room for. */
const BUCKETS_MAX = 500;
/** Values of one field at most. */
const FACET_VALUES_MAX = 100;

const relation = z.enum(["eq", "gte"]).describe("Whether the counts are exact, or at least so many.");
const countedFrom = z
  .string()
  .optional()
  .describe("Not all was counted, only events from this time on; or whole UTC days were, the first begins here.");

const histogramSchema = z.object({
  bucketMs: z.number().int(),
  buckets: z.array(
    z.object({
      start: z.string(),
      total: z.number().int(),
      byOutcome: z.object({ success: z.number().int(), failure: z.number().int(), denied: z.number().int() }),
    }),
  ),
  relation,
  countedFrom,
});

const facetsSchema = z.object({
  facets: z.record(
    z.string(),
    z.array(
      z.object({
        value: z.string().describe("As the query language takes it: actor and target as type/id."),
        label: z.string().optional().describe("A name for it."),
        count: z.number().int(),
      }),
    ),
  ),
  relation,
  capped: z.array(z.string()).describe("The fields whose counts are of the newest events only."),
  countedFrom,
});

const suggestionsSchema = z.object({
  items: z.array(z.object({ value: z.string(), label: z.string().optional(), events: z.number().int().optional() })),
});

const listQuery = z.strictObject({
  ...searchQuery,
  order: orderQuery,
  limit: z.coerce.number().int().min(1).max(limits.pageMax).default(limits.pageDefault),
  cursor: z.string().max(300).optional(),
});

const histogramQuery = z.strictObject({
  ...searchQuery,
  buckets: z.coerce.number().int().min(1).max(BUCKETS_MAX).default(60).describe("At most so many."),
});

const usualFacets: readonly CountedField[] = ["action", "actor", "target", "ip", "country", "outcome", "kind"];

const facetsQuery = z.strictObject({
  ...searchQuery,
  fields: z
    .string()
    .transform((text) => text.split(",").map((field) => field.trim()))
    .pipe(z.array(z.enum(countedFieldNames as [CountedField, ...CountedField[]])).min(1))
    .optional()
    .describe(
      `Names with commas between: ${countedFieldNames.join(", ")}. Left out: ${usualFacets.join(", ")}, without ip for those who may not see it.`,
    ),
  limit: z.coerce.number().int().min(1).max(FACET_VALUES_MAX).default(10),
});

const suggestionsQuery = z.strictObject({
  key: z.enum(queryKeyNames as [QueryKey, ...QueryKey[]]),
  prefix: z.string().max(limits.stringLengthMax).default(""),
  limit: z.coerce.number().int().min(1).max(FACET_VALUES_MAX).default(12),
  workspace: searchQuery.workspace,
});

/** Finding events: the list, its histogram and facets, and values to complete a query with. */
export function registerEventRoutes(app: FastifyInstance, deps: Deps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const searches = new SearchEvents(deps);
  app.addHook("onClose", () => searches.settled());

  routes.route({
    method: "GET",
    url: "/api/v1/events",
    schema: {
      summary: "Find events",
      description:
        "Events that match a query, by the time they happened. `total` is exact where counts are kept, else counted up to 10,000. A search by somebody who is signed in is itself recorded.",
      tags,
      querystring: listQuery,
      response: { 200: listOf(eventSchema) },
    },
    handler: async (request) => {
      const access = requirePermission(request, "logs.read");
      const { order, limit, cursor, q = "", from, to } = request.query;
      const scope = scopeOf(access, { q, from, to });
      if (cursor === undefined) searches.searched(request, access, { q, from, to });
      return listEvents(deps.db, scope, order, limit, cursor);
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/events/histogram",
    schema: {
      summary: "Count events over time",
      description:
        "Buckets of a readable length that cover the range; an open range is that of the log. The first and the last may be cut by it.",
      tags,
      querystring: histogramQuery,
      response: { 200: histogramSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "logs.read");
      const plan = planOf(access, request.query);
      const histogram = await readHistogram(deps.db, plan, request.query.buckets, deps.clock());
      const buckets = histogram.buckets.map(({ startMs, byOutcome: [success = 0, failure = 0, denied = 0] }) => ({
        start: new Date(startMs).toISOString(),
        total: success + failure + denied,
        byOutcome: { success, failure, denied },
      }));
      return { bucketMs: histogram.bucketMs, buckets, relation: histogram.relation, ...since(histogram.fromMs) };
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/events/facets",
    schema: {
      summary: "Count events by value",
      description:
        "The most frequent values of some fields among the matching events. Exact where counts are kept (no query, or one field or outcome alone), else of the newest 10,000 matching events: then `relation` is gte.",
      tags,
      querystring: facetsQuery,
      response: { 200: facetsSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "logs.read");
      const seen = usualFacets.filter((field) => field !== "ip" || access.sight.personal);
      const { fields = seen, limit } = request.query;
      const plan = planOf(access, request.query);
      const found = await readFacets(deps.db, plan, [...new Set(fields)], limit);
      const facets = Object.fromEntries(
        [...found.values].map(([field, values]) => [
          field,
          values.map(({ value, label, events }) => ({ value, ...(label === null ? {} : { label }), count: events })),
        ]),
      );
      const fromMs = found.fromMs ?? found.wholeDays?.fromMs;
      return { facets, relation: found.relation, capped: found.capped, ...since(fromMs) };
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/search/suggestions",
    schema: {
      summary: "Complete a value",
      description: "Values of a key of the query language that the log has and that contain what was typed.",
      tags,
      querystring: suggestionsQuery,
      response: { 200: suggestionsSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "logs.read");
      const { key, prefix, limit } = request.query;
      return { items: await suggestValues(deps.db, access, key, prefix, limit, deps.clock()) };
    },
  });
}

const since = (ms: number | undefined): { countedFrom?: string } =>
  ms === undefined || !Number.isFinite(ms) ? {} : { countedFrom: new Date(ms).toISOString() };
