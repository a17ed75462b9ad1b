import { AppError, parseQuery } from "@daybook/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission } from "../access/access.ts";
import { accessHolds } from "../access/access-holds.ts";
import type { Deps } from "../deps.ts";
import { staffLens } from "./live/lens.ts";
import type { LiveLogs } from "./live/live-logs.ts";
import { openStream } from "./live/open-stream.ts";
import { searchQuery } from "./search/request.ts";

const streamQuery = z.strictObject({
  q: searchQuery.q,
  workspace: searchQuery.workspace,
  lastEventId: z
    .string()
    .optional()
    .describe("As the header Last-Event-ID, for a first request: events after this place in the log come first."),
});

/** `GET /api/v1/events/stream`: new events as they are stored, as server-sent events. */
export function registerStreamRoutes(
  app: FastifyInstance,
  deps: Pick<Deps, "db" | "clock" | "settings">,
  live: LiveLogs,
): void {
  app.withTypeProvider<ZodTypeProvider>().route({
    method: "GET",
    url: "/api/v1/events/stream",
    schema: {
      summary: "Follow events",
      description:
        "Server-sent events (text/event-stream): each new event that matches the query, as JSON in `data`, its place in the log in `id`. With Last-Event-ID the stream goes on after that place, without a gap. It ends after 15 minutes at the latest, and within 15 seconds of the end of the key or session that opened it; clients resume.",
      tags: ["events"],
      querystring: streamQuery,
      response: { 200: z.string() },
      ...({ produces: ["text/event-stream"] } as object),
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "logs.read");
      const { workspaceId, sight } = access;
      const lens = staffLens(parseQuery(request.query.q ?? ""), sight);
      const resumed = lastEventId(request, request.query.lastEventId);
      await openStream(live, reply, { workspaceId, lens, resumed, mayGoOn: () => accessHolds(deps, access) });
    },
  });
}

function lastEventId(request: FastifyRequest, named: string | undefined): number | undefined {
  const text = request.headers["last-event-id"] ?? named;
  if (text === undefined || text === "") return undefined;
  if (typeof text === "string" && /^\d{1,15}$/.test(text)) return Number(text);
  throw new AppError("invalid_request", "Last-Event-ID is the id of an event of this stream: a whole number.");
}
