import { timingSafeEqual } from "node:crypto";
import { AppError } from "@daybook/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Deps } from "../deps.ts";
import { collectProcessMetrics, countRequest, metrics } from "./metrics.ts";

/** `GET /metrics` for Prometheus: with the token of DAYBOOK_METRICS_TOKEN, or without one for this machine alone. */
export function registerMetricsRoutes(app: FastifyInstance, deps: Deps): void {
  collectProcessMetrics();
  app.addHook("onResponse", (request, reply, done) => {
    countRequest(request.method, request.routeOptions.url ?? "other", reply.statusCode, reply.elapsedTime / 1000);
    done();
  });
  app.get("/metrics", { schema: { hide: true } }, async (request, reply) => {
    requireReader(request, deps.config.metricsToken);
    reply.type(metrics.contentType);
    reply.serializer((text: string) => text);
    return metrics.metrics();
  });
}

function requireReader(request: FastifyRequest, token: string | undefined): void {
  if (token !== undefined) {
    const given = Buffer.from(request.headers.authorization ?? "");
    const wanted = Buffer.from(`Bearer ${token}`);
    if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
    throw new AppError("unauthenticated", "Send the token of DAYBOOK_METRICS_TOKEN as Authorization: Bearer.");
  }
  // A proxy on this machine passes strangers on: its header gives them away.
  const address = request.raw.socket.remoteAddress ?? "";
  const passedOn = request.headers["x-forwarded-for"] !== undefined || request.headers.forwarded !== undefined;
  if (!passedOn && /^(127\.|::1$|::ffff:127\.)/.test(address)) return;
  throw new AppError(
    "forbidden",
    "Metrics are for this machine alone. Set DAYBOOK_METRICS_TOKEN to read them from another.",
  );
}
