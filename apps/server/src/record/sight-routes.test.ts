import { type Event, parseQuery } from "@daybook/contract";
import { apiKey, type SignedInClient, signedInClient } from "@daybook/testkit/access.ts";
import { type TestApp, testApp } from "@daybook/testkit/app.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ExportFormat, exportEvents } from "./export/export.ts";
import { staffLens } from "./live/lens.ts";
import { MASK } from "./personal.ts";

// What the roles see over the API: support no personal data, billing only what is about money.

let server: TestApp;
let support: SignedInClient;
let billing: SignedInClient;
let auditor: SignedInClient;
let now = Date.now();
let login: string;

const personal = /dana@acme\.example|203\.0\.113\.|Mozilla|s-41|2001:db8/;

beforeAll(async () => {
  server = await testApp({ clock: () => now });
  [support, billing, auditor] = (await Promise.all(
    (["support", "billing", "auditor"] as const).map((role) => signedInClient(server, { role })),
  )) as [SignedInClient, SignedInClient, SignedInClient];
  const origin = { ip: "203.0.113.9", userAgent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/143.0", sessionId: "s-41" };
  const dana = { type: "user", id: "42", name: "Dana", email: "dana@acme.example" };
  const written = await server.deps.record.write(server.workspaceId, [
    {
      action: "auth.login",
      actor: dana,
      origin,
      details: { email: "dana", ip: "203.0.113.9", note: "of dana@acme.example" },
    },
    {
      action: "user.email.changed",
      actor: dana,
      targets: [{ type: "user", id: "42", name: "dana@acme.example" }],
      origin,
      changes: [
        { field: "email", old: "dana@acme.example", new: "d" },
        { field: "seenFrom", new: "2001:db8::1" },
      ],
    },
    { action: "invoice.sent", actor: { type: "system" }, targets: [{ type: "invoice", id: "in-1" }] },
    {
      action: "server.suspended",
      actor: dana,
      targets: [{ type: "server", id: "srv-1" }],
      onBehalfOf: { ...dana, type: "user" },
      origin,
    },
  ]);
  login = written.items[0]?.id ?? "";
});

afterAll(() => server.close());

const list = async (client: SignedInClient, q = ""): Promise<{ items: Event[]; total: { value: number } }> =>
  (await client.request("GET", `/events?limit=500&q=${encodeURIComponent(q)}`)).json();

test("support sees every event without its personal data", async () => {
  const { items } = await list(support);
  const all = await list(auditor);
  expect(items.map((event) => event.id)).toEqual(all.items.map((event) => event.id));
  expect(JSON.stringify(items)).not.toMatch(personal);
  expect(JSON.stringify(all.items)).toMatch(personal);
  const event = items.find((one) => one.id === login);
  expect(event).toMatchObject({
    actor: { id: "42", name: "Dana", email: MASK },
    origin: { ip: MASK, userAgent: MASK, sessionId: MASK },
  });
  expect(event?.details).toEqual({ email: MASK, ip: MASK, note: `of ${MASK}` });
});

test("support opens an event without its personal data, and without the salts that could tell it", async () => {
  const reply = await support.request("GET", `/events/${login}`);
  expect(reply.statusCode).toBe(200);
  expect(reply.body).not.toMatch(personal);
  expect(reply.json().proof).not.toHaveProperty("salts");
  expect((await auditor.request("GET", `/events/${login}`)).json().proof.salts).toMatch(/^[0-9a-f]{128}$/);
});

test.each(["ip:203.0.113.9", "session:s-41", "actor:dana@acme.example", "dana@acme.example", "details.email:dana"])(
  "support cannot ask for %s, anywhere",
  async (q) => {
    for (const path of ["/events", "/events/histogram", "/events/facets", "/events/stream"]) {
      const reply = await support.request("GET", `${path}?q=${encodeURIComponent(q)}`);
      expect([path, reply.statusCode, reply.json().permission]).toEqual([path, 403, "logs.personal"]);
    }
  },
);

test("support does not find by what it does not see", async () => {
  for (const q of [
    "acme.example",
    "203.0.113",
    "actor:*acme*",
    "s-41",
    "target:*acme*",
    "Mozilla",
    "details.note:*acme*",
  ])
    expect((await list(support, `${q} -category:log`)).items).toEqual([]);
  expect((await list(support, "dana action:auth.login")).items.map((event) => event.id)).toEqual([login]);
});

test("support gets no facets and no suggestions of personal fields", async () => {
  expect((await support.request("GET", "/events/facets?fields=ip")).statusCode).toBe(403);
  expect((await support.request("GET", "/search/suggestions?key=ip")).statusCode).toBe(403);
  expect((await support.request("GET", "/events/facets")).json().facets).not.toHaveProperty("ip");
  const facets = await support.request("GET", "/events/facets?fields=actor,target");
  expect(facets.json().facets.actor).toContainEqual({ value: "user/42", label: "Dana", count: 3 });
  expect(facets.body).not.toMatch(personal);
});

test("opening personal data is recorded once in a while, and refused without the permission", async () => {
  const path = `/events/${login}?reveal=personal`;
  const refused = await support.request("GET", path);
  expect([refused.statusCode, refused.json().permission]).toEqual([403, "logs.personal"]);
  const opened = async (): Promise<number> => {
    expect((await auditor.request("GET", path)).json().actor.email).toBe("dana@acme.example");
    await new Promise((resolve) => setTimeout(resolve, 200));
    return (await list(auditor, `action:log.personal.viewed target:event/${login}`)).total.value;
  };
  expect(await opened()).toBe(1);
  expect(await opened()).toBe(1);
  now += 6 * 60_000;
  expect(await opened()).toBe(2);
});

test("billing sees what is about money and nothing else, in lists, counts, facets and by id", async () => {
  const { items, total } = await list(billing);
  expect(items.map((event) => event.action)).toEqual(["invoice.sent"]);
  expect(total.value).toBe(1);
  expect((await billing.request("GET", `/events/${login}`)).statusCode).toBe(404);
  expect((await list(billing, "-category:invoice")).items).toEqual([]);
  const facets = await billing.request("GET", "/events/facets?fields=action,actor,category");
  expect(facets.json().facets.action).toEqual([{ value: "invoice.sent", count: 1 }]);
  expect(facets.body).not.toContain("42");
  const histogram = (await billing.request("GET", "/events/histogram")).json();
  expect(histogram.buckets.reduce((sum: number, bucket: { total: number }) => sum + bucket.total, 0)).toBe(1);
  const suggested = (await billing.request("GET", "/search/suggestions?key=action&prefix=")).json();
  expect(suggested.items.map((item: { value: string }) => item.value)).toEqual(["invoice.sent"]);
  const actions = (await billing.request("GET", "/actions?seen=true")).json();
  expect(actions.items.map((item: { action: string }) => item.action)).toEqual(["invoice.sent"]);
});

test("a key sees what it saw before", async () => {
  const key = await apiKey(server.deps, { scopes: ["events:read"] });
  const reply = await server.app.inject({ url: "/api/v1/events?q=ip:203.0.113.9", headers: key.headers });
  expect(reply.json().total.value).toBe(3);
});

test.each(["csv", "json", "ndjson"] as const)(
  "an export as %s without personal data has none, and no salts",
  async (format: ExportFormat) => {
    const text = async (allowed: boolean): Promise<string> => {
      const scope = {
        workspaceId: server.workspaceId,
        sight: { personal: allowed },
        query: parseQuery("-category:log"),
      };
      let whole = "";
      for await (const chunk of exportEvents(
        server.database.db,
        { scope, order: "asc", format, slug: "main" },
        { events: 0 },
      ))
        whole += chunk;
      return whole;
    };
    const masked = await text(false);
    expect(masked).not.toMatch(personal);
    expect(masked).not.toContain("salts");
    expect(masked).toContain(MASK);
    const open = await text(true);
    expect(open).toMatch(personal);
    expect(masked.split("\n").length).toBe(open.split("\n").length);
  },
);

test("new events are shown live as the list shows them", async () => {
  const { items } = await list(auditor, `id:${login}`);
  const [event] = items as [Event];
  const item = { seq: event.seq, event, json: JSON.stringify(event) };
  const [masked] = (await list(support, `id:${login}`)).items;
  expect(JSON.parse(staffLens(parseQuery("dana"), { personal: false }).show(item) ?? "")).toEqual(masked);
  expect(staffLens(parseQuery("acme"), { personal: false }).show(item)).toBeUndefined();
  expect(staffLens(parseQuery(""), { personal: true, categories: ["invoice"] }).show(item)).toBeUndefined();
  expect(staffLens(parseQuery("acme"), { personal: true }).show(item)).toBe(item.json);
  expect(() => staffLens(parseQuery("ip:1.1.1.1"), { personal: false })).toThrow("logs.personal");
});
