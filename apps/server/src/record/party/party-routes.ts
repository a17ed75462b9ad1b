import { limits, type PartyKind, partySchema } from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission } from "../../access/access.ts";
import type { Deps } from "../../deps.ts";
import { searchQuery } from "../search/request.ts";
import { readParty } from "./party.ts";
import { partyName } from "./party-query.ts";

const text = z.string().min(1).max(limits.stringLengthMax);
const querystring = z.strictObject({ workspace: searchQuery.workspace });

/** `GET /api/v1/actors/:type/:id`, `/targets/:type/:id`, `/addresses/:ip`: who or what something is, and what it did. */
export function registerPartyRoutes(app: FastifyInstance, deps: Deps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const described =
    "Latest name, first and last event, counts by outcome and by day, the most frequent values, and related ones. Counts by day are exact where they are kept.";

  for (const kind of ["actor", "target"] as const satisfies PartyKind[]) {
    routes.route({
      method: "GET",
      url: `/api/v1/${kind}s/:type/:id`,
      schema: {
        summary: kind === "actor" ? "Who an actor is and what they did" : "What a target is and what happened to it",
        description: `${described} Ids with a slash are written with %2F.${kind === "actor" ? " For an actor without an id: the e-mail address or name." : ""}`,
        tags: ["parties"],
        params: z.object({ type: text.max(100), id: text }),
        querystring,
        response: { 200: partySchema },
      },
      handler: (request) => {
        const access = requirePermission(request, "logs.read");
        return readParty(deps, access, partyName(kind, request.params.type, request.params.id));
      },
    });
  }

  routes.route({
    method: "GET",
    url: "/api/v1/addresses/:ip",
    schema: {
      summary: "What an IP address is and what came from it",
      description: `${described} Country and network also of an address that the log does not have.`,
      tags: ["parties"],
      params: z.object({ ip: text.max(64) }),
      querystring,
      response: { 200: partySchema },
    },
    handler: (request) => {
      const access = requirePermission(request, "logs.read");
      return readParty(deps, access, partyName("address", "", request.params.ip));
    },
  });
}
