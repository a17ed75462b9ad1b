import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission } from "../access/access.ts";
import { accessEvent } from "../access/access-events.ts";
import { requireStepUp } from "../access/step-up.ts";
import type { Deps } from "../deps.ts";
import { type ExportRequest, exportEvents, exportFormats, exportMediaTypes, scopeUpToNow } from "./export/export.ts";
import { ExportEvents } from "./export/export-events.ts";
import { orderQuery, scopeOf, searchQuery } from "./search/request.ts";

const exportQuery = z.strictObject({
  ...searchQuery,
  order: orderQuery,
  format: z.enum(exportFormats).default("ndjson"),
});

/** `GET /api/v1/events/export`: everything that a list finds, as a file. */
export function registerExportRoutes(app: FastifyInstance, deps: Deps): void {
  const ending = new Set<Promise<void>>();
  app.addHook("onClose", async () => void (await Promise.all(ending)));

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
      const events = recordedExport(deps, wanted, recorded, ending);
      // The first chunk before the headers: an export that cannot begin is answered with a problem document.
      const first = await events.next();
      const day = new Date(deps.clock()).toISOString().slice(0, 10);
      return (reply as FastifyReply)
        .type(exportMediaTypes[format])
        .header("cache-control", "no-store")
        .header("content-disposition", `attachment; filename="daybook-${slug}-${day}.${format}"`)
        .send(Readable.from(resumed(first, events), { objectMode: false, highWaterMark: 256 * 1024 }));
    },
  });
}

async function* resumed(first: IteratorResult<string>, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  try {
    if (first.done !== true) yield first.value;
    yield* rest;
  } finally {
    // Also when the client has gone before the rest was begun.
    await rest.return(undefined);
  }
}

/** The export, with its beginning and its end in the record. `ending` holds the ends that are being written. */
async function* recordedExport(
  deps: Deps,
  wanted: ExportRequest,
  recorded: ExportEvents,
  ending: Set<Promise<void>>,
): AsyncGenerator<string> {
  const progress = { events: 0 };
  let whole = false;
  await recorded.begin();
  try {
    yield* exportEvents(deps.db, wanted, progress);
    whole = true;
  } finally {
    const end = recorded
      .end(progress, whole)
      .catch((error: unknown) => deps.log.error({ err: error }, "the end of an export could not be recorded"))
      .finally(() => ending.delete(end));
    ending.add(end);
  }
}
