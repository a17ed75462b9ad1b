import { Readable } from "node:stream";
import { newTaskLinesSchema, storedLinesSchema, taskLimits, taskLinesSchema } from "@daybook/contract";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission } from "../../access/access.ts";
import type { Deps } from "../../deps.ts";
import { seesPersonal } from "../task-sight.ts";
import { readTask } from "../task-store.ts";
import type { GivenLines } from "./line-batch.ts";
import { foldedOf } from "./line-folding.ts";
import { outputText } from "./line-output.ts";
import { maskLine, readLines, readLinesBefore } from "./line-pages.ts";
import { LineWriter } from "./line-writer.ts";

const tags = ["tasks"];
const params = z.object({ id: z.guid() });
const LINES_DEFAULT = 1_000;

const pageQuery = z.strictObject({
  after: z.coerce.number().int().min(-1).optional().describe("The number of the last line that you have."),
  before: z.coerce.number().int().min(0).optional().describe("Lines before this number, for scrolling up."),
  limit: z.coerce.number().int().min(1).max(taskLimits.linesPageMax).default(LINES_DEFAULT),
});
const outputQuery = z.strictObject({
  ansi: z.enum(["keep", "strip"]).default("strip").describe("Whether colours stay in."),
  timestamps: z.enum(["true", "false"]).default("false").describe("Time and stream before each line."),
  workspace: z.string().optional(),
});

/** What tasks print: taking it in, pages of it, all of it as a file. */
export function registerLineRoutes(app: FastifyInstance, deps: Deps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const writer = new LineWriter(deps);

  routes.route({
    method: "POST",
    url: "/api/v1/tasks/:id/lines",
    bodyLimit: taskLimits.linesBytesMax,
    schema: {
      summary: "Add lines to a task's output",
      description:
        "One line, many, or `{ lines, from }`. With `from`, a batch that is sent twice is stored once, and one before which lines are missing is refused (`lines_out_of_order`; `next` says what to send). Taken while the task is open and for ten minutes after. Colours (SGR) are kept, other control sequences are not; secrets are redacted before anything is stored.",
      tags,
      params,
      body: newTaskLinesSchema,
      response: { 201: storedLinesSchema },
    },
    handler: async (request, reply) => {
      const { workspaceId } = requirePermission(request, "tasks.write");
      const stored = await writer.append(workspaceId, request.params.id, givenOf(request.body));
      reply.code(201);
      return stored;
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/tasks/:id/lines",
    schema: {
      summary: "Read a task's output",
      description:
        "Lines from the beginning, after a number, or before one; always in their order. `folded` says which lines of the middle are no longer kept.",
      tags,
      params,
      querystring: pageQuery,
      response: { 200: taskLinesSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "tasks.read");
      const { workspaceId } = access;
      const { id } = request.params;
      const { after, before, limit } = request.query;
      const { line_count: total } = await readTask(deps.db, workspaceId, id);
      const [items, folded] = await Promise.all([
        before === undefined
          ? readLines(deps.db, workspaceId, id, (after ?? -1) + 1, limit)
          : readLinesBefore(deps.db, workspaceId, id, before, limit),
        foldedOf(deps.db, workspaceId, id, total),
      ]);
      const shown = seesPersonal(access) ? items : items.map(maskLine);
      return { items: shown, ...(folded === undefined ? {} : { folded }), total };
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/tasks/:id/output",
    schema: {
      summary: "Download a task's output",
      description:
        "As plain text (UTF-8), streamed. Where lines of the middle are no longer kept, a line says how many.",
      tags,
      params,
      querystring: outputQuery,
      response: { 200: z.string() },
      ...({ produces: ["text/plain"] } as object),
    },
    handler: async (request, reply) => {
      const access = requirePermission(request, "tasks.read");
      const { workspaceId } = access;
      const { id } = request.params;
      const { ansi, timestamps } = request.query;
      const { line_count: total } = await readTask(deps.db, workspaceId, id);
      const text = outputText(
        deps.db,
        { workspaceId, id, total },
        { keepColours: ansi === "keep", timestamps: timestamps === "true", personal: seesPersonal(access) },
      );
      return (reply as FastifyReply)
        .type("text/plain; charset=utf-8")
        .header("cache-control", "no-store")
        .header("content-disposition", `attachment; filename="task-${id}.log"`)
        .send(Readable.from(text, { objectMode: false, highWaterMark: 256 * 1024 }));
    },
  });
}

function givenOf(body: z.infer<typeof newTaskLinesSchema>): GivenLines {
  if (Array.isArray(body)) return { lines: body };
  return "lines" in body ? body : { lines: [body] };
}
