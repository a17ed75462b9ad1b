import { AppError, consistencyProofSchema, inclusionProofSchema, logKeySchema } from "@daybook/contract";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { requirePermission } from "../access/access.ts";
import type { Deps } from "../deps.ts";
import { readEntryBundle } from "./merkle/entry-bundle.ts";
import { formatVerifierKey } from "./merkle/note.ts";
import { TILE_WIDTH } from "./merkle/proof.ts";
import { proveConsistency, proveInclusion, readHead } from "./merkle/prove.ts";
import { parseTilePath, type TileAddress, widthOf } from "./merkle/tile-path.ts";
import { readTile } from "./merkle/tile-reader.ts";
import { searchQuery } from "./search/request.ts";

const tags = ["log"];
/** A checkpoint changes with every event; tiles and entries never do. Both are for those who may read the log. */
const FRESH = "private, max-age=2";
const LASTING = "private, max-age=31536000, immutable";

const size = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const wildcard = z.object({ "*": z.string().max(100) });

/** The log as C2SP tlog-tiles has it, under the prefix /api/v1/log, and ready-made proofs. */
export function registerLogRoutes(app: FastifyInstance, deps: Deps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "GET",
    url: "/api/v1/log/checkpoint",
    schema: {
      summary: "The signed checkpoint of the log",
      description:
        "Size and root of the log now, signed with Ed25519: a signed note (C2SP tlog-checkpoint). Keep one elsewhere: it pins down every event before it.",
      tags,
      querystring: z.strictObject({ workspace: searchQuery.workspace }),
      ...produces("text/plain; charset=utf-8"),
    },
    handler: async (request, reply) => {
      const { workspaceId } = requirePermission(request, "proofs.read");
      const note = await deps.checkpoints.current(workspaceId);
      return reply.type("text/plain; charset=utf-8").header("cache-control", FRESH).send(note);
    },
  });

  const tile = (url: string, prefix: string, summary: string, description: string): void => {
    routes.route({
      method: "GET",
      url: `${url}/*`,
      schema: { summary, description, tags, params: wildcard, ...produces("application/octet-stream") },
      handler: async (request, reply) => {
        const { workspaceId } = requirePermission(request, "proofs.read");
        const address = parseTilePath(`${prefix}${request.params["*"]}`);
        if (address === undefined) {
          const detail =
            "A tile is addressed as <level>/<index>[.p/<width>], the index as 3 digits a part: 0/x001/x234/067.p/5.";
          throw new AppError("not_found", detail);
        }
        return sendTile(deps, workspaceId, address, reply);
      },
    });
  };
  tile(
    "/api/v1/log/tile",
    "",
    "A tile of the hash tree",
    "`<level>/<index>[.p/<width>]`: up to 256 hashes of 32 bytes (C2SP tlog-tiles). `entries/<index>[.p/<width>]`: the entries of a tile of level 0.",
  );
  tile(
    "/api/v1/log/entries",
    "entries/",
    "Entries of the log",
    "`<index>[.p/<width>]`: up to 256 leaf entries, each after its length in 2 bytes. They hold commitments to personal values, never the values.",
  );

  registerProofRoutes(app, deps);
}

function registerProofRoutes(app: FastifyInstance, deps: Deps): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "GET",
    url: "/api/v1/log/proof/inclusion",
    schema: {
      summary: "Proof that an event is in the log",
      description: "RFC 9162, 2.1.3. Without `size`, in the log as it is now.",
      tags,
      querystring: z.strictObject({ seq: size, size: size.optional(), workspace: searchQuery.workspace }),
      response: { 200: inclusionProofSchema },
    },
    handler: (request) => {
      const { workspaceId } = requirePermission(request, "proofs.read");
      return proveInclusion(deps.db, workspaceId, request.query.seq, request.query.size);
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/log/proof/consistency",
    schema: {
      summary: "Proof that the log extends an earlier one",
      description: "RFC 9162, 2.1.4. Without `to`, up to the log as it is now.",
      tags,
      querystring: z.strictObject({ from: size, to: size.optional(), workspace: searchQuery.workspace }),
      response: { 200: consistencyProofSchema },
    },
    handler: (request) => {
      const { workspaceId } = requirePermission(request, "proofs.read");
      return proveConsistency(deps.db, workspaceId, request.query.from, request.query.to);
    },
  });

  routes.route({
    method: "GET",
    url: "/api/v1/log/keys",
    schema: {
      summary: "The public keys of the log",
      description: "The key that signs the checkpoints now, first, and those before it.",
      tags,
      querystring: z.strictObject({ workspace: searchQuery.workspace }),
      response: { 200: z.object({ items: z.array(logKeySchema) }) },
    },
    handler: async (request) => {
      const { workspaceId } = requirePermission(request, "proofs.read");
      const { slug } = await deps.record.workspace(workspaceId);
      return { items: deps.checkpoints.publicKeys(slug).map(toLogKey) };
    },
  });
}

async function sendTile(
  deps: Deps,
  workspaceId: number,
  tile: TileAddress,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const head = await readHead(deps.db, workspaceId);
  const there = widthOf(tile.level, tile.index, head.size);
  if (there < tile.width) {
    const part = there === 0 ? "That tile does not exist yet" : `That tile has ${there} of ${TILE_WIDTH} hashes so far`;
    throw new AppError("not_found", `${part}; the log has ${head.size} events.`);
  }
  const { level, index, width } = tile;
  const bytes =
    level === "entries"
      ? await readEntryBundle(deps.db, await deps.record.workspace(workspaceId), index, width)
      : await readTile(deps.db, workspaceId, { level, index }, width);
  if (bytes === undefined)
    throw new AppError("log_inconsistent", "That part of the log is not stored any more. Run daybook verify.");
  return reply.type("application/octet-stream").header("cache-control", LASTING).send(bytes);
}

function toLogKey(key: ReturnType<Deps["checkpoints"]["publicKeys"]>[number]): z.infer<typeof logKeySchema> {
  const { verifier, since, current } = key;
  return {
    verifierKey: formatVerifierKey(verifier),
    name: verifier.name,
    keyId: verifier.keyId,
    publicKey: verifier.publicKey.toString("base64"),
    ...(since === undefined ? {} : { since }),
    current,
  };
}

/** A reply that is not JSON, for the OpenAPI document. */
function produces(type: string): { response: { 200: z.ZodString } } {
  return { response: { 200: z.string() }, ...({ produces: [type] } as object) };
}
