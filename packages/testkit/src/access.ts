import { scopes as everyScope, type Scope } from "@daybook/contract";
import { createKey } from "@daybook/server/access/api-key-store.ts";
import { hashPassword } from "@daybook/server/access/password.ts";
import { csrfTokenOf } from "@daybook/server/access/secret.ts";
import { sessionLimits } from "@daybook/server/access/session.ts";
import { createSession } from "@daybook/server/access/session-store.ts";
import { createStaff } from "@daybook/server/access/staff-store.ts";
import { findWorkspace } from "@daybook/server/access/workspace-store.ts";
import type { Deps } from "@daybook/server/app.ts";
import type { FastifyInstance, LightMyRequestResponse } from "fastify";

// Builders of people and keys. They write to the tables and not to the log, so that tests can count events.

export const testPassword = "a lamp behind the harbour";

let made = 0;

export interface MemberOptions {
  role?: string;
  email?: string;
  name?: string;
  /** The slug; the first workspace when left out. */
  workspace?: string;
}

export interface TestMember {
  id: string;
  email: string;
  name: string;
  password: string;
}

/** Somebody who can sign in with `testPassword`; an owner unless told otherwise. */
export async function member(deps: Deps, options: MemberOptions = {}): Promise<TestMember> {
  made += 1;
  const { email = `person-${made}@daybook.example`, name = `Person ${made}`, role = "owner" } = options;
  const workspace = await findWorkspace(deps.db, options.workspace);
  const passwordHash = await hashPassword(testPassword);
  const staff = await createStaff(
    deps.db,
    { email, name, role, passwordHash, workspaceId: workspace.id },
    deps.clock(),
  );
  return { id: staff.id, email, name, password: testPassword };
}

export interface SignedInClient {
  member: TestMember;
  sessionId: string;
  csrfToken: string;
  /** For a browser: `{ name, value }` of the session's cookie. */
  cookie: { name: string; value: string };
  /** Cookie and CSRF token, for `app.inject` and `fetch`. */
  headers: Record<string, string>;
  /** Sends a request to the API as this person, e.g. `("GET", "/me")`; paths are below /api/v1. */
  request(method: Method, path: string, body?: object): Promise<LightMyRequestResponse>;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** A new member of staff with an open session. */
export async function signedInClient(
  { app, deps }: { app: FastifyInstance; deps: Deps },
  options: MemberOptions = {},
): Promise<SignedInClient> {
  const person = await member(deps, options);
  const owner = { staffId: person.id, ip: "127.0.0.1", userAgent: "testkit" };
  const session = await createSession(deps.db, owner, sessionLimits(deps.config), deps.clock());
  const csrfToken = csrfTokenOf(session.token);
  const cookie = { name: "daybook_session", value: session.token };
  const headers = { cookie: `${cookie.name}=${cookie.value}`, "x-daybook-csrf": csrfToken };
  const request = (method: Method, path: string, body?: object) =>
    app.inject({ method, url: `/api/v1${path}`, headers, ...(body === undefined ? {} : { payload: body }) });
  return { member: person, sessionId: session.id, csrfToken, cookie, headers, request };
}

export interface KeyOptions {
  name?: string;
  scopes?: readonly Scope[];
  workspace?: string;
  expiresAt?: Date;
}

export interface TestKey {
  id: string;
  key: string;
  /** `Authorization: Bearer …`. */
  headers: { authorization: string };
}

/** An API key; with every scope unless told otherwise. */
export async function apiKey(deps: Deps, options: KeyOptions = {}): Promise<TestKey> {
  made += 1;
  const workspace = await findWorkspace(deps.db, options.workspace);
  const { name = `key ${made}`, scopes = everyScope, expiresAt = null } = options;
  const key = { workspaceId: workspace.id, name, scopes, createdBy: "testkit", expiresAt };
  const minted = await createKey(deps.db, key, deps.clock());
  return { id: minted.id, key: minted.key, headers: { authorization: `Bearer ${minted.key}` } };
}

/** A second workspace; gives its id. */
export async function addWorkspace(deps: Deps, slug: string): Promise<number> {
  const added = await deps.ownerDb.query<{ id: number }>(
    `with made as (insert into workspace (slug, name) values ($1, $1) returning id)
     insert into log_head (workspace_id) select id from made returning workspace_id as id`,
    [slug],
  );
  const id = added.rows[0]?.id;
  if (id === undefined) throw new Error(`the workspace ${slug} was not made`);
  return id;
}
