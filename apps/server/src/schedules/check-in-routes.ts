import {
  AppError,
  type CheckIn,
  checkInSchema,
  limits,
  scheduleLimits,
  scheduleName,
  scheduleRunSchema,
} from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission } from "../access/access.ts";
import type { Deps } from "../deps.ts";
import { seesPersonal } from "../tasks/task-sight.ts";
import { takeCheckIn } from "./check-in.ts";
import { toRun } from "./schedule-row.ts";

const asNumber = z.coerce.number().int();

/** For a plain text the rest of the check-in is in the address. */
const query = z.strictObject({
  state: checkInSchema.shape.state.optional(),
  runId: checkInSchema.shape.runId,
  exitCode: asNumber.min(-1).max(255).optional(),
  durationMs: asNumber.min(0).max(scheduleLimits.durationMsMax).optional(),
  at: checkInSchema.shape.at,
});

const description =
  "`started` when it begins, `succeeded` or `failed` when it ends; one of the latter alone is enough. As JSON; or with the state in the " +
  "address and the output as the body: `curl --data-binary @log 'URL?state=succeeded'`. Of long outputs the middle is cut.";

/** `POST /api/v1/schedules/:name/check-ins`: a job that runs elsewhere says how it goes. */
export function registerCheckInRoutes(app: FastifyInstance, deps: Deps): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "string", bodyLimit: limits.bodyBytesMax }, (_request, body, done) =>
      done(null, body),
    );
    scope.withTypeProvider<ZodTypeProvider>().route({
      method: "POST",
      url: "/api/v1/schedules/:name/check-ins",
      schema: {
        summary: "Check in",
        description,
        tags: ["schedules"],
        params: z.object({ name: scheduleName }),
        querystring: query,
        response: { 201: scheduleRunSchema },
        // For the document only: the body may be JSON or text, see checkInOf.
        ...({ consumes: ["application/json", "text/plain"] } as object),
      },
      config: { documentedBody: checkInSchema } as never,
      handler: async (request, reply) => {
        const access = requirePermission(request, "tasks.write");
        const type = request.headers["content-type"] ?? "";
        const checkIn = checkInOf(request.query, typeof request.body === "string" ? request.body : "", type);
        const run = await takeCheckIn(deps, access.workspaceId, request.params.name, checkIn);
        reply.code(201);
        return toRun(run, seesPersonal(access));
      },
    });
  });
}

/** JSON by its content type, or because curl was given JSON without one; else the body is the output. */
function checkInOf(given: z.infer<typeof query>, body: string, contentType: string): CheckIn {
  const isJson = /^application\/json\b/i.test(contentType);
  const document =
    isJson || (given.state === undefined && body.trimStart().startsWith("{")) ? parsed(body, isJson) : undefined;
  const wanted = document ?? { ...given, ...(body === "" ? {} : { output: body }) };
  const read = checkInSchema.safeParse(document === undefined ? wanted : { ...given, ...document });
  if (read.success) return read.data;
  const errors = read.error.issues.map((issue) => ({
    pointer: `/${issue.path.join("/")}`,
    code: issue.code ?? "invalid",
    message: issue.message,
  }));
  const hint =
    'Say started, succeeded or failed: as { "state": "succeeded" }, or with ?state=succeeded in the address.';
  const detail = errors.some(({ pointer }) => pointer === "/state")
    ? hint
    : `${errors[0]?.pointer}: ${errors[0]?.message}`;
  throw new AppError("invalid_request", detail, { errors });
}

function parsed(body: string, must: boolean): object | undefined {
  if (must && body.trim() === "") return {};
  try {
    const document: unknown = JSON.parse(body);
    if (typeof document === "object" && document !== null && !Array.isArray(document)) return document;
  } catch {
    // Said below.
  }
  if (must) throw new AppError("invalid_json", "The body is not a JSON object.");
  return undefined;
}
