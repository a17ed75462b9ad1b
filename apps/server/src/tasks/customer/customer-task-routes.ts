import { AppError, viewerTaskSchema } from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Deps } from "../../deps.ts";
import { type ViewerAccess, ViewerGate } from "../../record/viewer/viewer-access.ts";
import { openTaskStream } from "../live/open-task-stream.ts";
import type { TaskHub } from "../live/task-hub.ts";
import { listCustomerTasks, readCustomerTask } from "./customer-task-store.ts";
import { type CustomerOfTasks, customerTaskLens, shownTask } from "./customer-tasks.ts";

const tags = ["viewer"];
/** Streams of one token: as many pages as one customer has open. */
const STREAMS_A_TOKEN = 8;
const PAGE_DEFAULT = 10;
const PAGE_MAX = 100;

const token = z.string().max(200).optional().describe("The viewer token, where no header can be sent.");
const target = z.string().max(1_000).optional().describe("type/id of one of its targets, e.g. server/srv-1.");

/** What the holder of a viewer token sees of tasks. */
export function registerCustomerTaskRoutes(app: FastifyInstance, deps: Deps, hub: TaskHub): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const gate = new ViewerGate(deps);
  const streams = new Map<string, number>();

  routes.route({
    method: "GET",
    url: "/api/v1/viewer/tasks",
    schema: {
      summary: "A customer's tasks",
      description:
        "Tasks that are done for the customer, in the project or with targets of the token's scope, the newest first.",
      tags,
      querystring: z.strictObject({
        target,
        limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
        cursor: z.string().max(500).optional(),
        token,
      }),
      response: { 200: z.object({ items: z.array(viewerTaskSchema), nextCursor: z.string().nullable() }) },
    },
    handler: async (request) => {
      const access = await gate.open(request);
      const { limit, cursor } = request.query;
      const question = {
        workspaceId: access.workspaceId,
        scope: access.token.scope,
        target: targetOf(request.query.target),
        before: cursor === undefined ? undefined : placeOf(access, cursor),
        limit: limit + 1,
      };
      const rows = await listCustomerTasks(deps.db, question, deps.clock());
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        items: page.map((row) => shownTask(customerOf(access), row)),
        nextCursor: rows.length > limit && last !== undefined ? access.seal.seal(`task ${last.id}`) : null,
      };
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/viewer/tasks/:id",
    schema: {
      summary: "One of a customer's tasks",
      tags,
      params: z.object({ id: z.guid() }),
      querystring: z.strictObject({ token }),
      response: { 200: viewerTaskSchema },
    },
    handler: async (request) => {
      const access = await gate.open(request);
      const { workspaceId } = access;
      const question = { workspaceId, scope: access.token.scope, id: request.params.id };
      return shownTask(customerOf(access), await readCustomerTask(deps.db, question));
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/viewer/tasks/stream",
    schema: {
      summary: "Follow a customer's tasks",
      description:
        "Server-sent events: each of the customer's tasks that changes, as `event: task`. It has no memory: read the list after it is open.",
      tags,
      querystring: z.strictObject({ target, token }),
      response: { 200: z.string() },
      ...({ produces: ["text/event-stream"] } as object),
    },
    handler: async (request, reply) => {
      const access = await gate.open(request);
      const { workspaceId } = access;
      const { id, expiresAtMs } = access.token;
      const lens = customerTaskLens(customerOf(access), targetOf(request.query.target));
      const onClose = takePlace(streams, id);
      const lifeMs = Math.max(0, expiresAtMs - deps.clock());
      const mayGoOn = (): Promise<boolean> => gate.isAlive(access.token);
      try {
        await openTaskStream(hub, reply, { lifeMs, mayGoOn, onClose }, (response) =>
          hub.followList(workspaceId, response, lens),
        );
      } catch (error) {
        onClose();
        throw error;
      }
    },
  });
}

const customerOf = ({ token, sight }: ViewerAccess): CustomerOfTasks => ({
  key: token.id,
  scope: token.scope,
  hidden: sight.customer.hidden,
});

function targetOf(text: string | undefined): { type: string; id: string } | undefined {
  if (text === undefined) return undefined;
  const slash = text.indexOf("/");
  if (slash < 1) throw new AppError("invalid_request", "A target is type/id, e.g. server/srv-1.");
  return { type: text.slice(0, slash), id: text.slice(slash + 1) };
}

/** The task at which a page ended; only one that this token was given. */
function placeOf({ seal }: ViewerAccess, cursor: string): string {
  const place = /^task ([0-9a-f-]{36})$/.exec(seal.open(cursor) ?? "")?.[1];
  if (place === undefined) throw new AppError("invalid_cursor", "The cursor is not one that this list gave out.");
  return place;
}

/** Takes one of a token's places for streams; gives how to leave it. Throws too_many_requests. */
function takePlace(streams: Map<string, number>, id: string): () => void {
  const open = streams.get(id) ?? 0;
  if (open >= STREAMS_A_TOKEN) {
    const detail = `${STREAMS_A_TOKEN} streams are open with this token; close one.`;
    throw new AppError("too_many_requests", detail, { retryAfterSeconds: 10 });
  }
  streams.set(id, open + 1);
  let left = false;
  return () => {
    if (left) return;
    left = true;
    const rest = (streams.get(id) ?? 1) - 1;
    if (rest > 0) streams.set(id, rest);
    else streams.delete(id);
  };
}
