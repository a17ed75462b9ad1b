import {
  type Json,
  limits,
  listOf,
  newTaskBatchSchema,
  newTaskSchema,
  type Task,
  taskChangeSchema,
  taskDetailSchema,
  taskFilter,
  taskSchema,
} from "@daybook/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { type Access, requirePermission } from "../access/access.ts";
import { accessEvent } from "../access/access-events.ts";
import type { Deps } from "../deps.ts";
import { cancelTask, changeTask, retryTask, type TaskAct } from "./task-acts.ts";
import { batchType } from "./task-batch.ts";
import { taskInFull } from "./task-detail.ts";
import { listTasks } from "./task-list.ts";
import { type TaskRow, toTask } from "./task-row.ts";
import { forSight } from "./task-sight.ts";
import { readTask } from "./task-store.ts";
import type { Doer } from "./transition.ts";

const tags = ["tasks"];
const params = z.object({ id: z.guid() });

/** Tasks: made, reported, listed, tried again, cancelled. */
export function registerTaskRoutes(app: FastifyInstance, deps: Deps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "POST",
    url: "/api/v1/tasks",
    schema: {
      summary: "Make a task",
      description:
        "Of a type that Daybook runs, it is queued; of any other it is reported: the panel runs it and says how it goes. The same `id` again answers 200 with the task that is there.",
      tags,
      body: newTaskSchema,
      response: { 200: taskSchema, 201: taskSchema },
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "tasks.write");
      const { task, made } = await deps.tasks.create(access.workspaceId, request.body, doerOf(request, access));
      reply.code(made ? 201 : 200);
      return shown(deps, access, task);
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/tasks",
    schema: {
      summary: "List tasks",
      description: "The newest first.",
      tags,
      querystring: z.strictObject({
        ...taskFilter,
        limit: z.coerce.number().int().min(1).max(limits.pageMax).default(limits.pageDefault),
        cursor: z.string().max(200).optional(),
      }),
      response: { 200: listOf(taskSchema) },
    },
    handler: async (request) => {
      const access = requirePermission(request, "tasks.read");
      const { limit, cursor, ...filter } = request.query;
      const usual = await deps.tasks.usual.of(access.workspaceId);
      const nowMs = deps.clock();
      const page = await listTasks(deps.db, access.workspaceId, { filter, limit, cursor, usual, nowMs });
      const items = page.rows.map((row) => forSight(access, toTask(row, usual.get(row.type), nowMs)));
      return { items, nextCursor: page.nextCursor, total: page.total };
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/tasks/:id",
    schema: {
      summary: "Read a task",
      description: "With its payload and result, its attempts, and what happened to it with the events of the log.",
      tags,
      params,
      response: { 200: taskDetailSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "tasks.read");
      const row = await readTask(deps.db, access.workspaceId, request.params.id);
      const usual = await deps.tasks.usual.of(access.workspaceId);
      return forSight(access, await taskInFull(deps.db, row, usual.get(row.type), deps.clock()));
    },
  });

  routes.route({
    method: "PATCH",
    url: "/api/v1/tasks/:id",
    schema: {
      summary: "Report on a task",
      description: "Its status, progress, result or error. The same report sent twice changes nothing the second time.",
      tags,
      params,
      body: taskChangeSchema,
      response: { 200: taskSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "tasks.write");
      return shown(deps, access, await changeTask(deps, actOf(request, access, request.params.id), request.body));
    },
  });

  routes.route({
    method: "POST",
    url: "/api/v1/tasks/:id/retry-attempts",
    schema: {
      summary: "Try a failed task again",
      description:
        "A new attempt of the same task, if its type is idempotent. Of a task that the panel runs, the panel is asked: `request` says how far that is.",
      tags,
      params,
      response: { 201: taskSchema },
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "tasks.retry");
      const task = await retryTask(deps, actOf(request, access, request.params.id));
      reply.code(201);
      return shown(deps, access, task);
    },
  });

  routes.route({
    method: "POST",
    url: "/api/v1/tasks/:id/cancellation",
    schema: {
      summary: "Cancel a pending task",
      description: "409 task_not_pending once it has begun, also if it begins in the same moment.",
      tags,
      params,
      response: { 200: taskSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "tasks.cancel");
      return shown(deps, access, await cancelTask(deps, actOf(request, access, request.params.id)));
    },
  });

  routes.route({
    method: "POST",
    url: "/api/v1/task-batches",
    schema: {
      summary: "Retry or cancel every task that a filter finds",
      description:
        "A task of its own, with progress; it leaves out those that cannot be retried or cancelled and says how many.",
      tags,
      body: newTaskBatchSchema,
      response: { 202: taskSchema },
    },
    handler: async (request, reply) => {
      const { act, filter } = request.body;
      const access = requirePermission(request, act === "retry" ? "tasks.retry" : "tasks.cancel");
      const doer = doerOf(request, access);
      const order = {
        type: batchType,
        title: act === "retry" ? "Retry many tasks" : "Cancel many tasks",
        payload: {
          act,
          filter: { ...filter, to: filter.to ?? new Date(deps.clock()).toISOString() },
          doer,
        } as unknown as Json,
        own: true as const,
      };
      const { task } = await deps.tasks.create(access.workspaceId, order, doer);
      const target = { type: "task", id: task.id, name: task.title };
      const event = { action: "task.batch.created", targets: [target], details: { act, filter: filter as Json } };
      await deps.record.write(access.workspaceId, [accessEvent(access, request.origin, event)]);
      reply.code(202);
      return shown(deps, access, task);
    },
  });
}

async function shown(deps: Deps, access: Access, row: TaskRow): Promise<Task> {
  const usual = await deps.tasks.usual.of(access.workspaceId);
  return forSight(access, toTask(row, usual.get(row.type), deps.clock()));
}

/** Who makes a request, as the events of the task will say it. */
export function doerOf(request: FastifyRequest, access: Access): Doer {
  const { actor, origin } = accessEvent(access, request.origin, { action: "task.created" });
  return { actor, origin };
}

function actOf(request: FastifyRequest, access: Access, id: string): TaskAct {
  return { workspaceId: access.workspaceId, id, doer: doerOf(request, access) };
}
