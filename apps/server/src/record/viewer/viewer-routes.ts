import { AppError, limits, listOf, parseQuery, viewerEventSchema, viewerMeSchema } from "@daybook/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Deps } from "../../deps.ts";
import type { LiveLogs } from "../live/live-logs.ts";
import { openStream } from "../live/open-stream.ts";
import { orderQuery, scopeOf, searchQuery } from "../search/request.ts";
import { queryKeysOf } from "./customer-condition.ts";
import { customerLens } from "./customer-lens.ts";
import { type ViewerAccess, ViewerGate } from "./viewer-access.ts";
import { eventForViewer, facetsForViewer, listForViewer } from "./viewer-events.ts";

const tags = ["viewer"];
/** Streams of one token: as many pages as one customer has open. */
const STREAMS_A_TOKEN = 8;

const token = z.string().max(200).optional().describe("The viewer token, where no header can be sent.");
const { q, from, to } = searchQuery;
const words = { q, from, to, token };

const facetsSchema = z.object({
  facets: z.record(
    z.string(),
    z.array(z.object({ value: z.string(), label: z.string().optional(), count: z.number().int() })),
  ),
  relation: z.enum(["eq", "gte"]).describe("gte: of the newest 2,000 events only."),
});

/** What the holder of a viewer token reads. No key and no session opens these routes, and a viewer token opens no other. */
export function registerViewerRoutes(app: FastifyInstance, deps: Deps, live: LiveLogs): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const gate = new ViewerGate(deps);
  const streams = new Map<string, number>();

  routes.route({
    method: "GET",
    url: "/api/v1/viewer/me",
    schema: {
      summary: "What a viewer token shows",
      tags,
      querystring: z.strictObject({ token }),
      response: { 200: viewerMeSchema },
    },
    handler: async (request) => {
      const { token, sight } = await gate.open(request);
      return {
        expiresAt: new Date(token.expiresAtMs).toISOString(),
        scope: token.scope,
        hiddenFields: token.hiddenFields,
        queryKeys: queryKeysOf(sight.customer),
        workspace: { name: token.workspaceName },
      };
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/viewer/events",
    schema: {
      summary: "A customer's events",
      description: "What is in the scope of the token and meant for customers, the newest first.",
      tags,
      querystring: z.strictObject({
        ...words,
        order: orderQuery,
        limit: z.coerce.number().int().min(1).max(limits.pageMax).default(limits.pageDefault),
        cursor: z.string().max(500).optional(),
      }),
      response: { 200: listOf(viewerEventSchema) },
    },
    handler: async (request) => {
      const access = await gate.open(request);
      return listForViewer(deps.db, access, scopeOf(access, request.query), request.query);
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/viewer/events/facets",
    schema: {
      summary: "Count a customer's events by value",
      tags,
      querystring: z.strictObject({ ...words, limit: z.coerce.number().int().min(1).max(50).default(10) }),
      response: { 200: facetsSchema },
    },
    handler: async (request) => {
      const access = await gate.open(request);
      return facetsForViewer(deps.db, access, scopeOf(access, request.query), request.query.limit);
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/viewer/events/stream",
    schema: {
      summary: "Follow a customer's events",
      description: "Server-sent events. The ids are sealed for the token; Last-Event-ID resumes without a gap.",
      tags,
      querystring: z.strictObject({ q, token, lastEventId: z.string().max(500).optional() }),
      response: { 200: z.string() },
      ...({ produces: ["text/event-stream"] } as object),
    },
    handler: async (request, reply) => {
      const access = await gate.open(request);
      const { id, expiresAtMs } = access.token;
      const lens = customerLens(parseQuery(request.query.q ?? ""), access);
      const resumed = resumedAt(request, access, request.query.lastEventId);
      const open = streams.get(id) ?? 0;
      if (open >= STREAMS_A_TOKEN) {
        const detail = `${STREAMS_A_TOKEN} streams are open with this token; close one.`;
        throw new AppError("too_many_requests", detail, { retryAfterSeconds: 10 });
      }
      streams.set(id, open + 1);
      let closed = false;
      const onClose = (): void => {
        if (closed) return;
        closed = true;
        const left = (streams.get(id) ?? 1) - 1;
        if (left > 0) streams.set(id, left);
        else streams.delete(id);
      };
      const { workspaceId } = access;
      const lifeMs = Math.max(0, expiresAtMs - deps.clock());
      const mayGoOn = (): Promise<boolean> => gate.isAlive(access.token);
      try {
        await openStream(live, reply, { workspaceId, lens, resumed, lifeMs, mayGoOn, onClose });
      } catch (error) {
        onClose();
        throw error;
      }
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/viewer/events/:id",
    schema: {
      summary: "One of a customer's events",
      tags,
      params: z.object({ id: z.guid() }),
      querystring: z.strictObject({ token }),
      response: { 200: viewerEventSchema },
    },
    handler: async (request) => {
      const access = await gate.open(request);
      const { id } = request.params;
      return eventForViewer(deps.db, access, scopeOf(access, { q: `id:${id}` }), id);
    },
  });

  routes.route({
    method: "OPTIONS",
    url: "/api/v1/viewer/*",
    schema: { hide: true } as object,
    handler: async (_request, reply) =>
      reply
        .code(204)
        .headers({
          "access-control-allow-methods": "GET",
          "access-control-allow-headers": "authorization, last-event-id",
          "access-control-max-age": "86400",
        })
        .send(),
  });
}

/** The place after which a stream goes on; only one that was sealed for this token. */
function resumedAt(request: FastifyRequest, { seal }: ViewerAccess, named: string | undefined): number | undefined {
  const text = request.headers["last-event-id"] ?? named;
  if (text === undefined || text === "") return undefined;
  const place = typeof text === "string" ? seal.open(text) : undefined;
  if (place !== undefined && /^\d{1,15}$/.test(place)) return Number(place);
  throw new AppError("invalid_request", "Last-Event-ID is the id of an event of a stream with this token.");
}
