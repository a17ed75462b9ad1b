import { AppError } from "@daybook/contract";
import type { FastifyRequest } from "fastify";
import type { Config } from "../config.ts";
import { csrfTokenOf, sameSecret } from "./secret.ts";

const safeMethods = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

export function isUnsafe(method: string): boolean {
  return !safeMethods.has(method);
}

/** Refuses what a page of another site makes a browser send. Browsers say where a request comes from in Sec-Fetch-Site (a page
 *  cannot forge it) or at least in Origin; a client that is no browser sends neither and has no cookie to misuse.
 *  Throws `csrf_failed`. */
export function checkSameSite(request: FastifyRequest, config: Config): void {
  const site = request.headers["sec-fetch-site"];
  if (site === "same-origin" || site === "none") return;
  if (site !== undefined)
    throw new AppError("csrf_failed", `The request came from another site (Sec-Fetch-Site: ${site}).`);
  const { origin } = request.headers;
  if (origin === undefined || ownOrigin(origin, request, config)) return;
  throw new AppError(
    "csrf_failed",
    `The request came from ${origin}. If that is this server's own address, set DAYBOOK_PUBLIC_URL to it.`,
  );
}

/** Refuses a request that carries the session's cookie but not its CSRF token, which only our own pages can read. Throws `csrf_failed`. */
export function checkCsrfToken(request: FastifyRequest, sessionToken: string): void {
  const header = request.headers["x-daybook-csrf"];
  if (typeof header !== "string" || !sameSecret(header, csrfTokenOf(sessionToken)))
    throw new AppError(
      "csrf_failed",
      "The header X-Daybook-CSRF does not hold the session's token (see GET /api/v1/me).",
    );
}

/** The public address, or the host that the request was sent to. */
function ownOrigin(origin: string, request: FastifyRequest, config: Config): boolean {
  if (!URL.canParse(origin)) return false;
  const { host } = new URL(origin);
  if (config.publicUrl !== undefined && new URL(config.publicUrl).origin === new URL(origin).origin) return true;
  return host === request.headers.host?.toLowerCase();
}
