import { mailFilter } from "@daybook/contract";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission } from "../../access/access.ts";
import { accessEvent } from "../../access/access-events.ts";
import { requireStepUp } from "../../access/step-up.ts";
import type { Deps } from "../../deps.ts";
import { exportFormats } from "../../record/export/export.ts";
import { ExportSender } from "../../record/export/send-export.ts";
import { checkSearchable } from "./mail-condition.ts";
import { exportMails, type MailExport, MailExportEvents } from "./mail-export.ts";
import { forSight, seesPersonal } from "./mail-sight.ts";

/** `GET /api/v1/mail/messages/export`: every mail that a filter finds, as a file. */
export function registerMailExportRoutes(app: FastifyInstance, deps: Deps): void {
  const sender = new ExportSender(app, deps);
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
      const progress = { mails: 0 };
      return sender.send(reply as FastifyReply, {
        ...{ name: `${slug}-mail`, format, texts: exportMails(deps.db, wanted, progress) },
        begin: () => events.begin(),
        end: (whole) => events.end(progress, whole),
      });
    },
  });
}
