import { AppError, viewerMailSchema } from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Deps } from "../../deps.ts";
import { type ViewerAccess, ViewerGate } from "../../record/viewer/viewer-access.ts";
import { listCustomerMails, titlesOf } from "./customer-mail-store.ts";
import { shownMail } from "./customer-mails.ts";

const PAGE_DEFAULT = 10;
const PAGE_MAX = 100;

/** What the holder of a viewer token sees of mails. */
export function registerCustomerMailRoutes(app: FastifyInstance, deps: Deps): void {
  const gate = new ViewerGate(deps);

  app.withTypeProvider<ZodTypeProvider>().route({
    method: "GET",
    url: "/api/v1/viewer/mails",
    schema: {
      summary: "A customer's mails",
      description:
        "Mails that were for the customer, or for another customer and about the project or targets of the token's scope, the newest first: when, the subject, and whether they went out. What they said is never shown.",
      tags: ["viewer"],
      querystring: z.strictObject({
        target: z.string().max(1_000).optional().describe("type/id of one of its targets, e.g. server/srv-1."),
        limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
        cursor: z.string().max(500).optional(),
        token: z.string().max(200).optional().describe("The viewer token, where no header can be sent."),
      }),
      response: { 200: z.object({ items: z.array(viewerMailSchema), nextCursor: z.string().nullable() }) },
    },
    handler: async (request) => {
      const access = await gate.open(request);
      const { limit, cursor } = request.query;
      const { workspaceId } = access;
      const { scope } = access.token;
      const question = {
        workspaceId,
        scope,
        target: targetOf(request.query.target),
        before: cursor === undefined ? undefined : placeOf(access, cursor),
        limit: limit + 1,
      };
      const rows = await listCustomerMails(deps.db, question, deps.clock());
      const page = rows.slice(0, limit);
      const titles = await titlesOf(deps.db, workspaceId, page);
      const last = page.at(-1);
      return {
        items: page.map((row) => shownMail(scope, row, titles.get(row.template ?? ""))),
        nextCursor: rows.length > limit && last !== undefined ? access.seal.seal(`mail ${last.id}`) : null,
      };
    },
  });
}

function targetOf(text: string | undefined): { type: string; id: string } | undefined {
  if (text === undefined) return undefined;
  const slash = text.indexOf("/");
  if (slash < 1) throw new AppError("invalid_request", "A target is type/id, e.g. server/srv-1.");
  return { type: text.slice(0, slash), id: text.slice(slash + 1) };
}

/** The mail at which a page ended; only one that this token was given. */
function placeOf({ seal }: ViewerAccess, cursor: string): string {
  const place = /^mail ([0-9a-f-]{36})$/.exec(seal.open(cursor) ?? "")?.[1];
  if (place === undefined) throw new AppError("invalid_cursor", "The cursor is not one that this list gave out.");
  return place;
}
