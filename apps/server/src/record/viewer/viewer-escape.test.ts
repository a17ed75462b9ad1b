import type { ViewerEvent } from "@daybook/contract";
import { apiKey } from "@daybook/testkit/access.ts";
import { type CustomerStory, customerStory, events, visible } from "@daybook/testkit/customer-story.ts";
import { afterAll, beforeAll, expect, test } from "vitest";

// Somebody with a viewer token who wants to see more than the token shows. Whatever Dana does, nothing of Lee, of Rita or of the
// company may come out.

const secrets = /lee|srv-2|mc-lee|rita|198\.51\.100|node-7|"88"|fraud|p-lee|internal/i;

let story: CustomerStory;

beforeAll(async () => {
  story = await customerStory();
});

afterAll(() => story.server.close());

test("a customer sees their own events, and of them what is meant for customers", async () => {
  const { body, text } = await story.get("/events");
  expect(body.items.map((event: ViewerEvent) => event.id).sort()).toEqual(
    visible.map((name) => story.ids[name]).sort(),
  );
  expect(body.total).toEqual({ value: visible.length, relation: "eq" });
  const byId = new Map<string, ViewerEvent>(body.items.map((event: ViewerEvent) => [event.id, event]));
  expect(byId.get(story.ids.staffSuspended ?? "")).toEqual({
    id: story.ids.staffSuspended,
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
  expect(byId.get(story.ids.ownLogin ?? "")).toMatchObject({
    own: true,
    ip: "203.0.113.9",
    reason: "invalid_password",
  });
  expect(byId.get(story.ids.leesAct ?? "")).toMatchObject({ actor: { type: "user", name: "Lee" }, own: false });
  expect(byId.get(story.ids.leesAct ?? "")?.ip).toBeUndefined();
  // Lee's name stands at what Lee did to Dana's server, and nowhere else; nothing of the log itself is told.
  const others = body.items.filter((event: ViewerEvent) => event.id !== story.ids.leesAct);
  expect(JSON.stringify(others)).not.toMatch(secrets);
  expect(text).not.toMatch(/"seq"|leafHash|recordedAt|proof|email|userAgent|session|severity/);
});

test("staff appear as the panel decides, fields are hidden as it decides", async () => {
  const hidden = await story.mint({
    scope: { ownerId: "77" },
    staffAs: null,
    hiddenFields: ["changes", "ip", "details"],
  });
  const found = await story.search("", hidden);
  const suspended = found.find((event) => event.id === story.ids.staffSuspended);
  expect(suspended).toMatchObject({ actor: { type: "system" }, summary: "System suspended mc-01" });
  expect(suspended).not.toHaveProperty("changes");
  expect(found.every((event) => event.ip === undefined && event.details === undefined)).toBe(true);
  expect(JSON.stringify(found)).not.toMatch(/rita|support/i);
  const noActors = await story.mint({ scope: { ownerId: "77" }, hiddenFields: ["actor"] });
  const anonymous = await story.search("", noActors);
  expect(anonymous.every((event) => event.actor === undefined)).toBe(true);
  expect(JSON.stringify(anonymous)).not.toMatch(/lee\b|rita/i);
  expect((await story.get("/events?q=actor:lee", noActors)).status).toBe(400);
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
  const shown = new Map((await story.search("")).map((event) => [event.id, event]));
  for (const event of await story.search(q)) expect(shown.get(event.id)).toEqual(event);
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
  expect(await story.search(q)).toEqual([]);
  const all = await story.search("");
  expect((await story.search(`-${q}`)).length).toBe(all.length);
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
  const { status, body } = await story.get(`/events?q=${encodeURIComponent(q)}`);
  expect([status, body.code]).toEqual([400, "invalid_query"]);
  for (const path of ["/events/facets", "/events/stream"])
    expect((await story.get(`${path}?q=${encodeURIComponent(q)}`)).status).toBe(400);
});

test("a foreign event is answered like one that does not exist", async () => {
  const hidden = Object.keys(events).filter((name) => !visible.includes(name));
  const missing = "0198f0c2-5b1e-7cc3-8a57-0d7e6f2b9a10";
  const none = await story.get(`/events/${missing}`);
  for (const name of hidden) {
    const { status, body } = await story.get(`/events/${story.ids[name]}`);
    const detail = body.detail.replace(story.ids[name], missing);
    expect([status, { ...body, detail, requestId: "" }]).toEqual([404, { ...none.body, requestId: "" }]);
    expect(await story.search(`id:${story.ids[name]}`)).toEqual([]);
  }
  expect((await story.get(`/events/${story.ids.ownRestart}`)).body.id).toBe(story.ids.ownRestart);
});

test("facets and totals count nothing else", async () => {
  const { text, body } = await story.get("/events/facets?limit=50");
  expect(text).not.toMatch(/srv-2|mc-lee|rita|198\.51|node-7|"88"|user\/88|r-1|notes|panel\.secret/i);
  expect(body.facets.outcome).toEqual([
    { value: "success", count: visible.length - 1 },
    { value: "failure", count: 1 },
  ]);
  for (const q of ["target:srv-2", "target:srv-none"]) {
    const { body } = await story.get(`/events?q=${q}`);
    expect(body.total).toEqual({ value: 0, relation: "eq" });
    expect((await story.get(`/events/facets?q=${q}`)).body.facets.action).toEqual([]);
  }
});

test("a cursor goes on with its own token alone, and tells no place in the log", async () => {
  const { body } = await story.get("/events?limit=2");
  const cursor: string = body.nextCursor;
  expect(Buffer.from(cursor, "base64url").toString("latin1")).not.toMatch(/^1\.\d+\./);
  const rest = await story.get(`/events?limit=2&cursor=${cursor}`);
  expect(rest.body.items).toHaveLength(2);
  const other = await story.mint({ scope: { ownerId: "88" } });
  const same = await story.mint({ scope: { ownerId: "77" } });
  for (const token of [other, same]) {
    const { status, body } = await story.get(`/events?limit=2&cursor=${cursor}`, token);
    expect([status, body.code]).toEqual([400, "invalid_cursor"]);
  }
  const staff = await story.server.app.inject({ url: "/api/v1/events?limit=2", headers: story.panel });
  const open = staff.json<{ nextCursor: string }>().nextCursor;
  expect((await story.get(`/events?limit=2&cursor=${open}`)).body.code).toBe("invalid_cursor");
  expect((await story.get(`/events?limit=2&cursor=${cursor}&q=server`)).body.code).toBe("invalid_cursor");
});

test("other parameters are refused, whatever they promise", async () => {
  for (const extra of ["workspace=main", "fields=ip", "reveal=personal", "scope=all", "ownerId=88"])
    expect((await story.get(`/events?${extra}`)).status).toBe(400);
});

test("a token of another workspace sees nothing of this one", async () => {
  const added = await story.server.database.ownerDb.query<{ id: number }>(
    "insert into workspace (slug, name) values ('other', 'Other') returning id",
  );
  await story.server.database.ownerDb.query("insert into log_head (workspace_id) values ($1)", [added.rows[0]?.id]);
  const key = await apiKey(story.server.deps, { workspace: "other" });
  const payload = { scope: { ownerId: "77" }, minutes: 5 };
  const made = await story.server.app.inject({
    method: "POST",
    url: "/api/v1/viewer-tokens",
    headers: key.headers,
    payload,
  });
  expect(await story.search("", made.json().token)).toEqual([]);
});
