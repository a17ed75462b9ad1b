import { randomBytes } from "node:crypto";
import { AppError } from "@daybook/contract";
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import { validatorCompiler } from "fastify-type-provider-zod";
import type { Deps } from "../deps.ts";
import { problemMediaType, toAppError, toProblem } from "./problem.ts";

/** A form or a definition, also from callers who are not signed in yet. Events are read by their route, see ingest-body.ts. */
const BODY_BYTES_MAX = 1024 * 1024;
/** Node's own limits against slow and idle clients, in milliseconds. */
const HEADERS_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_TIMEOUT_MS = 72_000; // Longer than the 60 s of common proxies, so that they close first.

let requestNumber = 0;
const requestPrefix = randomBytes(6).toString("base64url");

/** `req_` and something no other request of any process has. */
function requestId(): string {
  requestNumber += 1;
  return `req_${requestPrefix}${requestNumber.toString(36)}`;
}

/** The HTTP server without routes: request ids, problem documents for every error, zod validation, timeouts. */
export function createServer(deps: Pick<Deps, "config" | "log">): FastifyInstance {
  const app: FastifyInstance = fastify({
    loggerInstance: deps.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestId,
    bodyLimit: BODY_BYTES_MAX,
    // No limit for a whole request: a stream of events may take an hour. Silence is what ends it.
    requestTimeout: 0,
    connectionTimeout: deps.config.idleTimeoutSeconds * 1000,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: 5_000 },
    forceCloseConnections: "idle",
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 2_000 },
  });
  app.setValidatorCompiler(validatorCompiler);
  // Replies are ours and typed: checking them again would cost a third of the time of a page of events.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
  app.setErrorHandler(sendProblem);
  return app;
}

/** Answers with the problem document of an error. Unforeseen ones are logged, once, with the request id. */
export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const error = toAppError(thrown);
  if (error.status >= 500 && error.code !== "overloaded")
    request.log.error(
      { err: error.cause ?? error, requestId: request.id, method: request.method, url: withoutToken(request.url) },
      error.code,
    );
  const problem = toProblem(error, request.id);
  if (reply.sent) return;
  reply.code(problem.status).headers(problem.headers).type(problemMediaType).send(JSON.stringify(problem.body));
}

/** Streams carry a viewer token in their address, which must not be in the server's log. */
const withoutToken = (url: string): string => url.replace(/([?&]token=)[^&]*/g, "$1…");

export function noSuchRoute(request: FastifyRequest): AppError {
  const path = request.url.split("?")[0];
  return new AppError("not_found", `There is no ${request.method} ${path}. The calls are listed at /docs/api.`);
}
