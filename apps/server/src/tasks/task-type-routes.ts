import { randomBytes } from "node:crypto";
import {
  AppError,
  type Change,
  type EventInput,
  type Json,
  listOf,
  type TaskType,
  taskStatsSchema,
  taskTypeName,
  taskTypeSchema,
  taskTypeSettingsSchema,
} from "@daybook/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { type Access, requirePermission } from "../access/access.ts";
import { accessEvent } from "../access/access-events.ts";
import { requireStepUp } from "../access/step-up.ts";
import type { Deps } from "../deps.ts";
import { parseAllowedHosts, requireCallableUrl } from "../net/callable-address.ts";
import { readStats } from "./stats.ts";
import type { TypeRule } from "./task-type.ts";
import { sealTypeSecret } from "./type-secret.ts";

const tags = ["tasks"];
const params = z.object({ type: taskTypeName });
const DAY_MS = 86_400_000;

/** How types of tasks run, and how they have been doing. */
export function registerTaskTypeRoutes(app: FastifyInstance, deps: Deps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "GET",
    url: "/api/v1/tasks/stats",
    schema: {
      summary: "Durations, failures and load of tasks",
      description: "From counts that are kept by the hour; left out, the last seven days.",
      tags,
      querystring: z.strictObject({
        from: z.iso.datetime({ offset: true }).optional(),
        to: z.iso.datetime({ offset: true }).optional(),
        buckets: z.coerce.number().int().min(1).max(400).default(84),
        type: z.string().max(2_000).optional().describe("Types, with commas."),
      }),
      response: { 200: taskStatsSchema },
    },
    handler: async (request) => {
      const { workspaceId } = requirePermission(request, "tasks.read");
      const { from, to, buckets, type } = request.query;
      const toMs = to === undefined ? deps.clock() : Date.parse(to);
      const fromMs = from === undefined ? toMs - 7 * DAY_MS : Date.parse(from);
      if (!(fromMs < toMs)) throw new AppError("invalid_request", "`from` must be before `to`.");
      return readStats(deps.db, { workspaceId, fromMs, toMs, buckets, types: type?.split(",") });
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/task-types",
    schema: {
      summary: "List task types",
      description:
        "Those that are defined, and those of which tasks were seen. Addresses of the panel are only for those who see the settings.",
      tags,
      response: { 200: listOf(taskTypeSchema) },
    },
    handler: async (request) => {
      const { workspaceId, permissions } = requirePermission(request, "tasks.read");
      const types = await listTypes(deps, workspaceId);
      const items = permissions.has("settings.read")
        ? types
        : types.map(({ endpoint: _, callback: __, ...type }) => type);
      return { items, nextCursor: null, total: { value: items.length, relation: "eq" as const } };
    },
  });

  routes.route({
    method: "PUT",
    url: "/api/v1/task-types/:type",
    schema: {
      summary: "Say how tasks of a type run",
      description:
        "With `endpoint` Daybook runs them by calling the panel; without, the panel runs them and reports. A command is never set here.",
      tags,
      params,
      body: taskTypeSettingsSchema,
      response: { 200: taskTypeSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "settings.write");
      const { type } = request.params;
      await refuseDefined(deps, access.workspaceId, type);
      for (const url of [request.body.endpoint, request.body.callback])
        if (url !== undefined) requireCallableUrl(url, parseAllowedHosts(deps.config.allowedHosts));
      const before = await settingsOf(deps, access.workspaceId, type);
      await deps.db.query(
        `insert into task_type (workspace_id, type, settings) values ($1, $2, $3)
         on conflict (workspace_id, type) do update set settings = excluded.settings, updated_at = now()`,
        [access.workspaceId, type, request.body],
      );
      deps.tasks.types.forget(access.workspaceId);
      await recordType(deps, request, access, "task.type.updated", { changes: changesOf(before, request.body) });
      return typeOf(deps, access.workspaceId, type);
    },
  });

  routes.route({
    method: "DELETE",
    url: "/api/v1/task-types/:type",
    schema: { summary: "Forget how tasks of a type run", tags, params, response: { 204: z.null() } },
    handler: async (request, reply) => {
      const access = requirePermission(request, "settings.write");
      const { type } = request.params;
      const { rowCount } = await deps.db.query("delete from task_type where workspace_id = $1 and type = $2", [
        access.workspaceId,
        type,
      ]);
      if (rowCount === 0) throw new AppError("not_found", `The type ${type} is not defined here.`);
      deps.tasks.types.forget(access.workspaceId);
      await recordType(deps, request, access, "task.type.deleted");
      reply.code(204).send(null);
    },
  });

  routes.route({
    method: "POST",
    url: "/api/v1/task-types/:type/secret",
    schema: {
      summary: "Make the secret that signs calls to the panel",
      description: "It is in this reply and nowhere else; the one before ends at once.",
      tags,
      params,
      response: { 201: z.object({ secret: z.string() }) },
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "settings.write");
      requireStepUp(access, deps.clock());
      const secret = `dbs_${randomBytes(32).toString("base64url")}`;
      const { type } = request.params;
      const sealed = sealTypeSecret(deps.vault, access.workspaceId, type, secret);
      const { rowCount } = await deps.db.query(
        "update task_type set secret = $3, secret_since = $4 where workspace_id = $1 and type = $2",
        [access.workspaceId, type, sealed, new Date(deps.clock())],
      );
      if (rowCount === 0) throw new AppError("not_found", `The type ${type} is not defined: PUT it first.`);
      deps.tasks.types.forget(access.workspaceId);
      await recordType(deps, request, access, "task.type.updated", { details: { secret: "made anew" } });
      reply.code(201).header("cache-control", "no-store");
      return { secret };
    },
  });
}

async function refuseDefined(deps: Deps, workspaceId: number, type: string): Promise<void> {
  const { source } = await deps.tasks.types.of(workspaceId, type);
  if (source === "seen" || source === "api") return;
  throw new AppError(
    "conflict",
    `The type ${type} is defined by a ${source === "config" ? "command in the configuration" : "handler"}.`,
  );
}

async function recordType(
  deps: Deps,
  request: FastifyRequest,
  access: Access,
  action: string,
  more: Pick<EventInput, "details" | "changes"> = {},
): Promise<void> {
  const { type } = request.params as { type: string };
  const event = { action, targets: [{ type: "task_type", id: type, name: type }], ...more };
  await deps.record.write(access.workspaceId, [accessEvent(access, request.origin, event)]);
}

async function settingsOf(deps: Deps, workspaceId: number, type: string): Promise<object> {
  const { rows } = await deps.db.query<{ settings: object }>(
    "select settings from task_type where workspace_id = $1 and type = $2",
    [workspaceId, type],
  );
  return rows[0]?.settings ?? {};
}

/** What became of each setting; of the addresses above all it is to be seen who turned calls elsewhere. */
function changesOf(before: object, after: object): Change[] {
  const [old, now] = [before as Record<string, Json | undefined>, after as Record<string, Json | undefined>];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((field) => JSON.stringify(old[field]) !== JSON.stringify(now[field]))
    .map((field) => ({ field, old: old[field] ?? null, new: now[field] ?? null }));
}

async function typeOf(deps: Deps, workspaceId: number, type: string): Promise<TaskType> {
  return toType(await deps.tasks.types.of(workspaceId, type), 0);
}

async function listTypes(deps: Deps, workspaceId: number): Promise<TaskType[]> {
  const rules = await deps.tasks.types.all(workspaceId);
  const { rows } = await deps.db.query<{ type: string; open: number }>(
    `with open as (select type, count(*) as open from task where workspace_id = $1 and status < 2 group by type),
       seen as (select distinct type from task_hour where workspace_id = $1)
     select coalesce(open.type, seen.type) as type, coalesce(open.open, 0) as open from open full join seen on seen.type = open.type`,
    [workspaceId],
  );
  const counts = new Map(rows.map((row) => [row.type, row.open]));
  const names = [...new Set([...rules.keys(), ...counts.keys()])].sort();
  return Promise.all(
    names.map(async (name) => toType(await deps.tasks.types.of(workspaceId, name), counts.get(name) ?? 0)),
  );
}

function toType({ definition: _, secret, secretSince, ...rule }: TypeRule, open: number): TaskType {
  return { ...rule, ...(secret && secretSince ? { secretSince: secretSince.toISOString() } : {}), open };
}
