import { Readable } from "node:stream";
import { mailFilter } from "@daybook/contract";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission } from "../../access/access.ts";
import { accessEvent } from "../../access/access-events.ts";
import { requireStepUp } from "../../access/step-up.ts";
import type { Deps } from "../../deps.ts";
import { exportFormats, exportMediaTypes } from "../../record/export/export.ts";
import { checkSearchable } from "./mail-condition.ts";
import { exportMails, type MailExport, MailExportEvents } from "./mail-export.ts";
import { forSight, seesPersonal } from "./mail-sight.ts";

/** `GET /api/v1/mail/messages/export`: every mail that a filter finds, as a file. */
export function registerMailExportRoutes(app: FastifyInstance, deps: Deps): void {
  const ending = new Set<Promise<void>>();
  app.addHook("onClose", async () => void (await Promise.all(ending)));

  app.withTypeProvider<ZodTypeProvider>().route({
    method: "GET",
    url: "/api/v1/mail/messages/export",
    schema: {
      summary: "Export mails",
      description:
        "Streams every mail that a list with the same filters finds, without what the mails said. CSV is UTF-8 with a header, times in UTC, safe to open in a spreadsheet. The export is itself recorded. 403 step_up_required when it would hold personal data and the person has not shown within ten minutes who they are.",
      tags: ["mail"],
      querystring: z.strictObject({ ...mailFilter, format: z.enum(exportFormats).default("csv") }),
      response: { 200: z.string() },
      ...({ produces: ["text/csv", "application/json", "application/x-ndjson"] } as object),
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "mail.read");
      requirePermission(request, "logs.export");
      const personal = seesPersonal(access);
      if (personal) requireStepUp(access, deps.clock());
      const { format, ...filter } = request.query;
      checkSearchable(filter, personal);
      const { workspaceId } = access;
      const { slug } = await deps.record.workspace(workspaceId);
      const wanted: MailExport = { workspaceId, filter, format, personal, show: (mail) => forSight(access, mail) };
      const events = new MailExportEvents(deps.record, wanted, (event) => accessEvent(access, request.origin, event));
      const text = recordedExport(deps, wanted, events, ending);
      // The first chunk before the headers: an export that cannot begin is answered with a problem document.
      const first = await text.next();
      const day = new Date(deps.clock()).toISOString().slice(0, 10);
      return (reply as FastifyReply)
        .type(exportMediaTypes[format])
        .header("cache-control", "no-store")
        .header("content-disposition", `attachment; filename="daybook-${slug}-mail-${day}.${format}"`)
        .send(Readable.from(resumed(first, text), { objectMode: false, highWaterMark: 256 * 1024 }));
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
  wanted: MailExport,
  events: MailExportEvents,
  ending: Set<Promise<void>>,
): AsyncGenerator<string> {
  const progress = { mails: 0 };
  let whole = false;
  await events.begin();
  try {
    yield* exportMails(deps.db, wanted, progress);
    whole = true;
  } finally {
    const end = events
      .end(progress, whole)
      .catch((error: unknown) => deps.log.error({ err: error }, "the end of an export could not be recorded"))
      .finally(() => ending.delete(end));
    ending.add(end);
  }
}
