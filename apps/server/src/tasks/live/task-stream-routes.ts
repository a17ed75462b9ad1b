import { AppError, taskFilter } from "@daybook/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission } from "../../access/access.ts";
import { accessHolds } from "../../access/access-holds.ts";
import type { Deps } from "../../deps.ts";
import { seesPersonal } from "../task-sight.ts";
import { readTask } from "../task-store.ts";
import { openTaskStream } from "./open-task-stream.ts";
import type { TaskHub } from "./task-hub.ts";
import { staffTaskLens } from "./task-lens.ts";

const tags = ["tasks"];
const sse = { response: { 200: z.string() }, ...({ produces: ["text/event-stream"] } as object) };
const workspace = z.string().max(100).optional().describe("As the header X-Daybook-Workspace.");

/** Tasks as they change, as server-sent events. */
export function registerTaskStreamRoutes(app: FastifyInstance, deps: Deps, hub: TaskHub): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "GET",
    url: "/api/v1/tasks/stream",
    schema: {
      summary: "Follow tasks",
      description:
        "Server-sent events: each task that changes as `event: task`, changes within 150 ms as one. Of the filters type, user, target, node, schedule and parent decide; the others, which a change may alter, are for the client. It has no memory: read the list after it is open. It ends after 15 minutes at the latest, when changes could not be told, and within 15 seconds of the end of the key or session that opened it.",
      tags,
      querystring: z.strictObject({ ...taskFilter, workspace }),
      ...sse,
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "tasks.read");
      const lens = staffTaskLens(access, request.query);
      const mayGoOn = (): Promise<boolean> => accessHolds(deps, access, "tasks.read");
      await openTaskStream(hub, reply, { mayGoOn }, (response) => hub.followList(access.workspaceId, response, lens));
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/tasks/:id/stream",
    schema: {
      summary: "Follow a task",
      description:
        "Server-sent events: `task` at the beginning and whenever it changes, `lines` with a list of lines as they are written. The id is the number of the last line: with Last-Event-ID (or `after`; -1 for all) the stream goes on behind it, without it with lines to come.",
      tags,
      params: z.object({ id: z.guid() }),
      querystring: z.strictObject({
        after: z.coerce.number().int().min(-1).optional().describe("The number of the last line that you have."),
        workspace,
      }),
      ...sse,
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "tasks.read");
      const { workspaceId } = access;
      const row = await readTask(deps.db, workspaceId, request.params.id);
      const after = lastNumber(request) ?? request.query.after;
      const place = {
        workspaceId,
        taskId: row.id,
        total: row.line_count,
        next: after === undefined ? row.line_count : Math.min(after + 1, row.line_count),
      };
      const lens = staffTaskLens(access, {});
      const mayGoOn = (): Promise<boolean> => accessHolds(deps, access, "tasks.read");
      await openTaskStream(hub, reply, { mayGoOn }, (response) =>
        hub.followTask(place, response, { lens, personal: seesPersonal(access) }),
      );
    },
  });
}

function lastNumber(request: FastifyRequest): number | undefined {
  const text = request.headers["last-event-id"];
  if (text === undefined || text === "") return undefined;
  if (typeof text === "string" && /^\d{1,9}$/.test(text)) return Number(text);
  throw new AppError("invalid_request", "Last-Event-ID is the number of a line: a whole number.");
}
