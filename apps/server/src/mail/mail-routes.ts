import { AppError, mailMessageSchema, mailReportSchema, newMailSchema, newResendSchema } from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission } from "../access/access.ts";
import { accessEvent } from "../access/access-events.ts";
import { inTransaction } from "../db/transaction.ts";
import type { Deps } from "../deps.ts";
import { InFlight } from "../record/in-flight.ts";
import { doerOf } from "../tasks/task-routes.ts";
import { forSight } from "./log/mail-sight.ts";
import { readMail } from "./log/mail-store.ts";
import { toMail } from "./mail-row.ts";
import { reportMail } from "./report-mail.ts";
import { isElsewhere } from "./resend-mail.ts";

const tags = ["mail"];
const params = z.object({ id: z.guid() });

/** A mail with 10 MB of attachments: base64 adds a third, and its texts up to a megabyte. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** Large bodies under way together: a mail is in memory several times over while its bytes are made. */
const LARGE_BYTES_MAX = 2 * BODY_BYTES_MAX;
/** Bodies up to this are not counted: mails without files get in while others use up the memory for large ones. */
const SMALL_BYTES_MAX = 1024 * 1024;

/** Mails: sent, reported, sent once more. */
export function registerMailRoutes(app: FastifyInstance, deps: Deps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const large = new InFlight(LARGE_BYTES_MAX);

  routes.route({
    method: "POST",
    url: "/api/v1/mail/messages",
    bodyLimit: BODY_BYTES_MAX,
    // Before the body is read: nobody sends megabytes who may not send mail, and not too many do at once.
    onRequest: async (request, reply) => {
      requirePermission(request, "mail.send");
      const bytes = Number(request.headers["content-length"] ?? 0);
      if (!(bytes > SMALL_BYTES_MAX && bytes <= BODY_BYTES_MAX)) return;
      large.take(bytes);
      reply.raw.once("close", () => large.give(bytes));
    },
    schema: {
      summary: "Send a mail, or report one that was sent elsewhere",
      description:
        "By a template with data, or with a subject, HTML and text of its own. It is queued when this answers. The same `key` again (or header `Idempotency-Key`) answers 200 with the mail that is there. `delivery: external` records a mail that the panel sends itself.",
      tags,
      body: newMailSchema,
      response: { 200: mailMessageSchema, 202: mailMessageSchema },
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "mail.send");
      const key = keyIn(request.body.key, request.headers["idempotency-key"]);
      const order = { ...request.body, ...(key === undefined ? {} : { key }) };
      const { message, made } = await deps.mail.send(access.workspaceId, order, doerOf(request, access));
      reply.code(made ? 202 : 200);
      return forSight(access, message);
    },
  });

  routes.route({
    method: "PATCH",
    url: "/api/v1/mail/messages/:id",
    schema: {
      summary: "Report what became of a mail that the panel sent itself",
      description:
        "Reports may come twice and in any order: one that says nothing new changes nothing. After a bounce for good, or a complaint, the address is on the suppression list.",
      tags,
      params,
      body: mailReportSchema,
      response: { 200: mailMessageSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "mail.send");
      const { status, at, class: mailClass, answer } = request.body;
      const { id } = request.params;
      const message = toMail(await readMail(deps.db, access.workspaceId, id));
      if (message.delivery === "daybook" || message.delivery === "relay")
        throw new AppError("conflict", "Daybook delivers this mail and knows itself what becomes of it.");
      const report = {
        ...{ status, class: mailClass, answer, ...doerOf(request, access) },
        atMs: at === undefined ? undefined : Date.parse(at),
      };
      const { row } = await inTransaction(deps.db, (client) =>
        reportMail(client, deps, access.workspaceId, id, report),
      );
      return forSight(access, toMail(row));
    },
  });

  routes.route({
    method: "POST",
    url: "/api/v1/mail/messages/:id/resends",
    schema: {
      summary: "Send a mail once more",
      description:
        "To the same address, or to another one by whoever may open what it said (mail.body), as a new mail that names the first. 409 mail_not_resendable if what it said is not known in full: one-time links and codes are masked in what is kept, attachments are not kept. The same `key` again (or header `Idempotency-Key`) answers 200 with the mail that is there.",
      tags,
      params,
      body: newResendSchema,
      response: { 200: mailMessageSchema, 202: mailMessageSchema },
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "mail.send");
      const { id } = request.params;
      const doer = doerOf(request, access);
      // Whoever can send a mail to themselves reads it.
      if (isElsewhere(await readMail(deps.db, access.workspaceId, id), request.body.to))
        requirePermission(request, "mail.body");
      const key = keyIn(request.body.key, request.headers["idempotency-key"]);
      const wish = { to: request.body.to, key };
      const { message, made } = await deps.mail.resend(access.workspaceId, id, wish, doer);
      reply.code(made ? 202 : 200);
      if (!made) return forSight(access, message);
      const event = accessEvent(access, request.origin, {
        action: "mail.resent",
        targets: [{ type: "mail", id, name: message.to.address }],
        details: {
          newMessageId: message.id,
          ...(message.template === undefined ? {} : { template: message.template }),
        },
      });
      await deps.record.write(access.workspaceId, [event]);
      return forSight(access, message);
    },
  });
}

/** The key of a call, from its body or its header. Throws `invalid_request` if they differ. */
function keyIn(body: string | undefined, header: string | string[] | undefined): string | undefined {
  if (header === undefined) return body;
  const read = newMailSchema.shape.key.safeParse(header);
  if (!read.success)
    throw new AppError("invalid_request", "The header Idempotency-Key is empty, sent twice or too long.");
  if (body !== undefined && body !== read.data)
    throw new AppError("invalid_request", "`key` and the header Idempotency-Key differ: send one of them.");
  return read.data;
}
