import { AppError, type Permission } from "@daybook/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { clientIp, parseTrustedProxies } from "../record/origin/client-ip.ts";
import { fullSight, type Sight } from "../record/sight.ts";
import { type AccessDeps, type RequestOrigin, requestOrigin } from "./access-events.ts";
import type { ApiKeyRing, KeyVerdict } from "./api-key-ring.ts";
import { checkCsrfToken, checkSameSite, isUnsafe } from "./csrf.ts";
import { limitsIn, readSessionCookie } from "./session.ts";
import { findSession, touchSession } from "./session-store.ts";
import { sightOf } from "./sight-of.ts";

/** Who makes a request and what they may do in one workspace. */
export interface Access {
  workspaceId: number;
  kind: "key" | "session" | "cli";
  /** Of the key, of the member of staff, or the name of the user of the operating system. */
  id: string;
  name: string;
  email?: string;
  permissions: ReadonlySet<Permission>;
  /** Until when a session counts as having shown who it is, see `requireStepUp`. */
  steppedUpUntilMs?: number;
  /** The workspace asks for two factors, and this person has one: all they may do is to turn them on. */
  lacksTwoFactors?: boolean;
  role?: string;
  /** What of the workspace's record they may see. */
  sight: Sight;
  ip?: string;
  userAgent?: string;
  sessionId?: string;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Set by the hook of `registerAccessHook` for everything under /api/. */
    access: Access | null;
    /** Why `access` is null, when something was sent that does not open anything. */
    accessFault: AppError | null;
    /** Where the request came from, for callers with and without access. Set by the same hook, for every path. */
    origin: RequestOrigin;
  }
  interface FastifyContextConfig {
    /** A form that is sent before signing in, so without a CSRF token. Same-site checks still hold. */
    beforeSignIn?: boolean;
  }
}

/** The access of a request, if it has the permission: the one place where that is decided. Throws `unauthenticated` or `forbidden`. */
export function requirePermission(request: FastifyRequest, permission: Permission): Access {
  const access = requireAccess(request);
  if (access.lacksTwoFactors === true)
    throw new AppError(
      "two_factors_required",
      "This workspace asks for two factors. Turn them on in your account first.",
    );
  if (!access.permissions.has(permission)) {
    const who = access.kind === "key" ? "This API key" : "Your role in this workspace";
    throw new AppError("forbidden", `${who} does not have the permission ${permission}.`, { extra: { permission } });
  }
  return access;
}

/** The access of somebody who is signed in, whatever they may do. Throws `unauthenticated`, and `forbidden` for an API key. */
export function requireSession(request: FastifyRequest): Access & { sessionId: string } {
  const access = requireAccess(request);
  if (access.kind !== "session" || access.sessionId === undefined)
    throw new AppError("forbidden", "This is for people who are signed in, not for API keys.");
  return { ...access, sessionId: access.sessionId };
}

/** Adds the one hook that finds out who makes a request: the API key of `Authorization: Bearer`, else the session of the cookie.
 *  1. Only /api/ is looked at; the console's files and the health checks are for everybody.
 *  2. A key that is held in memory costs no query and no promise: it is on the path of every event.
 *  3. Without a key, a request that changes something must come from our own pages (CSRF), signed in or not.
 *  4. What does not open anything is remembered and thrown by `requirePermission`, so that public calls go on working. */
export function registerAccessHook(app: FastifyInstance, deps: AccessDeps, keys: ApiKeyRing): void {
  const trusted = parseTrustedProxies(deps.config.trustedProxies);
  app.decorateRequest("access", null);
  app.decorateRequest("accessFault", null);
  app.decorateRequest("origin", null as never);
  app.addHook("onRequest", (request, _reply, done) => {
    request.origin = requestOrigin(request, clientIp(request.raw.socket.remoteAddress, request.headers, trusted));
    // The matched route and not the address: "/%61pi/" leads to the same place.
    if (!request.routeOptions.url?.startsWith("/api/")) return done();
    const secret = bearer(request.headers.authorization);
    if (secret === undefined) {
      resolveSession(request, deps).then(() => done(), done);
      return;
    }
    const verdict = keys.check(secret);
    if (!("then" in verdict)) {
      applyKey(request, verdict);
      return done();
    }
    verdict
      .then((answer) => applyKey(request, answer))
      .then(
        () => done(),
        (error) => done(error),
      );
  });
}

/** The workspace that the caller names: in the header, or in the address where no header can be sent (streams, downloads). */
function namedWorkspace(request: FastifyRequest): string | undefined {
  const header = request.headers["x-daybook-workspace"];
  if (typeof header === "string" && header !== "") return header;
  const query = (request.query as { workspace?: unknown }).workspace;
  return typeof query === "string" && query !== "" ? query : undefined;
}

function applyKey(request: FastifyRequest, verdict: KeyVerdict): void {
  if ("refused" in verdict) {
    request.accessFault = new AppError("unauthenticated", keyFaults[verdict.refused]);
    return;
  }
  const { key, permissions } = verdict;
  request.access = {
    workspaceId: key.workspaceId,
    kind: "key",
    id: key.id,
    name: key.name,
    permissions,
    sight: fullSight,
    ...whence(request.origin),
  };
}

const keyFaults = {
  unknown: "There is no such API key.",
  revoked: "This API key was revoked.",
  expired: "This API key has expired.",
} as const;

async function resolveSession(request: FastifyRequest, deps: AccessDeps): Promise<void> {
  if (isUnsafe(request.method)) checkSameSite(request, deps.config);
  const token = sessionTokenOf(request);
  if (token === undefined) return;
  const now = deps.clock();
  const slug = namedWorkspace(request);
  const session = await findSession(deps.db, token, slug, (id) => limitsIn(deps.settings, id), now);
  if (!session) {
    request.accessFault = new AppError("unauthenticated", "Your session has ended. Sign in again.");
    return;
  }
  if (isUnsafe(request.method) && !request.routeOptions.config.beforeSignIn) checkCsrfToken(request, token);
  if (session.workspaceId === null || session.role === null) {
    request.accessFault = new AppError(
      "forbidden",
      `You have no place in ${slug ? `the workspace ${slug}` : "any workspace"}.`,
    );
    return;
  }
  request.access = {
    workspaceId: session.workspaceId,
    kind: "session",
    id: session.staffId,
    name: session.name || session.email,
    email: session.email,
    permissions: session.permissions,
    ...(session.steppedUpUntil ? { steppedUpUntilMs: session.steppedUpUntil.getTime() } : {}),
    lacksTwoFactors: !session.totpEnabled && deps.settings.of(session.workspaceId).requireTwoFactors,
    role: session.role,
    sight: sightOf(session.role, session.permissions),
    sessionId: session.id,
    ...whence(request.origin),
  };
  await touchSession(deps.db, session, now);
}

/** The session token that a request carries, valid or not. */
export function sessionTokenOf(request: FastifyRequest): string | undefined {
  return readSessionCookie(request.headers.cookie);
}

function requireAccess(request: FastifyRequest): Access {
  if (request.access) return request.access;
  throw (
    request.accessFault ?? new AppError("unauthenticated", "Sign in, or send an API key as Authorization: Bearer dbk_…")
  );
}

function bearer(header: string | undefined): string | undefined {
  return header !== undefined && /^bearer /i.test(header) ? header.slice("bearer ".length).trim() : undefined;
}

function whence(origin: RequestOrigin): Pick<Access, "ip" | "userAgent"> {
  return { ...(origin.ip ? { ip: origin.ip } : {}), ...(origin.userAgent ? { userAgent: origin.userAgent } : {}) };
}
