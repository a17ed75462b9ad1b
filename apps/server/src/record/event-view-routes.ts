import { AppError, type Event, eventSchema, type InclusionProof, inclusionProofSchema } from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission } from "../access/access.ts";
import type { Deps } from "../deps.ts";
import { eventSelect, rowFromPg } from "./event-row.ts";
import { leafHashOf } from "./leaf.ts";
import { Parameters } from "./search/parameters.ts";
import { planOf, type Searcher, searchQuery } from "./search/request.ts";
import { SearchEvents } from "./search/search-events.ts";
import { seenEvent } from "./seen-event.ts";

const provenEventSchema = eventSchema.extend({
  proof: inclusionProofSchema.optional().describe("That the event is in the log of the signed checkpoint."),
  proofFault: z.string().optional().describe("Why there is no proof, or why it does not fit the stored event."),
});

export interface ProvenEvent extends Event {
  proof?: InclusionProof;
  proofFault?: string;
}

/** `GET /api/v1/events/:id`: one event in full, with the proof that it is in the log. */
export function registerEventViewRoutes(app: FastifyInstance, deps: Deps): void {
  const readings = new SearchEvents(deps);
  app.addHook("onClose", () => readings.settled());
  app.withTypeProvider<ZodTypeProvider>().route({
    method: "GET",
    url: "/api/v1/events/:id",
    schema: {
      summary: "One event with its proof",
      description:
        "`leafHash` is computed from the stored event, `proof.leafHash` is the one in the tree; that they are equal and lead to the root of the signed checkpoint shows that the event is as it was recorded.",
      tags: ["events"],
      params: z.object({ id: z.guid() }),
      querystring: z.strictObject({
        workspace: searchQuery.workspace,
        reveal: z
          .literal("personal")
          .optional()
          .describe("Says that the personal fields are being opened: needs logs.personal, and is itself recorded."),
      }),
      response: { 200: provenEventSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "logs.read");
      const revealing = request.query.reveal === "personal";
      if (revealing && !access.sight.personal) {
        const detail = "Personal fields cannot be opened without the permission logs.personal.";
        throw new AppError("forbidden", detail, { extra: { permission: "logs.personal" } });
      }
      const event = await viewEvent(deps, access, request.params.id);
      if (revealing) readings.viewedPersonal(request, access, event);
      return event;
    },
  });
}

/** One event with its leaf hash and proof. A fault of the log is said, not thrown. Throws not_found. */
export async function viewEvent(
  deps: Pick<Deps, "db" | "record" | "checkpoints">,
  searcher: Searcher,
  id: string,
): Promise<ProvenEvent> {
  const { workspaceId } = searcher;
  const plan = planOf(searcher, { q: `id:${id}` });
  const parameters = new Parameters();
  const { rows } = await deps.db.query(
    `select ${eventSelect} from event where ${plan.rangeSql(parameters)} and ${plan.querySql(parameters, false)} order by seq limit 1`,
    parameters.values,
  );
  if (rows[0] === undefined) throw new AppError("not_found", `There is no event ${id}.`);
  const row = rowFromPg(rows[0]);
  const { slug } = await deps.record.workspace(workspaceId);
  const event: ProvenEvent = { ...seenEvent(row, searcher.sight), leafHash: leafHashOf(row, slug) };
  try {
    const proof = await deps.checkpoints.prove(workspaceId, row.seq);
    // With the salts anybody could try out which addresses fit the commitments.
    event.proof = { ...proof, workspace: slug, ...(searcher.sight.personal ? { salts: row.salts } : {}) };
    if (event.proof.leafHash !== event.leafHash) {
      event.proofFault = "The stored event is not the one that was recorded: its leaf differs from the log's.";
    }
  } catch (error) {
    event.proofFault = (error as Error).message;
  }
  return event;
}
