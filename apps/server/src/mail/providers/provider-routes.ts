import {
  AppError,
  listOf,
  type MailProvider,
  type MailProviderState,
  mailProviderSchema,
  mailProviderSettingsSchema,
  mailProviders,
} from "@daybook/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { type Access, requirePermission } from "../../access/access.ts";
import { accessEvent } from "../../access/access-events.ts";
import type { Deps } from "../../deps.ts";
import { providerReaders } from "./provider-list.ts";
import { deleteProvider, listProviders, saveSecret } from "./provider-store.ts";

const tags = ["mail"];
const params = z.object({ provider: z.enum(mailProviders) });

/** Which providers may report what became of mails, and with what they sign. */
export function registerProviderRoutes(
  app: FastifyInstance,
  deps: Pick<Deps, "config" | "db" | "clock" | "record" | "vault">,
): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "GET",
    url: "/api/v1/mail/providers",
    schema: {
      summary: "List the providers that report on mail",
      description: "With the address to enter at each, when it last reported, and why its last report was refused.",
      tags,
      response: { 200: listOf(mailProviderSchema) },
    },
    handler: async (request) => {
      const { workspaceId } = requirePermission(request, "settings.read");
      const items = await statesOf(deps, workspaceId, addressOf(request, deps));
      return { items, nextCursor: null, total: { value: items.length, relation: "eq" as const } };
    },
  });

  routes.route({
    method: "PUT",
    url: "/api/v1/mail/providers/:provider",
    schema: {
      summary: "Take the reports of a provider",
      description:
        "With what it signs with: a secret, of SendGrid its public key, of Amazon SES the ARN of the topic. Postmark signs nothing: there it is a password that comes along.",
      tags,
      params,
      body: mailProviderSettingsSchema,
      response: { 200: mailProviderSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "settings.write");
      const { provider } = request.params;
      const secret = request.body.secret.trim();
      const fault = providerReaders[provider].secretFault(secret);
      if (fault !== undefined)
        throw new AppError("invalid_request", `secret ${fault}.`, {
          errors: [{ pointer: "/secret", code: "invalid", message: fault }],
        });
      await saveSecret(deps.db, deps.vault, access.workspaceId, { provider, secret, atMs: deps.clock() });
      await tell(deps, access, request, "mail.provider.updated", provider);
      const states = await statesOf(deps, access.workspaceId, addressOf(request, deps));
      return states.find((state) => state.provider === provider) as MailProviderState;
    },
  });

  routes.route({
    method: "DELETE",
    url: "/api/v1/mail/providers/:provider",
    schema: { summary: "Take no more reports of a provider", tags, params, response: { 204: z.null() } },
    handler: async (request, reply) => {
      const access = requirePermission(request, "settings.write");
      const { provider } = request.params;
      if (!(await deleteProvider(deps.db, access.workspaceId, provider)))
        throw new AppError("not_found", `No reports of ${providerReaders[provider].title} are taken.`);
      await tell(deps, access, request, "mail.provider.deleted", provider);
      reply.code(204).send(null);
    },
  });
}

/** Every provider, set or not. `address` is where this server is reached. */
async function statesOf(
  deps: Pick<Deps, "db" | "record">,
  workspaceId: number,
  address: string,
): Promise<MailProviderState[]> {
  const { slug } = await deps.record.workspace(workspaceId);
  const rows = new Map((await listProviders(deps.db, workspaceId)).map((row) => [row.provider, row]));
  return mailProviders.map((provider) => {
    const row = rows.get(provider);
    return {
      provider,
      set: row !== undefined,
      url: `${address}/api/v1/mail/provider-events/${provider}?workspace=${slug}`,
      ...(row?.last_at ? { lastAt: row.last_at.toISOString() } : {}),
      ...(row?.last_fault ? { lastFault: row.last_fault } : {}),
    };
  });
}

async function tell(
  deps: Pick<Deps, "record">,
  access: Access,
  request: FastifyRequest,
  action: string,
  provider: MailProvider,
): Promise<void> {
  const targets = [{ type: "mail_provider", id: provider, name: providerReaders[provider].title }];
  await deps.record.write(access.workspaceId, [accessEvent(access, request.origin, { action, targets })]);
}

/** Where providers reach this server: its public address, else where this request reached it. */
function addressOf(request: FastifyRequest, { config }: Pick<Deps, "config">): string {
  return config.publicUrl?.replace(/\/+$/, "") ?? `${request.protocol}://${request.host}`;
}
