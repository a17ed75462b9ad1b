import { AppError, parseQuery } from "@daybook/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requireScope } from "../access/access.ts";
import type { Deps } from "../deps.ts";
import { staffLens } from "./live/lens.ts";
import { LiveLogs } from "./live/live-logs.ts";
import { Viewer } from "./live/viewer.ts";
import { searchQuery } from "./search/request.ts";

/** A stream ends after this long, so that a key or session that was withdrawn stops reading; clients resume by themselves. */
const STREAM_MS_MAX = 15 * 60_000;
/** How long a browser waits before it comes back. */
const RETRY_MS = 1_000;

const streamQuery = z.strictObject({
  q: searchQuery.q,
  workspace: searchQuery.workspace,
  lastEventId: z
    .string()
    .optional()
    .describe("As the header Last-Event-ID, for a first request: events after this place in the log come first."),
});

/** `GET /api/v1/events/stream`: new events as they are stored, as server-sent events. */
export function registerStreamRoutes(app: FastifyInstance, deps: Pick<Deps, "db" | "log" | "clock">): void {
  const live = new LiveLogs(deps);
  app.addHook("preClose", () => live.close());

  app.withTypeProvider<ZodTypeProvider>().route({
    method: "GET",
    url: "/api/v1/events/stream",
    schema: {
      summary: "Follow events",
      description:
        "Server-sent events (text/event-stream): each new event that matches the query, as JSON in `data`, its place in the log in `id`. With Last-Event-ID the stream goes on after that place, without a gap. It ends after 15 minutes at the latest; clients resume.",
      tags: ["events"],
      querystring: streamQuery,
      response: { 200: z.string() },
      ...({ produces: ["text/event-stream"] } as object),
    },
    handler: async (request, reply) => {
      const { workspaceId, sight } = requireScope(request, "events:read");
      const lens = staffLens(parseQuery(request.query.q ?? ""), sight);
      const resumed = lastEventId(request, request.query.lastEventId);
      live.checkRoom();
      const size = await live.size(workspaceId);
      reply.hijack();
      const response = reply.raw;
      response.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache, no-transform",
        "x-accel-buffering": "no",
      });
      response.write(`retry: ${RETRY_MS}\n\n`);
      const seq = Math.min(resumed ?? size, size);
      const viewer = new Viewer({ response, lens, seq, onReady: () => live.ready(workspaceId, viewer) });
      const end = setTimeout(() => viewer.end(), STREAM_MS_MAX);
      response.on("close", () => {
        clearTimeout(end);
        live.remove(workspaceId, viewer);
      });
      if (response.destroyed) clearTimeout(end);
      else live.add(workspaceId, viewer, size);
    },
  });
}

function lastEventId(request: FastifyRequest, named: string | undefined): number | undefined {
  const text = request.headers["last-event-id"] ?? named;
  if (text === undefined || text === "") return undefined;
  if (typeof text === "string" && /^\d{1,15}$/.test(text)) return Number(text);
  throw new AppError("invalid_request", "Last-Event-ID is the id of an event of this stream: a whole number.");
}
