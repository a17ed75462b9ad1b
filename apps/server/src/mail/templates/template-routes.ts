import {
  AppError,
  type Json,
  listOf,
  mailLocale,
  mailMessageSchema,
  previewInputSchema,
  previewSchema,
  restorationSchema,
  templateInputSchema,
  templateName,
  templateSchema,
  templateSummarySchema,
  templateVersionSchema,
  testMessageSchema,
} from "@daybook/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { type Access, requirePermission, requireSession } from "../../access/access.ts";
import type { Deps } from "../../deps.ts";
import { doerOf } from "../../tasks/task-routes.ts";
import { readContent } from "../log/mail-content.ts";
import { MailOpenings } from "../log/mail-openings.ts";
import { contentForSight } from "../log/mail-sight.ts";
import { readMail } from "../log/mail-store.ts";
import { previewTemplate, sendTest } from "./preview.ts";
import { removeTemplate, restoreVersion, saveTemplate, type TemplateAct, tell } from "./template-acts.ts";
import { listTemplates, readTemplate, readVersions } from "./template-view.ts";

const tags = ["mail"];
const params = z.object({ name: templateName });
const querystring = z.strictObject({ locale: mailLocale.optional() });

/** The templates of mails: the shipped ones, what a workspace made of them, and its own. */
export function registerTemplateRoutes(app: FastifyInstance, deps: Deps): void {
  registerReading(app, deps);
  registerChanging(app, deps);
  registerTrying(app, deps);
}

function registerReading(app: FastifyInstance, deps: Deps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "GET",
    url: "/api/v1/mail/templates",
    schema: {
      summary: "List mail templates",
      description: "The shipped ones and the workspace's own, partials included, by name.",
      tags,
      response: { 200: listOf(templateSummarySchema) },
    },
    handler: async (request) => {
      const { workspaceId } = requirePermission(request, "mail.read");
      const items = await listTemplates(deps.db, workspaceId, deps.clock());
      return { items, nextCursor: null, total: { value: items.length, relation: "eq" as const } };
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/mail/templates/:name",
    schema: {
      summary: "Read a mail template",
      description: "In the locale that is asked for, or the nearest that there is: pt-BR, pt, en, any.",
      tags,
      params,
      querystring,
      response: { 200: templateSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "mail.read");
      return read(deps, access, request.params.name, request.query.locale);
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/mail/templates/:name/versions",
    schema: {
      summary: "List the versions of a mail template",
      description: "Of one locale (en if none is named), the newest first. Version 0 is what is shipped.",
      tags,
      params,
      querystring,
      response: { 200: listOf(templateVersionSchema) },
    },
    handler: async (request) => {
      const { workspaceId } = requirePermission(request, "mail.read");
      const items = await readVersions(deps.db, workspaceId, request.params.name, request.query.locale ?? "en");
      return { items, nextCursor: null, total: { value: items.length, relation: "eq" as const } };
    },
  });
}

function registerChanging(app: FastifyInstance, deps: Deps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "PUT",
    url: "/api/v1/mail/templates/:name",
    schema: {
      summary: "Save a mail template",
      description:
        "A new version of one locale (en if none is named); the first makes the template. One that cannot be rendered is refused, with `faults`. What is left out of title, tokens and the like stays as it is.",
      tags,
      params,
      querystring,
      body: templateInputSchema,
      response: { 200: templateSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "mail.write");
      const { name } = request.params;
      const locale = request.query.locale ?? "en";
      await saveTemplate(deps, { ...actOf(request, access, name), locale }, request.body);
      return read(deps, access, name, locale);
    },
  });

  routes.route({
    method: "DELETE",
    url: "/api/v1/mail/templates/:name",
    schema: {
      summary: "Reset or delete a mail template",
      description:
        "A shipped one goes back to what is shipped; its versions stay. One of your own is deleted, with its versions. With `locale`, only that one.",
      tags,
      params,
      querystring,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "mail.write");
      await removeTemplate(deps, actOf(request, access, request.params.name), request.query.locale);
      reply.code(204).send(null);
    },
  });

  routes.route({
    method: "POST",
    url: "/api/v1/mail/templates/:name/restorations",
    schema: {
      summary: "Restore a version of a mail template",
      description: "Its text becomes the newest version. 0 brings back what is shipped.",
      tags,
      params,
      body: restorationSchema,
      response: { 200: templateSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "mail.write");
      const { name } = request.params;
      const { locale, version } = request.body;
      await restoreVersion(deps, { ...actOf(request, access, name), locale }, version);
      return read(deps, access, name, locale);
    },
  });
}

function registerTrying(app: FastifyInstance, deps: Deps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const openings = new MailOpenings(deps);

  routes.route({
    method: "POST",
    url: "/api/v1/mail/templates/:name/previews",
    schema: {
      summary: "Preview a mail template",
      description:
        "As saved or with the text that is sent along; with the data given, that of a past message (needs the permission mail.body, and is on record), or the sample values. Faults are part of the answer. Show the HTML in a sandboxed frame only.",
      tags,
      params,
      body: previewInputSchema,
      response: { 200: previewSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "mail.read");
      const { data, messageId } = request.body;
      const past = data === undefined && messageId !== undefined ? await pastData(request, messageId) : undefined;
      return previewTemplate(deps, access.workspaceId, request.params.name, request.body, past);
    },
  });

  /** The data of a past message, once it is on record that somebody looks at it. */
  async function pastData(request: FastifyRequest, id: string): Promise<Record<string, Json>> {
    const access = requirePermission(request, "mail.body");
    const mail = await readMail(deps.db, access.workspaceId, id);
    const { variables } = contentForSight(access, await readContent(deps.db, access.workspaceId, id));
    if (typeof variables !== "object" || variables === null || Array.isArray(variables))
      throw new AppError("not_found", "This mail was made without a template: there is no data of it.");
    await openings.note(access, request.origin, mail, "content");
    return variables as Record<string, Json>;
  }

  routes.route({
    method: "POST",
    url: "/api/v1/mail/templates/:name/test-messages",
    schema: {
      summary: "Send a test of a mail template",
      description:
        "To the person who is signed in, as saved or with the text that is sent along, and with the sample values where no data is given. Not for API keys.",
      tags,
      params,
      body: testMessageSchema,
      response: { 202: mailMessageSchema },
    },
    handler: async (request, reply) => {
      requirePermission(request, "mail.write");
      const access = requireSession(request);
      const { name } = request.params;
      const { message, draft } = await sendTest(deps, access, name, request.body, doerOf(request, access));
      await tell(deps, actOf(request, access, name), draft.settings.title, {
        action: "mail.template.tested",
        details: { locale: draft.locale, messageId: message.id },
      });
      reply.code(202);
      return message;
    },
  });
}

function read(deps: Deps, { workspaceId }: Access, name: string, locale: string | undefined) {
  const { timeZone } = deps.settings.of(workspaceId);
  return readTemplate(deps.db, deps.templates, workspaceId, { name, locale, timeZone });
}

function actOf(request: FastifyRequest, access: Access, name: string): TemplateAct {
  return { access, origin: request.origin, name };
}
