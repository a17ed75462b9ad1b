import { traceLimits, traceSchema } from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission } from "../access/access.ts";
import type { Deps } from "../deps.ts";
import { searchQuery } from "./search/request.ts";
import { traceEvent } from "./trace.ts";

/** `GET /api/v1/events/:id/trace`: from one event to its request, its session and its neighbours. */
export function registerTraceRoutes(app: FastifyInstance, deps: Deps): void {
  app.withTypeProvider<ZodTypeProvider>().route({
    method: "GET",
    url: "/api/v1/events/:id/trace",
    schema: {
      summary: "What belongs to an event",
      description: `The events of the same request, of the same session around it, and what the same actor did and what happened to the same main target within some minutes; each says why it is there. At most ${traceLimits.eventsOfAReasonMax} of a reason on each side.`,
      tags: ["events"],
      params: z.object({ id: z.guid() }),
      querystring: z.strictObject({
        minutes: z.coerce.number().int().min(1).max(traceLimits.minutesMax).default(traceLimits.minutesDefault),
        workspace: searchQuery.workspace,
      }),
      response: { 200: traceSchema },
    },
    handler: (request) => {
      const access = requirePermission(request, "logs.read");
      return traceEvent(deps.db, access, request.params.id, request.query.minutes);
    },
  });
}
