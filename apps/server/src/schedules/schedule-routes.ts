import {
  limits,
  listOf,
  scheduleChangeSchema,
  scheduleInputSchema,
  scheduleKinds,
  scheduleName,
  schedulePreviewSchema,
  scheduleRunSchema,
  scheduleSchema,
  upcomingRunSchema,
} from "@daybook/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { type Access, requirePermission } from "../access/access.ts";
import type { Deps } from "../deps.ts";
import { seesPersonal } from "../tasks/task-sight.ts";
import { inWords } from "./in-words.ts";
import { pauseSchedule, removeSchedule, requestRun, type ScheduleKeeper, setSchedule } from "./schedule-acts.ts";
import { toRun, toSchedule } from "./schedule-row.ts";
import { countSchedules, listRuns, listSchedules, readSchedule } from "./schedule-store.ts";
import { checkRule, timesBetween } from "./schedule-times.ts";
import { upcomingRuns } from "./upcoming.ts";

const tags = ["schedules"];
const params = z.object({ name: scheduleName });

/** Times in a preview. */
const PREVIEWED = 10;

/** Schedules: set, listed with their last runs, paused, run now. Check-ins have a file of their own. */
export function registerScheduleRoutes(app: FastifyInstance, deps: Deps): void {
  registerLists(app, deps);
  registerTimes(app, deps);
  registerSetting(app, deps);
  registerRunning(app, deps);
}

function registerLists(app: FastifyInstance, deps: Deps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "GET",
    url: "/api/v1/schedules",
    schema: {
      summary: "List schedules",
      description: "By name, each with its state and its last twenty runs. Unlike other lists a page has 500.",
      tags,
      querystring: z.strictObject({
        limit: z.coerce.number().int().min(1).max(limits.pageMax).default(limits.pageMax),
        cursor: z.string().max(200).optional(),
      }),
      response: { 200: listOf(scheduleSchema) },
    },
    handler: async (request) => {
      const access = requirePermission(request, "tasks.read");
      const { limit, cursor } = request.query;
      const after = cursor === undefined ? undefined : Buffer.from(cursor, "base64url").toString();
      const now = deps.clock();
      const rows = await listSchedules(deps.db, access.workspaceId, { after, limit: limit + 1 }, now);
      const items = rows.slice(0, limit).map((row) => toSchedule(row, now, seesPersonal(access)));
      const last = rows.length > limit ? items.at(-1) : undefined;
      return {
        items,
        nextCursor: last === undefined ? null : Buffer.from(last.name).toString("base64url"),
        total: { value: await countSchedules(deps.db, access.workspaceId), relation: "eq" as const },
      };
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/schedules/:name",
    schema: { summary: "Read a schedule", tags, params, response: { 200: scheduleSchema } },
    handler: (request) => shown(deps, requirePermission(request, "tasks.read"), request.params.name),
  });

  routes.route({
    method: "GET",
    url: "/api/v1/schedules/:name/runs",
    schema: {
      summary: "List the runs of a schedule",
      description: "The last ones with their output, the newest first.",
      tags,
      params,
      querystring: z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(20) }),
      response: { 200: listOf(scheduleRunSchema) },
    },
    handler: async (request) => {
      const access = requirePermission(request, "tasks.read");
      const { name } = request.params;
      const rows = await listRuns(deps.db, access.workspaceId, name, request.query.limit);
      // A schedule that was deleted has its runs still.
      if (rows.length === 0) await readSchedule(deps.db, access.workspaceId, name, deps.clock());
      const items = rows.map((row) => toRun(row, seesPersonal(access)));
      const full = items.length === request.query.limit;
      return { items, nextCursor: null, total: { value: items.length, relation: full ? "gte" : "eq" } as const };
    },
  });
}

function registerTimes(app: FastifyInstance, deps: Deps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "GET",
    url: "/api/v1/schedules/upcoming",
    schema: {
      summary: "List upcoming runs",
      description:
        "The times at which schedules will run within the coming hours, the soonest first, at most 5,000. Without Daybook's own house-keeping.",
      tags,
      querystring: z.strictObject({
        hours: z.coerce.number().min(0.1).max(168).default(24),
        builtin: z
          .enum(["true", "false"])
          .default("true")
          .describe("Whether Daybook's own house-keeping, most of it every minute, is among them."),
      }),
      response: { 200: listOf(upcomingRunSchema) },
    },
    handler: async (request) => {
      const access = requirePermission(request, "tasks.read");
      const { hours, builtin } = request.query;
      const kinds = scheduleKinds.filter((kind) => kind !== "builtin" || builtin === "true");
      const { runs, complete } = await upcomingRuns(deps.db, access.workspaceId, { hours, kinds }, deps.clock());
      const relation = complete ? ("eq" as const) : ("gte" as const);
      return { items: runs, nextCursor: null, total: { value: runs.length, relation } };
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/schedules/preview",
    schema: {
      summary: "Read a cron expression",
      description: "What it means in words, and the next ten times at which it is due.",
      tags,
      querystring: z.strictObject({ cron: z.string().min(1).max(200), timeZone: z.string().max(64).default("UTC") }),
      response: { 200: schedulePreviewSchema },
    },
    handler: async (request) => {
      requirePermission(request, "tasks.read");
      checkRule(request.query);
      const times = timesBetween(request.query, deps.clock(), Number.MAX_SAFE_INTEGER, PREVIEWED);
      return { inWords: inWords(request.query), nextRuns: times.map((ms) => new Date(ms).toISOString()) };
    },
  });
}

function registerSetting(app: FastifyInstance, deps: Deps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "PUT",
    url: "/api/v1/schedules/:name",
    schema: {
      summary: "Set a schedule",
      description:
        "With `task`, Daybook makes that task at each time. Without, the schedule is monitored: something else runs it and checks in.",
      tags,
      params,
      body: scheduleInputSchema,
      response: { 200: scheduleSchema, 201: scheduleSchema },
    },
    handler: async (request, reply) => {
      const keeper = keeperOf(request);
      const { created } = await setSchedule(deps, keeper, request.params.name, request.body);
      reply.code(created ? 201 : 200);
      return shown(deps, keeper.access, request.params.name);
    },
  });

  routes.route({
    method: "DELETE",
    url: "/api/v1/schedules/:name",
    schema: { summary: "Delete a schedule", description: "Its runs stay.", tags, params, response: { 204: z.null() } },
    handler: async (request, reply) => {
      await removeSchedule(deps, keeperOf(request), request.params.name);
      reply.code(204).send(null);
    },
  });
}

function registerRunning(app: FastifyInstance, deps: Deps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "PATCH",
    url: "/api/v1/schedules/:name",
    schema: {
      summary: "Pause or resume a schedule",
      description: "Times that pass while it is paused are not made up for.",
      tags,
      params,
      body: scheduleChangeSchema,
      response: { 200: scheduleSchema },
    },
    handler: async (request) => {
      const keeper = keeperOf(request);
      await pauseSchedule(deps, keeper, request.params.name, request.body.paused);
      return shown(deps, keeper.access, request.params.name);
    },
  });

  routes.route({
    method: "POST",
    url: "/api/v1/schedules/:name/runs",
    schema: {
      summary: "Run a schedule now",
      description: "Its times stay as they are. Not for monitored schedules: they are started where they run.",
      tags,
      params,
      response: { 201: scheduleRunSchema },
    },
    handler: async (request, reply) => {
      const keeper = keeperOf(request);
      const { workspaceId } = keeper.access;
      const id = await requestRun(deps, keeper, request.params.name);
      const runs = await listRuns(deps.db, workspaceId, request.params.name, 20);
      const run = runs.find((each) => each.id === id);
      if (run === undefined) throw new Error(`the run ${id} is gone`);
      reply.code(201);
      return toRun(run, seesPersonal(keeper.access));
    },
  });
}

function keeperOf(request: FastifyRequest): ScheduleKeeper {
  return { access: requirePermission(request, "schedules.write"), origin: request.origin };
}

async function shown(deps: Deps, access: Access, name: string) {
  const now = deps.clock();
  return toSchedule(await readSchedule(deps.db, access.workspaceId, name, now), now, seesPersonal(access));
}
