import type { FastifyInstance, FastifyReply } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission } from "../access/access.ts";
import { accessEvent } from "../access/access-events.ts";
import { requireStepUp } from "../access/step-up.ts";
import type { Deps } from "../deps.ts";
import { type ExportRequest, exportEvents, exportFormats, scopeUpToNow } from "./export/export.ts";
import { ExportEvents } from "./export/export-events.ts";
import { ExportSender } from "./export/send-export.ts";
import { orderQuery, scopeOf, searchQuery } from "./search/request.ts";

const exportQuery = z.strictObject({
  ...searchQuery,
  order: orderQuery,
  format: z.enum(exportFormats).default("ndjson"),
});

/** `GET /api/v1/events/export`: everything that a list finds, as a file. */
export function registerExportRoutes(app: FastifyInstance, deps: Deps): void {
  const sender = new ExportSender(app, deps);
  app.withTypeProvider<ZodTypeProvider>().route({
    method: "GET",
    url: "/api/v1/events/export",
    schema: {
      summary: "Export events",
      description:
        "Streams every event that matches, as the log is now. CSV is UTF-8 with a header, times in UTC, safe to open in a spreadsheet. JSON and NDJSON carry the salts and the leaf hash, so that they can be verified without the server. The export is itself recorded. 403 step_up_required when it would hold personal data and the person has not shown within ten minutes who they are.",
      tags: ["events"],
      querystring: exportQuery,
      response: { 200: z.string() },
      ...({ produces: ["text/csv", "application/json", "application/x-ndjson"] } as object),
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "logs.export");
      if (access.sight.personal) requireStepUp(access, deps.clock());
      const { format, order } = request.query;
      const { slug } = await deps.record.workspace(access.workspaceId);
      const scope = await scopeUpToNow(deps, scopeOf(access, request.query));
      const wanted: ExportRequest = { scope, order, format, slug };
      const recorded = new ExportEvents(deps.record, wanted, (event) => accessEvent(access, request.origin, event));
      const progress = { events: 0 };
      return sender.send(reply as FastifyReply, {
        ...{ name: slug, format, texts: exportEvents(deps.db, wanted, progress) },
        begin: () => recorded.begin(),
        end: (whole) => recorded.end(progress, whole),
      });
    },
  });
}
