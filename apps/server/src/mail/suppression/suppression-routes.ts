import {
  AppError,
  limits,
  listOf,
  mailAddress,
  newSuppressionSchema,
  type SuppressionReason,
  suppressionReasons,
  suppressionSchema,
} from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission } from "../../access/access.ts";
import { accessEvent } from "../../access/access-events.ts";
import type { Deps } from "../../deps.ts";
import { listSuppressions } from "./suppression-list.ts";
import { addSuppression, findSuppression, removeSuppression } from "./suppression-store.ts";
import { suppressionTargets, tellSuppressions } from "./suppression-teller.ts";

const tags = ["mail"];
const params = z.object({ address: mailAddress });
const reasons = z
  .string()
  .max(200)
  .transform((text) => text.split(","))
  .pipe(z.array(z.enum(suppressionReasons)))
  .optional()
  .describe(`Of ${suppressionReasons.join(", ")}, with commas.`);

/** The addresses that get no mail: those that bounced or complained, and those that somebody put there. */
export function registerSuppressionRoutes(
  app: FastifyInstance,
  deps: Pick<Deps, "db" | "clock" | "record" | "log">,
): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "GET",
    url: "/api/v1/mail/suppressions",
    schema: {
      summary: "List the addresses that get no mail",
      description: "The newest first. Without the permission logs.personal addresses are masked and not searched.",
      tags,
      querystring: z.strictObject({
        q: z.string().max(limits.queryLengthMax).optional().describe("A part of the address or of the note."),
        reason: reasons,
        limit: z.coerce.number().int().min(1).max(limits.pageMax).default(limits.pageDefault),
        cursor: z.string().max(200).optional(),
      }),
      response: { 200: listOf(suppressionSchema) },
    },
    handler: (request) => {
      const access = requirePermission(request, "mail.read");
      const personal = access.permissions.has("logs.personal");
      return listSuppressions(deps.db, access.workspaceId, { ...request.query, personal });
    },
  });

  routes.route({
    method: "PUT",
    url: "/api/v1/mail/suppressions/:address",
    schema: {
      summary: "Send no mail to an address",
      description:
        "From now on mails to it are `suppressed`. An address that is on the list gets the reason and note given.",
      tags,
      params,
      body: newSuppressionSchema,
      response: { 200: suppressionSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "mail.write");
      const { address } = request.params;
      const { reason, note }: { reason: SuppressionReason; note?: string | undefined } = request.body;
      const { actor, origin } = accessEvent(access, request.origin, { action: "mail.suppression.added" });
      await addSuppression(deps.db, access.workspaceId, {
        ...{ address, reason, note, actor, origin },
        byName: access.name,
        atMs: deps.clock(),
        replace: true,
      });
      await tellSuppressions(deps);
      const kept = await findSuppression(deps.db, access.workspaceId, address);
      if (kept === undefined) throw new AppError("conflict", `${address} was taken from the list meanwhile.`);
      return kept;
    },
  });

  routes.route({
    method: "DELETE",
    url: "/api/v1/mail/suppressions/:address",
    schema: {
      summary: "Send mail to an address again",
      description: "Mails that were suppressed meanwhile are not sent; they can be resent.",
      tags,
      params,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "mail.write");
      const removed = await removeSuppression(deps.db, access.workspaceId, request.params.address);
      if (removed === undefined)
        throw new AppError("not_found", `${request.params.address} is not on the suppression list.`);
      const { address, reason, messageId, at } = removed;
      const event = accessEvent(access, request.origin, {
        action: "mail.suppression.removed",
        targets: suppressionTargets(address, messageId),
        reason,
        details: { suppressedAt: at },
      });
      await deps.record.write(access.workspaceId, [event]);
      reply.code(204).send(null);
    },
  });
}
