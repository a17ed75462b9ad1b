import { randomUUID } from "node:crypto";
import { apiKey, member, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mailRoutes } from "./mail-route-callers.ts";
import { type Caller, callers, type RouteRow, rules } from "./route-callers.ts";
import { csrfTokenOf } from "./secret.ts";
import { sessionLimits } from "./session.ts";
import { createSession } from "./session-store.ts";

const id = randomUUID();
const password = "not the password of anybody";

/** Every route below /api with who may call it, and a request that gets as far as its permission. */
const table: Record<string, RouteRow> = {
  "POST /api/v1/sessions": { rule: "anybody", body: { email: "nobody@acme.example", password } },
  "DELETE /api/v1/sessions/current": { rule: "signed in" },
  "GET /api/v1/setup": { rule: "anybody" },
  "POST /api/v1/setup": { rule: "anybody", body: { token: "x", email: "x@acme.example", password } },
  "POST /api/v1/password-resets": { rule: "anybody", body: { email: "nobody@acme.example" } },
  "POST /api/v1/passwords": { rule: "anybody", body: { token: "x", password } },
  "GET /api/v1/me": { rule: "signed in" },
  "GET /api/v1/me/sessions": { rule: "signed in" },
  "DELETE /api/v1/me/sessions/:id": { rule: "signed in", path: `/api/v1/me/sessions/${id}` },
  "PUT /api/v1/me/password": { rule: "signed in", body: { currentPassword: password, password } },
  "POST /api/v1/me/totp": { rule: "signed in" },
  "PUT /api/v1/me/totp": { rule: "signed in", body: { code: "1" } },
  "DELETE /api/v1/me/totp": { rule: "signed in", body: { password } },
  "GET /api/v1/me/recovery-codes": { rule: "signed in" },
  "POST /api/v1/me/recovery-codes": { rule: "signed in", body: { password } },
  "GET /api/v1/me/step-up": { rule: "signed in", stepUp: true },
  "POST /api/v1/me/step-up": { rule: "signed in", body: { password } },
  "GET /api/v1/me/display": { rule: "signed in" },
  "PUT /api/v1/me/display": { rule: "signed in", body: {} },
  "GET /api/v1/api-keys": { rule: "keys.read" },
  "POST /api/v1/api-keys": { rule: "keys.manage", body: { name: "k", scopes: ["events:read"] }, stepUp: true },
  "POST /api/v1/api-keys/:id/rotations": {
    rule: "keys.manage",
    path: `/api/v1/api-keys/${id}/rotations`,
    stepUp: true,
  },
  "DELETE /api/v1/api-keys/:id": { rule: "keys.manage", path: `/api/v1/api-keys/${id}` },
  "GET /api/v1/roles": { rule: "staff.read" },
  "PUT /api/v1/roles/:name": {
    rule: "roles.manage",
    path: "/api/v1/roles/made",
    body: { permissions: [] },
    stepUp: true,
  },
  "DELETE /api/v1/roles/:name": { rule: "roles.manage", path: "/api/v1/roles/unknown", stepUp: true },
  "GET /api/v1/staff": { rule: "staff.read" },
  "POST /api/v1/staff": { rule: "staff.manage", body: { email: "new@acme.example", role: "nothing" }, stepUp: true },
  "PATCH /api/v1/staff/:id": {
    rule: "staff.manage",
    path: `/api/v1/staff/${id}`,
    body: { role: "nothing" },
    stepUp: true,
  },
  "DELETE /api/v1/staff/:id": { rule: "staff.manage", path: `/api/v1/staff/${id}`, stepUp: true },
  "DELETE /api/v1/staff/:id/second-factor": {
    rule: "staff.manage",
    path: `/api/v1/staff/${id}/second-factor`,
    stepUp: true,
  },
  "POST /api/v1/staff/:id/password-links": {
    rule: "staff.manage",
    path: `/api/v1/staff/${id}/password-links`,
    stepUp: true,
  },
  "GET /api/v1/workspaces": { rule: "signed in" },
  "POST /api/v1/workspaces": { rule: "workspaces.manage", body: { slug: "other", name: "Other" }, stepUp: true },
  "PATCH /api/v1/workspaces/:slug": {
    rule: "workspaces.manage",
    path: "/api/v1/workspaces/nowhere",
    body: { name: "X" },
    stepUp: true,
  },
  "POST /api/v1/events": { rule: "events.write", body: { action: "server.started" } },
  "GET /api/v1/events": { rule: "logs.read" },
  "GET /api/v1/events/histogram": { rule: "logs.read" },
  "GET /api/v1/events/facets": { rule: "logs.read", path: "?fields=action" },
  "GET /api/v1/search/suggestions": { rule: "logs.read", path: "?key=action" },
  // The id is refused, after the permission: else the stream would stay open.
  "GET /api/v1/events/stream": { rule: "logs.read", path: "?lastEventId=x" },
  "GET /api/v1/events/export": { rule: "logs.export", stepUp: true },
  "GET /api/v1/events/:id": { rule: "logs.read", path: `/api/v1/events/${id}` },
  "GET /api/v1/events/:id/trace": { rule: "logs.read", path: `/api/v1/events/${id}/trace` },
  "GET /api/v1/actors/:type/:id": { rule: "logs.read", path: "/api/v1/actors/user/1" },
  "GET /api/v1/targets/:type/:id": { rule: "logs.read", path: "/api/v1/targets/server/1" },
  "GET /api/v1/addresses/:ip": { rule: "logs.personal", path: "/api/v1/addresses/203.0.113.9" },
  "GET /api/v1/logins/attacks": { rule: "logs.personal" },
  "GET /api/v1/logins/block-list": { rule: "logs.export", stepUp: true },
  "GET /api/v1/log/checkpoint": { rule: "proofs.read" },
  "GET /api/v1/log/tile/*": { rule: "proofs.read", path: "/api/v1/log/tile/0/000" },
  "GET /api/v1/log/entries/*": { rule: "proofs.read", path: "/api/v1/log/entries/000" },
  "GET /api/v1/log/proof/inclusion": { rule: "proofs.read", path: "?seq=1" },
  "GET /api/v1/log/proof/consistency": { rule: "proofs.read", path: "?from=1" },
  "GET /api/v1/log/keys": { rule: "proofs.read" },
  "GET /api/v1/actions": { rule: "logs.read" },
  "PUT /api/v1/actions/:action": {
    rule: "actions.write",
    path: "/api/v1/actions/server.started",
    body: { severity: "low" },
  },
  "DELETE /api/v1/actions/:action": { rule: "actions.write", path: "/api/v1/actions/server.started" },
  "GET /api/v1/schedules": { rule: "tasks.read" },
  "GET /api/v1/schedules/upcoming": { rule: "tasks.read" },
  "GET /api/v1/schedules/preview": { rule: "tasks.read", path: "?cron=@daily" },
  "GET /api/v1/schedules/:name": { rule: "tasks.read", path: "/api/v1/schedules/x" },
  "GET /api/v1/schedules/:name/runs": { rule: "tasks.read", path: "/api/v1/schedules/x/runs" },
  "PUT /api/v1/schedules/:name": { rule: "schedules.write", path: "/api/v1/schedules/p", body: { cron: "@daily" } },
  "PATCH /api/v1/schedules/:name": {
    rule: "schedules.write",
    path: "/api/v1/schedules/x",
    body: { paused: true },
  },
  "DELETE /api/v1/schedules/:name": { rule: "schedules.write", path: "/api/v1/schedules/x" },
  "POST /api/v1/schedules/:name/runs": { rule: "schedules.write", path: "/api/v1/schedules/x/runs" },
  "POST /api/v1/schedules/:name/check-ins": {
    rule: "tasks.write",
    path: "/api/v1/schedules/x/check-ins",
    body: { state: "succeeded" },
  },
  "GET /api/v1/redactions": { rule: "logs.read, every event" },
  "GET /api/v1/views": { rule: "logs.read, signed in" },
  "POST /api/v1/views": { rule: "logs.read, signed in", body: { name: "v", screen: "activity", search: {} } },
  "PATCH /api/v1/views/:id": { rule: "logs.read, signed in", path: `/api/v1/views/${id}`, body: { name: "w" } },
  "DELETE /api/v1/views/:id": { rule: "logs.read, signed in", path: `/api/v1/views/${id}` },
  "GET /api/v1/settings": { rule: "settings.read" },
  "PATCH /api/v1/settings": { rule: "settings.write", body: { timeZone: "UTC" } },
  "GET /api/v1/settings/origin-test": { rule: "settings.read" },
  "GET /api/v1/branding": { rule: "signed in" },
  "GET /api/v1/about": { rule: "logs.read" },
  "POST /api/v1/viewer-tokens": { rule: "viewer_tokens.create", body: { scope: { ownerId: "77" }, minutes: 5 } },
  "DELETE /api/v1/viewer-tokens/:id": { rule: "viewer_tokens.create", path: `/api/v1/viewer-tokens/${id}` },
  "POST /api/v1/tasks": { rule: "tasks.write", body: { type: "instance.deploy" } },
  "GET /api/v1/tasks": { rule: "tasks.read" },
  "GET /api/v1/tasks/stats": { rule: "tasks.read" },
  "GET /api/v1/health/findings": { rule: "tasks.read" },
  "GET /api/v1/tasks/:id": { rule: "tasks.read", path: `/api/v1/tasks/${id}` },
  "PATCH /api/v1/tasks/:id": { rule: "tasks.write", path: `/api/v1/tasks/${id}`, body: { progress: 5 } },
  "POST /api/v1/tasks/:id/retry-attempts": { rule: "tasks.retry", path: `/api/v1/tasks/${id}/retry-attempts` },
  "POST /api/v1/tasks/:id/cancellation": { rule: "tasks.cancel", path: `/api/v1/tasks/${id}/cancellation` },
  "POST /api/v1/task-batches": { rule: "tasks.retry", body: { act: "retry", filter: { type: "none" } } },
  "GET /api/v1/task-types": { rule: "tasks.read" },
  "PUT /api/v1/task-types/:type": { rule: "settings.write", path: "/api/v1/task-types/instance.deploy", body: {} },
  "DELETE /api/v1/task-types/:type": { rule: "settings.write", path: "/api/v1/task-types/none" },
  "POST /api/v1/task-types/:type/secret": {
    rule: "settings.write",
    path: "/api/v1/task-types/none/secret",
    stepUp: true,
  },
  "POST /api/v1/tasks/:id/lines": { rule: "tasks.write", path: `/api/v1/tasks/${id}/lines`, body: { text: "x" } },
  "GET /api/v1/tasks/:id/lines": { rule: "tasks.read", path: `/api/v1/tasks/${id}/lines` },
  "GET /api/v1/tasks/stream": { rule: "tasks.read", path: "?target=x" },
  "GET /api/v1/tasks/:id/stream": { rule: "tasks.read", path: `/api/v1/tasks/${id}/stream` },
  "GET /api/v1/tasks/:id/output": { rule: "tasks.read", path: `/api/v1/tasks/${id}/output` },
  ...mailRoutes,
  "GET /api/v1/viewer/me": { rule: "customer" },
  "GET /api/v1/viewer/events": { rule: "customer" },
  "GET /api/v1/viewer/events/facets": { rule: "customer" },
  "GET /api/v1/viewer/events/stream": { rule: "customer", path: "?lastEventId=x" },
  "GET /api/v1/viewer/events/:id": { rule: "customer", path: `/api/v1/viewer/events/${id}` },
  "GET /api/v1/viewer/tasks": { rule: "customer" },
  "GET /api/v1/viewer/tasks/:id": { rule: "customer", path: `/api/v1/viewer/tasks/${id}` },
  "GET /api/v1/viewer/tasks/stream": { rule: "customer", path: "?target=x" },
  "GET /api/v1/viewer/mails": { rule: "customer" },
  "OPTIONS /api/v1/viewer/*": { rule: "anybody", path: "/api/v1/viewer/me" },
  "GET /api/openapi.json": { rule: "anybody" },
};

/** What is served to everybody: files of the console, health, documentation. `/metrics` asks for its own token. */
const open =
  /^(?:GET|OPTIONS) (?:\*|\/|\/\*|\/healthz|\/readyz|\/metrics|\/docs\/api(?:\.css)?|\/(?:(?:assets|viewer)\/)?[\w.-]+)$/;

let server: TestApp;
const staff = new Map<Caller, string>();
const bearers = new Map<Caller, string>();

beforeAll(async () => {
  server = await testApp();
  const { deps, workspaceId } = server;
  await deps.db.query("insert into role (workspace_id, name, permissions) values ($1, 'nothing', '{}')", [workspaceId]);
  for (const role of ["owner", "administrator", "auditor", "support", "billing"] as const)
    staff.set(role, (await member(deps, { role })).id);
  const nobody = await member(deps, { role: "support" });
  await deps.db.query("update membership set role = 'nothing' where staff_id = $1", [nobody.id]);
  staff.set("nothing", nobody.id);
  bearers.set("key without scopes", (await apiKey(deps, { scopes: [] })).key);
  const every = (await apiKey(deps)).key;
  bearers.set("key with every scope", every);
  const minted = await server.app.inject({
    method: "POST",
    url: "/api/v1/viewer-tokens",
    headers: { authorization: `Bearer ${every}` },
    payload: { scope: { ownerId: "77" }, minutes: 60 },
  });
  bearers.set("viewer token", minted.json().token);
});
afterAll(() => server.close());

/** A session of its own for each request: some requests end theirs. */
async function headersOf(caller: Caller, steppedUp = true): Promise<Record<string, string>> {
  const bearer = bearers.get(caller);
  if (bearer !== undefined) return { authorization: `Bearer ${bearer}` };
  const staffId = staff.get(caller);
  if (staffId === undefined) return {};
  const { db, config, clock } = server.deps;
  const whose = { staffId, ip: "127.0.0.1", userAgent: "test" };
  const session = await createSession(db, whose, sessionLimits(config), clock());
  const until = steppedUp ? new Date(clock() + 60_000) : null;
  await db.query("update session set stepped_up_until = $2 where id = $1", [session.id, until]);
  return { cookie: `daybook_session=${session.token}`, "x-daybook-csrf": csrfTokenOf(session.token) };
}

/** "allowed", or the code of the refusal. A request that fails for another reason was allowed to try. */
async function ask(route: string, row: RouteRow, caller: Caller, steppedUp = true): Promise<string> {
  const [method, path = ""] = route.split(" ");
  const url = row.path?.startsWith("/") ? row.path : `${path}${row.path ?? ""}`;
  const answer = await server.app.inject({
    method: method as "GET",
    url,
    headers: await headersOf(caller, steppedUp),
    ...(row.body === undefined ? {} : { payload: row.body }),
  });
  expect(answer.statusCode, `${route} as ${caller}: ${answer.body}`).not.toBe(500);
  const code: unknown = answer.headers["content-type"]?.toString().includes("problem+json")
    ? answer.json().code
    : undefined;
  const refusals: unknown[] = ["unauthenticated", "forbidden", "csrf_failed", "step_up_required"];
  return typeof code === "string" && refusals.includes(code) ? code : "allowed";
}

test("every route that there is stands in the table, and the table has no others", () => {
  const routes = [...new Set(server.app.routeList)];
  const below = routes.filter((route) => route.includes(" /api/"));
  expect(below.sort()).toEqual(Object.keys(table).sort());
  expect(routes.filter((route) => !route.includes(" /api/") && !open.test(route))).toEqual([]);
});

describe.each(Object.entries(table))("%s", (route, row) => {
  test(`is for: ${row.rule}`, async () => {
    const allowed: readonly Caller[] = rules[row.rule];
    const found: Record<string, string> = {};
    const expected: Record<string, string> = {};
    for (const caller of callers) {
      const known = caller !== "signed out" && caller !== "viewer token" && row.rule !== "customer";
      expected[caller] = allowed.includes(caller) ? "allowed" : known ? "forbidden" : "unauthenticated";
      found[caller] = await ask(route, row, caller);
    }
    expect(found).toEqual(expected);
  });

  test(row.stepUp ? "asks again who it is" : "does not ask again who it is", async () => {
    const caller = rules[row.rule].some((allowed) => allowed === "owner") ? "owner" : "signed out";
    if (caller === "owner")
      expect(await ask(route, row, caller, false)).toBe(row.stepUp ? "step_up_required" : "allowed");
  });
});
