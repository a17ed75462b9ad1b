import { AppError, eventInputSchema, limits } from "@daybook/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { type Access, requirePermission } from "../access/access.ts";
import type { Deps } from "../deps.ts";
import type { AppendResult } from "./append.ts";
import { InFlight, JSON_BYTES_MAX, STREAM_BYTES_MAX } from "./in-flight.ts";
import { bodyTooLarge, readJson, unpacked } from "./ingest-body.ts";
import { storeNdjson } from "./ndjson.ts";
import type { Sender } from "./prepare.ts";

const item = z.object({ id: z.string(), seq: z.number().int(), duplicate: z.literal(true).optional() });
const stored = z.object({
  accepted: z.number().int(),
  duplicates: z.number().int(),
  firstSeq: z.number().int().nullable(),
  lastSeq: z.number().int().nullable(),
  items: z.array(item).describe("In the order of the request. A duplicate has the seq of its first writing."),
});
const streamed = z.object({
  accepted: z.number().int(),
  duplicates: z.number().int(),
  rejectedCount: z.number().int(),
  rejected: z
    .array(z.object({ line: z.number().int(), code: z.string(), pointer: z.string(), message: z.string() }))
    .describe("Lines that were not stored, at most 1,000 of them."),
});

const description = `One event, or an array (all or none, up to ${limits.batchEventsMax}): 201. As application/x-ndjson, one event a line, of any length: good lines are stored, bad ones reported, 200. Content-Encoding gzip and zstd are understood. The reply means that the events are on disk.`;

/** `POST /api/v1/events`. The body is read here, not by fastify, so that its memory is counted and streams stay streams. */
export function registerIngestRoutes(app: FastifyInstance, deps: Deps): void {
  const bodies = new InFlight(JSON_BYTES_MAX);
  const streams = new InFlight(STREAM_BYTES_MAX);
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
    scope.route({
      method: "POST",
      url: "/api/v1/events",
      schema: {
        summary: "Store events",
        description,
        tags: ["events"],
        response: { 201: stored, 200: streamed },
        // For the document only: the body is validated item by item, see event-check.ts.
        ...({ consumes: ["application/json", "application/x-ndjson"] } as object),
      },
      config: { documentedBody: z.union([eventInputSchema, z.array(eventInputSchema)]) } as never,
      handler: async (request, reply) => {
        const access = requirePermission(request, "events.write");
        const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase() ?? "";
        if (type === "application/x-ndjson" || type === "application/jsonl" || type === "application/ndjson") {
          return storeStream(deps, streams, access, request);
        }
        if (type !== "application/json") {
          const detail = `Content-Type ${type || "(none)"} is not supported; application/json and application/x-ndjson are.`;
          throw new AppError("unsupported_media_type", detail);
        }
        return storeJson(deps, bodies, access, request, reply);
      },
    });
  });
}

async function storeStream(deps: Deps, inFlight: InFlight, access: Access, request: FastifyRequest): Promise<unknown> {
  const workspace = await deps.record.workspace(access.workspaceId);
  return storeNdjson(deps.record, inFlight, workspace, senderOf(access), unpacked(request.raw));
}

async function storeJson(
  deps: Deps,
  inFlight: InFlight,
  access: Access,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Omit<AppendResult, "conflicts">> {
  if (Number(request.headers["content-length"] ?? 0) > limits.bodyBytesMax) {
    // The rest of the body is not worth reading.
    reply.header("connection", "close");
    throw bodyTooLarge();
  }
  const { value, release } = await readJson(unpacked(request.raw), inFlight);
  try {
    const events = Array.isArray(value) ? value : [value];
    if (events.length > limits.batchEventsMax) {
      const detail = `The array has ${events.length} events; at most ${limits.batchEventsMax} are stored together (batchEventsMax). Send more as application/x-ndjson.`;
      throw new AppError("batch_too_large", detail, { extra: { limit: "batchEventsMax", max: limits.batchEventsMax } });
    }
    const { conflicts: _none, ...result } = await deps.record.write(access.workspaceId, events, senderOf(access));
    reply.code(201);
    return result;
  } finally {
    release();
  }
}

function senderOf(access: Access): Sender {
  const sender: Sender = { ip: access.ip, userAgent: access.userAgent };
  if (access.kind === "key") {
    sender.keyId = access.id;
    sender.keyName = access.name;
  }
  return sender;
}
