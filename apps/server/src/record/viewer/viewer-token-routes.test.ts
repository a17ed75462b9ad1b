import { bearer, type CustomerStory, customerStory } from "@daybook/testkit/customer-story.ts";
import { afterAll, beforeAll, expect, test } from "vitest";

let story: CustomerStory;

beforeAll(async () => {
  story = await customerStory();
});

afterAll(() => story.server.close());

test.each([
  ["of a key", () => story.panel.authorization.slice("Bearer ".length)],
  ["altered in its last character", () => story.dana.slice(0, -1) + (story.dana.endsWith("A") ? "B" : "A")],
  ["altered in its first character", () => `dbv_${story.dana[4] === "A" ? "B" : "A"}${story.dana.slice(5)}`],
  ["cut short", () => story.dana.slice(0, -4)],
  ["with something after it", () => `${story.dana}A`],
  ["that is invented", () => `dbv_${"A".repeat(43)}`],
  ["that is empty", () => ""],
  ["with SQL in it", () => "dbv_' or 1=1 --"],
])("a token %s opens nothing, and is answered like any other that opens nothing", async (_name, token) => {
  for (const path of ["/me", "/events", "/events/facets", "/events/stream", `/events/${story.ids.ownRestart}`]) {
    const { status, body } = await story.get(path, token());
    expect(status).toBe(401);
    expect({ ...body, requestId: "" }).toEqual({ ...(await story.get("/me", "dbv_other")).body, requestId: "" });
  }
});

test("a token ends after its minutes and when it is revoked", async () => {
  const short = await story.mint({ scope: { ownerId: "77" }, minutes: 1 });
  expect((await story.get("/events", short)).status).toBe(200);
  story.clock.now += 61_000;
  expect((await story.get("/events", short)).status).toBe(401);
  const made = await story.server.app.inject({
    method: "POST",
    url: "/api/v1/viewer-tokens",
    headers: story.panel,
    payload: { scope: { ownerId: "77" }, minutes: 5 },
  });
  const { id, token } = made.json();
  const end = () =>
    story.server.app.inject({ method: "DELETE", url: `/api/v1/viewer-tokens/${id}`, headers: story.panel });
  expect((await end()).statusCode).toBe(204);
  expect((await story.get("/events", token)).status).toBe(401);
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
  const headers = bearer(story.dana);
  const reply = await story.server.app.inject({ url: `/api/v1/${path}`, headers });
  expect([401, 404]).toContain(reply.statusCode);
  expect(reply.body).not.toMatch(/Dana|srv-1/);
  const inAddress = await story.server.app.inject({
    url: `/api/v1/${path}${path.includes("?") ? "&" : "?"}token=${story.dana}`,
  });
  expect([400, 401, 404]).toContain(inAddress.statusCode);
});

test("a viewer token writes nothing and mints nothing", async () => {
  const headers = bearer(story.dana);
  const attempts: [url: string, payload: object][] = [
    ["/api/v1/events", { action: "server.suspended" }],
    ["/api/v1/viewer-tokens", { scope: { ownerId: "88" }, minutes: 5 }],
    ["/api/v1/api-keys", { name: "mine", scopes: ["events:read"] }],
    ["/api/v1/viewer/events", {}],
  ];
  for (const [url, payload] of attempts) {
    const reply = await story.server.app.inject({ method: "POST", url, headers, payload });
    expect([401, 404, 405]).toContain(reply.statusCode);
  }
});

test("minting is recorded with its scope, and the token is not stored", async () => {
  const reply = await story.server.app.inject({
    url: "/api/v1/events?q=action:viewer_token.created&limit=1",
    headers: story.panel,
  });
  expect(reply.json().items[0].details).toMatchObject({
    scope: { ownerId: "77" },
    minutes: expect.any(Number),
    staffAs: "Support",
  });
  const { rows } = await story.server.database.ownerDb.query(
    "select row_to_json(viewer_token)::text as text from viewer_token",
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.some(({ text }) => text.includes(story.dana.slice(4)))).toBe(false);
  expect(reply.body).not.toContain(story.dana.slice(4));
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
  const reply = await story.server.app.inject({
    method: "POST",
    url: "/api/v1/viewer-tokens",
    headers: story.panel,
    payload,
  });
  expect(reply.statusCode).toBe(400);
});

test("pages of any origin may call the viewer routes and no others, and only with a token", async () => {
  const origin = "https://panel.example";
  const preflight = await story.server.app.inject({
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
  const reply = await story.server.app.inject({
    url: "/api/v1/viewer/events",
    headers: { origin, ...bearer(story.dana) },
  });
  expect(reply.headers["access-control-allow-origin"]).toBe("*");
  expect(reply.headers).not.toHaveProperty("access-control-allow-credentials");
  const refused = await story.server.app.inject({ url: "/api/v1/viewer/events", headers: { origin } });
  expect([refused.statusCode, refused.headers["access-control-allow-origin"]]).toEqual([401, "*"]);
  for (const url of ["/api/v1/events", "/api/v1/viewer-tokens", "/api/v1/me"]) {
    const other = await story.server.app.inject({ url, headers: { origin, ...story.panel } });
    expect(other.headers).not.toHaveProperty("access-control-allow-origin");
  }
});

test("a token that asks too often has to wait, and others do not", async () => {
  const busy = await story.mint({ scope: { ownerId: "77" } });
  const statuses = new Set<number>();
  for (let request = 0; request < 260; request++) statuses.add((await story.get("/me", busy)).status);
  expect(statuses).toEqual(new Set([200, 429]));
  expect((await story.get("/me")).status).toBe(200);
});

test("a workspace can name the origins whose pages may show it", async () => {
  const allow = async (viewerOrigins: string[] | null): Promise<void> => {
    const payload = { viewerOrigins };
    const reply = await story.server.app.inject({
      method: "PATCH",
      url: "/api/v1/settings",
      headers: story.panel,
      payload,
    });
    expect(reply.statusCode).toBe(200);
  };
  const ask = (headers: Record<string, string>) =>
    story.server.app.inject({ url: "/api/v1/viewer/me", headers: { ...bearer(story.dana), ...headers } });
  await allow(["https://panel.example"]);
  expect((await ask({ origin: "https://panel.example" })).statusCode).toBe(200);
  expect((await ask({ origin: "https://elsewhere.example" })).statusCode).toBe(403);
  expect((await ask({})).statusCode).toBe(200);
  await allow(null);
  expect((await ask({ origin: "https://elsewhere.example" })).statusCode).toBe(200);
});
