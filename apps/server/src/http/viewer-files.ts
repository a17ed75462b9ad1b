import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { AppError } from "@daybook/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

const files = {
  "/viewer/daybook-activity.js": "text/javascript; charset=utf-8",
  "/viewer/frame.js": "text/javascript; charset=utf-8",
  "/viewer/frame.css": "text/css; charset=utf-8",
} as const;

/** Asked for by its plain address, a file is looked at again after ten minutes; with its version it never changes. */
const PLAIN_CACHE = "public, max-age=600, stale-while-revalidate=86400";
const VERSION_CACHE = "public, max-age=31536000, immutable";

interface ViewerFile {
  body: Buffer;
  zipped: Buffer;
  /** The start of its SHA-256: its ETag, and its version in addresses. */
  version: string;
}

/**
 * Serves the component for customers' pages, to pages of any origin, and the page that shows it in a frame. The code is no
 * secret: the viewer token is. `frameOrigins` are the origins that may frame the page; empty is any.
 */
export function registerViewerFiles(
  app: FastifyInstance,
  dist: string,
  frameOrigins: () => Promise<readonly string[]>,
): void {
  const built = new Map(Object.keys(files).map((path) => [path, readBuilt(dist, path)]));
  for (const [path, type] of Object.entries(files))
    app.get(path, { schema: { hide: true } as object }, async (request, reply) => {
      const file = built.get(path);
      if (file === undefined) throw notBuilt();
      return sendFile(request, reply.type(type), file);
    });
  const page = pageText(dist, built);
  app.get("/viewer/frame", { schema: { hide: true } as object }, async (_request, reply) => {
    if (page === undefined) throw notBuilt();
    const origins = await frameOrigins();
    const ancestors = origins.length === 0 ? "*" : origins.join(" ");
    reply.removeHeader("x-frame-options");
    return reply
      .type("text/html; charset=utf-8")
      .headers({
        "content-security-policy": `default-src 'none';script-src 'self';style-src 'self';connect-src 'self';base-uri 'none';form-action 'none';frame-ancestors ${ancestors}`,
        "cross-origin-resource-policy": "cross-origin",
        "referrer-policy": "no-referrer",
        "cache-control": "no-cache",
      })
      .send(page);
  });
}

function readBuilt(dist: string, path: string): ViewerFile | undefined {
  const place = join(dist, path.replace("/viewer/", ""));
  if (!existsSync(place)) return undefined;
  const body = readFileSync(place);
  const version = createHash("sha256").update(body).digest("hex").slice(0, 16);
  return { body, zipped: gzipSync(body, { level: 9 }), version };
}

/** The page with the versions of its files in their addresses. */
function pageText(dist: string, built: ReadonlyMap<string, ViewerFile | undefined>): string | undefined {
  const place = join(dist, "frame.html");
  if (!existsSync(place)) return undefined;
  let text = readFileSync(place, "utf8");
  for (const [path, file] of built) if (file !== undefined) text = text.replace(path, `${path}?v=${file.version}`);
  return text;
}

function sendFile(request: FastifyRequest, reply: FastifyReply, { body, zipped, version }: ViewerFile): FastifyReply {
  const asked = (request.query as { v?: unknown }).v;
  const etag = `"${version}"`;
  reply.headers({
    etag,
    vary: "accept-encoding",
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "cache-control": asked === version ? VERSION_CACHE : PLAIN_CACHE,
  });
  if (request.headers["if-none-match"]?.includes(etag)) return reply.code(304).send();
  if (!/\bgzip\b/.test(request.headers["accept-encoding"] ?? "")) return reply.send(body);
  return reply.header("content-encoding", "gzip").send(zipped);
}

function notBuilt(): AppError {
  return new AppError(
    "not_found",
    "The activity component is not built. Run npm run build in the checkout, or npm start.",
  );
}
