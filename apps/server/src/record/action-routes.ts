import {
  type ActionOverride,
  AppError,
  actionNameSchema,
  actionOverrideSchema,
  actionSchema,
  type Change,
  type Json,
  type ListedAction,
  limits,
  listOf,
} from "@daybook/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { type Access, requirePermission } from "../access/access.ts";
import { accessEvent } from "../access/access-events.ts";
import type { Deps } from "../deps.ts";
import { deleteOverride, listSeenActions, putOverride, type SeenAction } from "./action-store.ts";
import type { ActionBook } from "./actions.ts";
import { viewOf } from "./viewer/customer-actions.ts";

const tags = ["actions"];
const params = z.object({ action: actionNameSchema });
const flag = z.enum(["true", "false"]).transform((value) => value === "true");
const querystring = z.strictObject({
  q: z.string().max(200).optional().describe("A part of the name or of the sentence."),
  category: z.string().max(100).optional(),
  seen: flag.optional().describe("Only those that are in the log (true) or are not (false)."),
  new: flag.optional().describe("Only those that nobody described yet (true), or only described ones (false)."),
  limit: z.coerce.number().int().min(1).max(limits.pageMax).default(limits.pageDefault),
  cursor: z.string().max(limits.actionLengthMax).optional(),
});

/** The action catalogue of a workspace, with what is in its log. */
export function registerActionRoutes(app: FastifyInstance, deps: Deps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "GET",
    url: "/api/v1/actions",
    schema: {
      summary: "List actions",
      description:
        "Every action of the catalogue and every other that is in the log, by name. One that nobody described is `new`: it is recorded all the same, told from its name.",
      tags,
      querystring,
      response: { 200: listOf(actionSchema) },
    },
    handler: async (request) => {
      const access = requirePermission(request, "logs.read");
      const { limit, cursor, ...wanted } = request.query;
      const seen = await listSeenActions(deps.db, access.workspaceId);
      const { categories } = access.sight;
      const inSight = (category: string): boolean => categories?.includes(category) ?? true;
      const all = listActions(deps.actions, access.workspaceId, seen).filter(
        (item) => inSight(item.category) && isWanted(item, wanted),
      );
      const page = all.filter((item) => cursor === undefined || item.action > cursor).slice(0, limit + 1);
      const items = page.slice(0, limit);
      const nextCursor = page.length > limit ? (items.at(-1)?.action ?? null) : null;
      return { items, nextCursor, total: { value: all.length, relation: "eq" as const } };
    },
  });

  routes.route({
    method: "PUT",
    url: "/api/v1/actions/:action",
    schema: {
      summary: "Say what an action means",
      description: "Holds for events that arrive from now on. What is left out stays as the catalogue has it.",
      tags,
      params,
      body: actionOverrideSchema,
      response: { 200: actionSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "actions.write");
      const { action } = request.params;
      const old = await putOverride(deps.db, access.workspaceId, action, request.body);
      await deps.actions.reload();
      await recordChange(deps, request, access, "log.action.updated", action, changesOf(old, request.body));
      const seen = await listSeenActions(deps.db, access.workspaceId);
      return listedAction(deps.actions, access.workspaceId, action, seen.get(action));
    },
  });

  routes.route({
    method: "DELETE",
    url: "/api/v1/actions/:action",
    schema: {
      summary: "Let the catalogue say again what an action means",
      tags,
      params,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "actions.write");
      const { action } = request.params;
      const old = await deleteOverride(deps.db, access.workspaceId, action);
      if (old === undefined) throw new AppError("not_found", `This workspace says nothing of its own about ${action}.`);
      await deps.actions.reload();
      await recordChange(deps, request, access, "log.action.reset", action, changesOf(old, undefined));
      reply.code(204).send(null);
    },
  });
}

/** Catalogue, overrides and the log in one list, by name. */
function listActions(book: ActionBook, workspaceId: number, seen: Map<string, SeenAction>): ListedAction[] {
  const names = book.names(workspaceId);
  for (const action of seen.keys()) names.add(action);
  return [...names]
    .sort((a, b) => (a < b ? -1 : 1))
    .map((action) => listedAction(book, workspaceId, action, seen.get(action)));
}

function listedAction(book: ActionBook, workspaceId: number, action: string, seen?: SeenAction): ListedAction {
  const { definition, source } = book.look(workspaceId, action);
  const { category, kind, severity, says, failure, denied, sensitive } = definition;
  return {
    ...{ action, category, kind, severity, says, sensitive: [...sensitive], source, events: seen?.events ?? 0 },
    customer: viewOf(definition),
    ...(failure === undefined ? {} : { failure }),
    ...(denied === undefined ? {} : { denied }),
    ...(source === "guess" ? { new: true as const } : {}),
    ...(seen ? { lastDay: seen.lastDay } : {}),
  };
}

type Wanted = Pick<z.infer<typeof querystring>, "q" | "category" | "seen" | "new">;

function isWanted(item: ListedAction, wanted: Wanted): boolean {
  if (wanted.category !== undefined && item.category !== wanted.category) return false;
  if (wanted.seen !== undefined && item.events > 0 !== wanted.seen) return false;
  if (wanted.new !== undefined && (item.new ?? false) !== wanted.new) return false;
  const part = wanted.q?.toLowerCase();
  return part === undefined || item.action.includes(part) || item.says.toLowerCase().includes(part);
}

function changesOf(old: ActionOverride | undefined, now: ActionOverride | undefined): Change[] {
  const fields = new Set([...Object.keys(old ?? {}), ...Object.keys(now ?? {})]) as Set<keyof ActionOverride>;
  const changes: Change[] = [];
  for (const field of fields) {
    const before = old?.[field] as Json | undefined;
    const after = now?.[field] as Json | undefined;
    if (JSON.stringify(before) !== JSON.stringify(after))
      changes.push({ field, old: before ?? null, new: after ?? null });
  }
  return changes;
}

async function recordChange(
  deps: Deps,
  request: FastifyRequest,
  access: Access,
  action: string,
  changed: string,
  changes: Change[],
): Promise<void> {
  const event = { action, targets: [{ type: "action", id: changed }], changes };
  await deps.record.write(access.workspaceId, [accessEvent(access, request.origin, event)]);
}
