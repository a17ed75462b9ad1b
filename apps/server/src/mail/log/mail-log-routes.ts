import { Readable } from "node:stream";
import { limits, listOf, mailContentSchema, mailDetailSchema, mailFilter, mailMessageSchema } from "@daybook/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { type Access, requirePermission } from "../../access/access.ts";
import type { Deps } from "../../deps.ts";
import { toMail } from "../mail-row.ts";
import { readContent } from "./mail-content.ts";
import { mailInFull } from "./mail-detail.ts";
import { listMails } from "./mail-list.ts";
import { MailOpenings, type Opened } from "./mail-openings.ts";
import { contentForSight, detailForSight, forSight, seesPersonal } from "./mail-sight.ts";
import { sourceOf } from "./mail-source.ts";
import { readMail } from "./mail-store.ts";

const tags = ["mail"];
const params = z.object({ id: z.guid() });

/** The mail log: what was sent to whom, what became of it, what it said. */
export function registerMailLogRoutes(app: FastifyInstance, deps: Deps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const openings = new MailOpenings(deps);

  routes.route({
    method: "GET",
    url: "/api/v1/mail/messages",
    schema: {
      summary: "List mails",
      description:
        "The newest first. Without the permission logs.personal recipients and addresses in texts are masked, and cannot be searched for.",
      tags,
      querystring: z.strictObject({
        ...mailFilter,
        limit: z.coerce.number().int().min(1).max(limits.pageMax).default(limits.pageDefault),
        cursor: z.string().max(200).optional(),
      }),
      response: { 200: listOf(mailMessageSchema) },
    },
    handler: async (request) => {
      const access = requirePermission(request, "mail.read");
      const { limit, cursor, ...filter } = request.query;
      const question = { filter, limit, cursor, personal: seesPersonal(access) };
      const page = await listMails(deps.db, access.workspaceId, question);
      const items = page.rows.map((row) => forSight(access, toMail(row)));
      return { items, nextCursor: page.nextCursor, total: page.total };
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/mail/messages/:id",
    schema: {
      summary: "Read a mail",
      description: "What happened to it with the events of the log, its attempts, and how it was sent again.",
      tags,
      params,
      response: { 200: mailDetailSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "mail.read");
      const row = await readMail(deps.db, access.workspaceId, request.params.id);
      return detailForSight(access, await mailInFull(deps.db, row));
    },
  });

  /** What a mail said, once it is on record that somebody looks at it. */
  const open = async (request: FastifyRequest, access: Access, id: string, what: Opened) => {
    const row = await readMail(deps.db, access.workspaceId, id);
    const content = await readContent(deps.db, access.workspaceId, id);
    await openings.note(access, request.origin, row, what);
    return contentForSight(access, content);
  };

  routes.route({
    method: "GET",
    url: "/api/v1/mail/messages/:id/content",
    schema: {
      summary: "Open what a mail said",
      description:
        "Headers, HTML, text and variables, with one-time links and codes masked. That it was opened is put on record (mail.opened), once in ten minutes for the same person and mail. Show the HTML in a sandboxed frame only.",
      tags,
      params,
      response: { 200: mailContentSchema },
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "mail.body");
      const content = await open(request, access, request.params.id, "content");
      reply.header("cache-control", "no-store");
      return content;
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/mail/messages/:id/source",
    schema: {
      summary: "Download a mail as a file",
      description:
        "message/rfc822, made again of what is kept: one-time links and codes are masked, a note stands in place of each attachment. On record as the opening of its content is.",
      tags,
      params,
      response: { 200: z.string() },
      ...({ produces: ["message/rfc822"] } as object),
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "mail.body");
      const { id } = request.params;
      const source = await sourceOf(await open(request, access, id, "source"));
      return (reply as FastifyReply)
        .type("message/rfc822")
        .header("cache-control", "no-store")
        .header("x-content-type-options", "nosniff")
        .header("content-disposition", `attachment; filename="mail-${id}.eml"`)
        .send(Readable.from([source], { objectMode: false }));
    },
  });
}
