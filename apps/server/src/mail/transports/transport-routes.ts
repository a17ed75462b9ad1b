import { Resolver } from "node:dns/promises";
import {
  AppError,
  domainCheckSchema,
  listOf,
  mailAddress,
  mailLimits,
  type Transport,
  templateName,
  transportSchema,
  transportSettingsSchema,
  transportTestResultSchema,
  transportTestSchema,
} from "@daybook/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { type Access, requirePermission } from "../../access/access.ts";
import { accessEvent } from "../../access/access-events.ts";
import { requireStepUp } from "../../access/step-up.ts";
import type { Deps } from "../../deps.ts";
import { senderOf } from "../mail-order.ts";
import { wakeWaiting } from "../wire/wake-waiting.ts";
import { checkDomain } from "./domain-check.ts";
import { putTransport, refuseConfig } from "./put-transport.ts";
import { toTransport } from "./shown-transport.ts";
import { testTransport } from "./test-message.ts";
import { readTransports, type TransportRule } from "./transport-book.ts";
import { deleteTransport, listStates } from "./transport-store.ts";

const tags = ["mail"];
const params = z.object({ name: templateName });
/** Of the DNS; some zones are slow, and somebody waits for the answer. */
const DNS_TIMEOUT_MS = 3_000;

/** The mail servers by which a workspace sends. */
export function registerTransportRoutes(app: FastifyInstance, deps: Deps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "GET",
    url: "/api/v1/mail/transports",
    schema: {
      summary: "List mail servers",
      description: "In the order in which they are tried; that of the installation (DAYBOOK_SMTP_URL) is `config`.",
      tags,
      response: { 200: listOf(transportSchema) },
    },
    handler: async (request) => {
      requirePermission(request, "mail.read");
      const { workspaceId } = requirePermission(request, "settings.read");
      const items = await listTransports(deps, workspaceId);
      return { items, nextCursor: null, total: { value: items.length, relation: "eq" as const } };
    },
  });

  routes.route({
    method: "PUT",
    url: "/api/v1/mail/transports/:name",
    schema: {
      summary: "Set up a mail server",
      description:
        "Takes the permissions settings.write and staff.manage, since links that open accounts go through it. Its host may be on a private network; addresses where clouds hand out credentials are refused. A password or DKIM key that is left out stays, unless the host changes. Mails that wait for want of a mail server, or for one that could not be used, are tried again at once.",
      tags,
      params,
      body: transportSettingsSchema,
      response: { 200: transportSchema },
    },
    handler: async (request) => {
      const access = requireMailServers(request, deps);
      const { name } = request.params;
      const { changes } = await putTransport(deps, access.workspaceId, name, request.body);
      if (request.body.enabled) await wakeWaiting(deps, access.workspaceId);
      await recordTransport(deps, request, access, "mail.transport.updated", { changes });
      return shownTransport(deps, access.workspaceId, name);
    },
  });

  routes.route({
    method: "DELETE",
    url: "/api/v1/mail/transports/:name",
    schema: { summary: "Remove a mail server", tags, params, response: { 204: z.null() } },
    handler: async (request, reply) => {
      const access = requireMailServers(request, deps);
      const { name } = request.params;
      refuseConfig(name);
      if (!(await deleteTransport(deps.db, access.workspaceId, name))) throw unknown(name);
      await recordTransport(deps, request, access, "mail.transport.deleted");
      reply.code(204).send(null);
    },
  });

  routes.route({
    method: "POST",
    url: "/api/v1/mail/transports/:name/test-messages",
    schema: {
      summary: "Send a test mail by a mail server",
      description:
        "Answers with the conversation, word for word but for passwords, and in words with what failed and what to do.",
      tags,
      params,
      body: transportTestSchema,
      response: { 200: transportTestResultSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "settings.write");
      const { workspaceId } = access;
      const rule = await ruleOf(deps, workspaceId, request.params.name);
      const to = readAddress(request.body.to ?? access.email);
      const result = await testTransport(rule, { ...sentFrom(deps, workspaceId), to, atMs: deps.clock() });
      await recordTransport(deps, request, access, "mail.transport.tested", {
        ...(result.ok ? {} : { outcome: "failure" as const }),
        details: { to, ...(result.class === undefined ? {} : { class: result.class }) },
      });
      return result;
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/mail/domains/:domain",
    schema: {
      summary: "Check the DNS of a sender's domain",
      description: "MX, SPF, DKIM and DMARC as the DNS has them now, with the records to publish.",
      tags,
      params: z.object({ domain: z.hostname().max(253) }),
      response: { 200: domainCheckSchema },
    },
    handler: async (request) => {
      requirePermission(request, "mail.read");
      const { workspaceId } = requirePermission(request, "settings.read");
      const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: 2 });
      return checkDomain(resolver, request.params.domain.toLowerCase(), await readTransports(deps, workspaceId));
    },
  });
}

/** Links that open accounts go through a workspace's mail servers: who sets them up could read those, so it takes both permissions. */
function requireMailServers(request: FastifyRequest, deps: Deps): Access {
  requirePermission(request, "settings.write");
  const access = requirePermission(request, "staff.manage");
  requireStepUp(access, deps.clock());
  return access;
}

async function listTransports(deps: Deps, workspaceId: number): Promise<Transport[]> {
  const [rules, states] = await Promise.all([readTransports(deps, workspaceId), listStates(deps.db, workspaceId)]);
  return rules.map((rule) => toTransport(rule, states.get(rule.name)));
}

async function shownTransport(deps: Deps, workspaceId: number, name: string): Promise<Transport> {
  const found = (await listTransports(deps, workspaceId)).find((each) => each.name === name);
  if (found === undefined) throw unknown(name);
  return found;
}

async function ruleOf(deps: Deps, workspaceId: number, name: string): Promise<TransportRule> {
  const rule = (await readTransports(deps, workspaceId)).find((each) => each.name === name);
  if (rule === undefined) throw unknown(name);
  return rule;
}

function sentFrom(deps: Deps, workspaceId: number) {
  const settings = deps.settings.of(workspaceId);
  return { from: senderOf({}, settings), workspace: settings.brandName ?? "Daybook" };
}

function readAddress(text: string | undefined): string {
  const read = mailAddress.safeParse(text ?? "");
  if (read.success) return read.data;
  throw new AppError("invalid_request", "`to` must be a mail address; an API key has none of its own.", {
    errors: [
      {
        pointer: "/to",
        code: "invalid",
        message: `must be an address of at most ${mailLimits.addressLengthMax} characters`,
      },
    ],
  });
}

async function recordTransport(
  deps: Deps,
  request: FastifyRequest,
  access: Access,
  action: string,
  more: Pick<Parameters<typeof accessEvent>[2], "details" | "changes" | "outcome"> = {},
): Promise<void> {
  const { name } = request.params as { name: string };
  const event = { action, targets: [{ type: "mail_transport", id: name, name }], ...more };
  await deps.record.write(access.workspaceId, [accessEvent(access, request.origin, event)]);
}

function unknown(name: string): AppError {
  return new AppError("not_found", `There is no mail server ${name} in this workspace.`);
}
