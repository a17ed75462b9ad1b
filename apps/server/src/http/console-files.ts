import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { noSuchRoute, sendProblem } from "./server.ts";

/** Paths that are not pages of the console: a wrong one is an answer for a program. */
const programPaths = /^\/(api|docs|healthz|readyz|metrics|assets|viewer)(\/|\?|$)/;

const notBuilt =
  "The console is not built. Run npm run build in the checkout, or npm start, which builds it.\nThe API works: see /docs/api.\n";

/**
 * Serves the built console at /. Its addresses are the browser's, so every other GET gets the page.
 * Files below /assets carry a hash in their name and may be kept for ever.
 */
export async function registerConsoleFiles(app: FastifyInstance, dist: string): Promise<void> {
  const page = existsSync(join(dist, "index.html")) ? readFileSync(join(dist, "index.html"), "utf8") : undefined;
  if (page !== undefined)
    await app.register(fastifyStatic, {
      root: dist,
      wildcard: false,
      index: false,
      preCompressed: true,
      cacheControl: false,
      globIgnore: ["**/*.gz", "index.html"],
      setHeaders: (reply, path) => {
        const hashed = path.includes(`${join(dist, "assets")}`);
        reply.header("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
      },
    });
  app.setNotFoundHandler((request, reply) => {
    const wantsPage = request.method === "GET" || request.method === "HEAD";
    if (!wantsPage || programPaths.test(request.url)) return sendProblem(noSuchRoute(request), request, reply);
    if (page === undefined) return reply.code(503).type("text/plain; charset=utf-8").send(notBuilt);
    return reply.type("text/html; charset=utf-8").header("cache-control", "no-cache").send(page);
  });
}
