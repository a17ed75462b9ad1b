import type { ViewerEvent } from "@daybook/contract";
import { apiKey } from "@daybook/testkit/access.ts";
import { type TestApp, testApp } from "@daybook/testkit/app.ts";
import { afterAll, beforeAll, expect, test } from "vitest";

// Somebody with a viewer token who wants to see more than the token shows. Dana (user 77) owns srv-1; Lee (user 88) owns
// srv-2; Rita is of the staff. Whatever Dana does, nothing of Lee, of Rita or of the company may come out.

let server: TestApp;
let now = Date.UTC(2026, 10, 21, 12);
let panel: { authorization: string };
let dana: string;
const ids: Record<string, string> = {};

const secrets = /lee|srv-2|mc-lee|rita|198\.51\.100|node-7|"88"|fraud|p-lee|internal/i;

const own = { type: "server", id: "srv-1", name: "mc-01", ownerId: "77" };
const foreign = { type: "server", id: "srv-2", name: "mc-lee", ownerId: "88" };
const danaActor = { type: "user", id: "77", name: "Dana", email: "dana@acme.example" };
const lee = { type: "user", id: "88", name: "Lee", email: "lee@other.example" };
const rita = { type: "staff", id: "r-1", name: "Rita", email: "rita@host.example" };
const home = { ip: "203.0.113.9", userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0" };
const office = { ip: "198.51.100.7", userAgent: home.userAgent };

const events: Record<string, object> = {
  ownRestart: { action: "server.power.restart", actor: danaActor, targets: [own], origin: home },
  ownLogin: { action: "auth.login", actor: danaActor, outcome: "failure", reason: "invalid_password", origin: home },
  staffSuspended: {
    action: "server.suspended",
    actor: rita,
    targets: [own],
    origin: office,
    reason: "fraud",
    changes: [
      { field: "node", old: "node-7", new: "node-8" },
      { field: "status", old: "running", new: "suspended" },
    ],
    details: { internalNote: "fraud of lee@other.example", plan: "Large", node: "node-7" },
  },
  mail: {
    action: "mail.delivered",
    actor: { type: "system" },
    targets: [{ type: "user", id: "77", name: "Dana" }],
    details: { template: "invoice" },
  },
  shared: { action: "server.subuser.created", actor: danaActor, targets: [own], origin: home },
  leesAct: {
    action: "server.files.deleted",
    actor: lee,
    targets: [own],
    origin: office,
    details: { files: ["a.txt"] },
  },
  foreignRestart: { action: "server.power.restart", actor: lee, targets: [foreign], origin: office },
  foreignLogin: { action: "auth.login", actor: lee, origin: office },
  loginOnOwn: { action: "auth.login", actor: lee, targets: [own], origin: office },
  foreignMail: {
    action: "mail.delivered",
    actor: { type: "system" },
    targets: [{ type: "user", id: "88", name: "Lee" }],
  },
  staffNote: { action: "server.notes.updated", actor: rita, targets: [own], origin: office },
  staffOnly: { action: "user.note.created", actor: rita, targets: [{ type: "user", id: "77", name: "Dana" }] },
  unknown: { action: "panel.secret_done", actor: rita, targets: [own] },
  foreignProject: {
    action: "project.updated",
    actor: lee,
    targets: [{ type: "project", id: "p-lee" }],
    project: "p-lee",
  },
};
const visible = ["ownRestart", "ownLogin", "staffSuspended", "mail", "shared", "leesAct"];

beforeAll(async () => {
  server = await testApp({ clock: () => now });
  panel = (await apiKey(server.deps)).headers;
  const sent = Object.entries(events).map(([, event], index) => ({
    ...event,
    occurredAt: new Date(now - 60_000 + index * 1_000).toISOString(),
  }));
  const reply = await server.app.inject({ method: "POST", url: "/api/v1/events", headers: panel, payload: sent });
  expect(reply.statusCode).toBe(201);
  const items = reply.json<{ items: { id: string }[] }>().items;
  for (const [index, name] of Object.keys(events).entries()) ids[name] = items[index]?.id ?? "";
  dana = await mint({ scope: { ownerId: "77" } });
});

afterAll(() => server.close());

async function mint(wanted: object): Promise<string> {
  const payload = { minutes: 30, ...wanted };
  const reply = await server.app.inject({ method: "POST", url: "/api/v1/viewer-tokens", headers: panel, payload });
  expect(reply.statusCode).toBe(201);
  return reply.json<{ token: string }>().token;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function get(path: string, token = dana) {
  const reply = await server.app.inject({ url: `/api/v1/viewer${path}`, headers: bearer(token) });
  return { status: reply.statusCode, text: reply.body, body: reply.json(), headers: reply.headers };
}

const search = async (q: string, token = dana): Promise<ViewerEvent[]> => {
  const { status, body, text } = await get(`/events?q=${encodeURIComponent(q)}`, token);
  if (status !== 200) throw new Error(text);
  return body.items;
};

test("a customer sees their own events, and of them what is meant for customers", async () => {
  const { body, text } = await get("/events");
  expect(body.items.map((event: ViewerEvent) => event.id).sort()).toEqual(visible.map((name) => ids[name]).sort());
  expect(body.total).toEqual({ value: visible.length, relation: "eq" });
  const byId = new Map<string, ViewerEvent>(body.items.map((event: ViewerEvent) => [event.id, event]));
  expect(byId.get(ids.staffSuspended ?? "")).toEqual({
    id: ids.staffSuspended,
    occurredAt: expect.any(String),
    action: "server.suspended",
    category: "server",
    outcome: "success",
    own: false,
    summary: "Support suspended mc-01",
    actor: { type: "staff", name: "Support" },
    targets: [{ type: "server", id: "srv-1", name: "mc-01" }],
    changes: [{ field: "status", old: "running", new: "suspended" }],
    details: { plan: "Large" },
  });
  expect(byId.get(ids.ownLogin ?? "")).toMatchObject({ own: true, ip: "203.0.113.9", reason: "invalid_password" });
  expect(byId.get(ids.leesAct ?? "")).toMatchObject({ actor: { type: "user", name: "Lee" }, own: false });
  expect(byId.get(ids.leesAct ?? "")?.ip).toBeUndefined();
  // Lee's name stands at what Lee did to Dana's server, and nowhere else; nothing of the log itself is told.
  const others = body.items.filter((event: ViewerEvent) => event.id !== ids.leesAct);
  expect(JSON.stringify(others)).not.toMatch(secrets);
  expect(text).not.toMatch(/"seq"|leafHash|recordedAt|proof|email|userAgent|session|severity/);
});

test("staff appear as the panel decides, fields are hidden as it decides", async () => {
  const hidden = await mint({ scope: { ownerId: "77" }, staffAs: null, hiddenFields: ["changes", "ip", "details"] });
  const found = await search("", hidden);
  const suspended = found.find((event) => event.id === ids.staffSuspended);
  expect(suspended).toMatchObject({ actor: { type: "system" }, summary: "System suspended mc-01" });
  expect(suspended).not.toHaveProperty("changes");
  expect(found.every((event) => event.ip === undefined && event.details === undefined)).toBe(true);
  expect(JSON.stringify(found)).not.toMatch(/rita|support/i);
  const noActors = await mint({ scope: { ownerId: "77" }, hiddenFields: ["actor"] });
  const anonymous = await search("", noActors);
  expect(anonymous.every((event) => event.actor === undefined)).toBe(true);
  expect(JSON.stringify(anonymous)).not.toMatch(/lee\b|rita/i);
  expect((await get("/events?q=actor:lee", noActors)).status).toBe(400);
});

test.each([
  ["of a key", () => panel.authorization.slice("Bearer ".length)],
  ["altered in its last character", () => dana.slice(0, -1) + (dana.endsWith("A") ? "B" : "A")],
  ["altered in its first character", () => `dbv_${dana[4] === "A" ? "B" : "A"}${dana.slice(5)}`],
  ["cut short", () => dana.slice(0, -4)],
  ["with something after it", () => `${dana}A`],
  ["that is invented", () => `dbv_${"A".repeat(43)}`],
  ["that is empty", () => ""],
  ["with SQL in it", () => "dbv_' or 1=1 --"],
])("a token %s opens nothing, and is answered like any other that opens nothing", async (_name, token) => {
  for (const path of ["/me", "/events", "/events/facets", "/events/stream", `/events/${ids.ownRestart}`]) {
    const { status, body } = await get(path, token());
    expect(status).toBe(401);
    expect({ ...body, requestId: "" }).toEqual({ ...(await get("/me", "dbv_other")).body, requestId: "" });
  }
});

test("a token ends after its minutes and when it is revoked", async () => {
  const short = await mint({ scope: { ownerId: "77" }, minutes: 1 });
  expect((await get("/events", short)).status).toBe(200);
  now += 61_000;
  expect((await get("/events", short)).status).toBe(401);
  const made = await server.app.inject({
    method: "POST",
    url: "/api/v1/viewer-tokens",
    headers: panel,
    payload: { scope: { ownerId: "77" }, minutes: 5 },
  });
  const { id, token } = made.json();
  const end = () => server.app.inject({ method: "DELETE", url: `/api/v1/viewer-tokens/${id}`, headers: panel });
  expect((await end()).statusCode).toBe(204);
  expect((await get("/events", token)).status).toBe(401);
  expect((await end()).statusCode).toBe(404);
});

test.each([
  ["events"],
  ["events/histogram"],
  ["events/facets"],
  ["events/stream"],
  ["events/export?format=csv"],
  ["search/suggestions?key=actor"],
  ["log/checkpoint"],
  ["log/proof/inclusion?seq=1"],
  ["log/keys"],
  ["actions"],
  ["api-keys"],
  ["me"],
  ["viewer-tokens"],
  ["settings"],
])("a viewer token does not open /api/v1/%s", async (path) => {
  const headers = bearer(dana);
  const reply = await server.app.inject({ url: `/api/v1/${path}`, headers });
  expect([401, 404]).toContain(reply.statusCode);
  expect(reply.body).not.toMatch(/Dana|srv-1/);
  const inAddress = await server.app.inject({ url: `/api/v1/${path}${path.includes("?") ? "&" : "?"}token=${dana}` });
  expect([400, 401, 404]).toContain(inAddress.statusCode);
});

test("a viewer token writes nothing and mints nothing", async () => {
  const headers = bearer(dana);
  const attempts: [url: string, payload: object][] = [
    ["/api/v1/events", { action: "server.suspended" }],
    ["/api/v1/viewer-tokens", { scope: { ownerId: "88" }, minutes: 5 }],
    ["/api/v1/api-keys", { name: "mine", scopes: ["events:read"] }],
    ["/api/v1/viewer/events", {}],
  ];
  for (const [url, payload] of attempts) {
    const reply = await server.app.inject({ method: "POST", url, headers, payload });
    expect([401, 404, 405]).toContain(reply.statusCode);
  }
});

test.each([
  "target:srv-2",
  "target:server/srv-2",
  "target:server/*",
  "target:srv-*",
  "target:srv-1,srv-2",
  "target:mc-lee",
  "target:*lee*",
  "target:88",
  "target:user/88",
  "-target:srv-1",
  "-target:*",
  "actor:88",
  "actor:user/88",
  "actor:rita",
  "actor:r-1",
  "actor:staff/r-1",
  "actor:rita@host.example",
  "actor:*@other.example",
  "actor:*",
  "-actor:77",
  "-actor:support",
  "category:auth",
  "action:auth.*",
  "action:*",
  "-action:server.*",
  "rita",
  "mc-lee",
  "srv-2",
  "198.51",
  "198.51.100.7",
  "fraud",
  "node-7",
  "lee@other.example",
  "p-lee",
  "88",
  "r-1",
  '"internal"',
  "-nothing",
  "created:2000..2100",
  "outcome:success,failure,denied",
  "notes",
  "panel.secret_done",
])("the query %s brings out nothing that the token does not show without it", async (q) => {
  const shown = new Map((await search("")).map((event) => [event.id, event]));
  for (const event of await search(q)) expect(shown.get(event.id)).toEqual(event);
});

test.each([
  "rita",
  "actor:rita*",
  "actor:r-1",
  "actor:*rita*",
  "actor:rita@host.example",
  "actor:staff/*",
  "198.51",
  "fraud",
  "node-7",
  "internal",
  "target:srv-2",
  "target:server/srv-2",
  "mc-lee",
  "actor:88",
  "actor:user/88",
  "lee@other.example",
  "actor:lee@*",
  "target:user/88",
])("asking for what is not shown (%s) finds nothing: no question tells more than the answer", async (q) => {
  expect(await search(q)).toEqual([]);
  const all = await search("");
  expect((await search(`-${q}`)).length).toBe(all.length);
});

test.each([
  "owner:88",
  "owner:77",
  "-owner:77",
  "project:p-lee",
  "ip:198.51.100.0/24",
  "ip:203.0.113.9",
  "-ip:*",
  "session:*",
  "details.node:node-7",
  "details.internalNote:*",
  "field:node",
  "reason:fraud",
  "seq:1..5",
  "kind:administrative",
  "severity>=low",
  "behalf:*",
  "party:lee",
  "country:DE",
  "asn:24940",
  "network:*",
  "request:*",
  "auth:session",
  "browser:firefox",
  "os:linux",
])("keys of what is not shown cannot be asked for: %s", async (q) => {
  const { status, body } = await get(`/events?q=${encodeURIComponent(q)}`);
  expect([status, body.code]).toEqual([400, "invalid_query"]);
  for (const path of ["/events/facets", "/events/stream"])
    expect((await get(`${path}?q=${encodeURIComponent(q)}`)).status).toBe(400);
});

test("a foreign event is answered like one that does not exist", async () => {
  const hidden = Object.keys(events).filter((name) => !visible.includes(name));
  const missing = "0198f0c2-5b1e-7cc3-8a57-0d7e6f2b9a10";
  const none = await get(`/events/${missing}`);
  for (const name of hidden) {
    const { status, body } = await get(`/events/${ids[name]}`);
    const detail = body.detail.replace(ids[name], missing);
    expect([status, { ...body, detail, requestId: "" }]).toEqual([404, { ...none.body, requestId: "" }]);
    expect(await search(`id:${ids[name]}`)).toEqual([]);
  }
  expect((await get(`/events/${ids.ownRestart}`)).body.id).toBe(ids.ownRestart);
});

test("facets and totals count nothing else", async () => {
  const { text, body } = await get("/events/facets?limit=50");
  expect(text).not.toMatch(/srv-2|mc-lee|rita|198\.51|node-7|"88"|user\/88|r-1|notes|panel\.secret/i);
  expect(body.facets.outcome).toEqual([
    { value: "success", count: visible.length - 1 },
    { value: "failure", count: 1 },
  ]);
  for (const q of ["target:srv-2", "target:srv-none"]) {
    const { body } = await get(`/events?q=${q}`);
    expect(body.total).toEqual({ value: 0, relation: "eq" });
    expect((await get(`/events/facets?q=${q}`)).body.facets.action).toEqual([]);
  }
});

test("a cursor goes on with its own token alone, and tells no place in the log", async () => {
  const { body } = await get("/events?limit=2");
  const cursor: string = body.nextCursor;
  expect(Buffer.from(cursor, "base64url").toString("latin1")).not.toMatch(/^1\.\d+\./);
  const rest = await get(`/events?limit=2&cursor=${cursor}`);
  expect(rest.body.items).toHaveLength(2);
  const other = await mint({ scope: { ownerId: "88" } });
  const same = await mint({ scope: { ownerId: "77" } });
  for (const token of [other, same]) {
    const { status, body } = await get(`/events?limit=2&cursor=${cursor}`, token);
    expect([status, body.code]).toEqual([400, "invalid_cursor"]);
  }
  const staff = await server.app.inject({ url: "/api/v1/events?limit=2", headers: panel });
  const open = staff.json<{ nextCursor: string }>().nextCursor;
  expect((await get(`/events?limit=2&cursor=${open}`)).body.code).toBe("invalid_cursor");
  expect((await get(`/events?limit=2&cursor=${cursor}&q=server`)).body.code).toBe("invalid_cursor");
});

test("other parameters are refused, whatever they promise", async () => {
  for (const extra of ["workspace=main", "fields=ip", "reveal=personal", "scope=all", "ownerId=88"])
    expect((await get(`/events?${extra}`)).status).toBe(400);
});

test("a token of another workspace sees nothing of this one", async () => {
  const added = await server.database.ownerDb.query<{ id: number }>(
    "insert into workspace (slug, name) values ('other', 'Other') returning id",
  );
  await server.database.ownerDb.query("insert into log_head (workspace_id) values ($1)", [added.rows[0]?.id]);
  const key = await apiKey(server.deps, { workspace: "other" });
  const payload = { scope: { ownerId: "77" }, minutes: 5 };
  const made = await server.app.inject({ method: "POST", url: "/api/v1/viewer-tokens", headers: key.headers, payload });
  expect(await search("", made.json().token)).toEqual([]);
});

test("minting is recorded with its scope, and the token is not stored", async () => {
  const reply = await server.app.inject({
    url: "/api/v1/events?q=action:viewer_token.created&limit=1",
    headers: panel,
  });
  expect(reply.json().items[0].details).toMatchObject({
    scope: { ownerId: "77" },
    minutes: expect.any(Number),
    staffAs: "Support",
  });
  const { rows } = await server.database.ownerDb.query(
    "select row_to_json(viewer_token)::text as text from viewer_token",
  );
  expect(rows.length).toBeGreaterThan(3);
  expect(rows.some(({ text }) => text.includes(dana.slice(4)))).toBe(false);
  expect(reply.body).not.toContain(dana.slice(4));
});

test.each([
  [{ scope: {}, minutes: 5 }],
  [{ scope: { ownerId: "77" }, minutes: 0 }],
  [{ scope: { ownerId: "77" }, minutes: 1441 }],
  [{ scope: { ownerId: "77", everything: true }, minutes: 5 }],
  [{ scope: { ownerId: "" }, minutes: 5 }],
  [{ scope: { actor: { type: "staff", id: "r-1" } }, minutes: 5 }],
  [{ scope: { ownerId: "77" }, minutes: 5, hiddenFields: ["summary"] }],
])("%j makes no token", async (payload) => {
  const reply = await server.app.inject({ method: "POST", url: "/api/v1/viewer-tokens", headers: panel, payload });
  expect(reply.statusCode).toBe(400);
});

test("pages of any origin may call the viewer routes and no others, and only with a token", async () => {
  const origin = "https://panel.example";
  const preflight = await server.app.inject({
    method: "OPTIONS",
    url: "/api/v1/viewer/events",
    headers: { origin, "access-control-request-method": "GET", "access-control-request-headers": "authorization" },
  });
  expect(preflight.statusCode).toBe(204);
  expect(preflight.headers).toMatchObject({
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET",
    "access-control-allow-headers": "authorization, last-event-id",
  });
  const reply = await server.app.inject({ url: "/api/v1/viewer/events", headers: { origin, ...bearer(dana) } });
  expect(reply.headers["access-control-allow-origin"]).toBe("*");
  expect(reply.headers).not.toHaveProperty("access-control-allow-credentials");
  const refused = await server.app.inject({ url: "/api/v1/viewer/events", headers: { origin } });
  expect([refused.statusCode, refused.headers["access-control-allow-origin"]]).toEqual([401, "*"]);
  for (const url of ["/api/v1/events", "/api/v1/viewer-tokens", "/api/v1/me"]) {
    const other = await server.app.inject({ url, headers: { origin, ...panel } });
    expect(other.headers).not.toHaveProperty("access-control-allow-origin");
  }
});

test("a token that asks too often has to wait, and others do not", async () => {
  const busy = await mint({ scope: { ownerId: "77" } });
  const statuses = new Set<number>();
  for (let request = 0; request < 260; request++) statuses.add((await get("/me", busy)).status);
  expect(statuses).toEqual(new Set([200, 429]));
  expect((await get("/me")).status).toBe(200);
});
