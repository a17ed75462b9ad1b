import { addWorkspace, apiKey, type SignedInClient, signedInClient, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { buildApp } from "../app.ts";
import { mintApiKey } from "./api-key.ts";
import { ApiKeyRing } from "./api-key-ring.ts";
import { storeRole } from "./role-store.ts";

const DAY = 86_400_000;
const start = Date.now();
let now = start;
let server: TestApp;
let dana: SignedInClient;
beforeAll(async () => {
  server = await testApp({ clock: () => now });
  dana = await signedInClient(server);
});
afterAll(() => server.close());

const list = (key: string, app = server.app) =>
  app.inject({ url: "/api/v1/api-keys", headers: { authorization: `Bearer ${key}` } });

async function create(scopes: string[], more: object = {}): Promise<{ id: string; key: string }> {
  const reply = await dana.request("POST", "/api-keys", { name: "the panel", scopes, ...more });
  expect(reply.statusCode).toBe(201);
  return reply.json();
}

const lastEvent = async () =>
  (
    await server.deps.db.query(
      "select action, actor_id, target_id, target_name, details from event order by seq desc limit 1",
    )
  ).rows[0];

test("a key is shown once, works at once, and only its hash is stored", async () => {
  const reply = await dana.request("POST", "/api-keys", { name: "the panel", scopes: ["keys:manage", "events:write"] });
  expect(reply.headers["cache-control"]).toBe("no-store");
  const { id, key } = reply.json();
  expect((await list(key)).statusCode).toBe(200);
  const shown = (await dana.request("GET", "/api-keys")).json().items.find((item: { id: string }) => item.id === id);
  expect(shown).toMatchObject({ name: "the panel", prefix: key.slice(0, 10), createdBy: dana.member.email });
  expect(JSON.stringify(shown)).not.toContain(key);
  const stored = await server.deps.ownerDb.query(
    "select api_key::text as row from api_key where id = $1 union all select event::text from event",
    [id],
  );
  for (const { row } of stored.rows) expect(row).not.toContain(key);
  expect(await lastEvent()).toMatchObject({
    action: "api_key.created",
    actor_id: dana.member.id,
    target_id: id,
    target_name: "the panel",
  });
});

test("a key does what its scopes say and nothing else", async () => {
  const { id, key } = await create(["events:write"]);
  const reply = await list(key);
  expect(reply.json()).toMatchObject({ code: "forbidden", permission: "keys.read" });
  const address = await server.app.listen({ port: 0, host: "127.0.0.1" });
  const event = await fetch(`${address}/api/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ action: "server.created" }),
  });
  expect(event.status).toBe(201);
  const stored = await server.deps.db.query(
    "select actor_type, actor_id, actor_name from event where action = 'server.created'",
  );
  expect(stored.rows).toEqual([{ actor_type: 2, actor_id: id, actor_name: "the panel" }]);
});

test("nobody makes a key that may do more than they may themselves", async () => {
  await storeRole(server.deps.db, 1, "key-keeper", ["keys.manage", "logs.read", "logs.export", "logs.personal"]);
  const admin = await signedInClient(server, { role: "key-keeper" });
  const wanted = { name: "too much", scopes: ["events:read", "staff:manage"] };
  expect((await admin.request("POST", "/api-keys", wanted)).json().code).toBe("forbidden");
  const owners = await create(["staff:manage"]);
  expect((await admin.request("POST", `/api-keys/${owners.id}/rotations`)).json().code).toBe("forbidden");
  const manager = await create(["keys:manage"]);
  const reply = await server.app.inject({
    method: "POST",
    url: "/api/v1/api-keys",
    headers: { authorization: `Bearer ${manager.key}` },
    payload: { name: "more", scopes: ["events:read"] },
  });
  expect(reply.json().code).toBe("forbidden");
  expect((await list(owners.key)).json().code).toBe("forbidden");
});

test("a key ends when it is revoked, and the second time there is nothing to revoke", async () => {
  const { id, key } = await create(["keys:manage"]);
  expect((await list(key)).statusCode).toBe(200);
  expect((await dana.request("DELETE", `/api-keys/${id}`)).statusCode).toBe(204);
  expect((await list(key)).json()).toMatchObject({ code: "unauthenticated", detail: "This API key was revoked." });
  expect(await lastEvent()).toMatchObject({ action: "api_key.revoked", target_id: id });
  expect((await dana.request("DELETE", `/api-keys/${id}`)).json().code).toBe("conflict");
  expect((await dana.request("DELETE", `/api-keys/${crypto.randomUUID()}`)).json().code).toBe("not_found");
});

test("a key ends at the moment it expires, also while it is held in memory", async () => {
  const { key } = await create(["keys:manage"], { expiresAt: new Date(now + 2_000).toISOString() });
  expect((await list(key)).statusCode).toBe(200);
  now += 2_000;
  expect((await list(key)).json()).toMatchObject({ code: "unauthenticated", detail: "This API key has expired." });
  const past = await dana.request("POST", "/api-keys", {
    name: "late",
    scopes: ["events:read"],
    expiresAt: new Date(now - 1).toISOString(),
  });
  expect(past.json().code).toBe("invalid_request");
});

test("a rotated key hands over to its successor, and works until the grace period is over", async () => {
  const { id, key } = await create(["keys:manage", "events:read"], {
    expiresAt: new Date(now + 90 * DAY).toISOString(),
  });
  now += 10 * DAY;
  dana = await signedInClient(server);
  const reply = await dana.request("POST", `/api-keys/${id}/rotations`);
  expect(reply.statusCode).toBe(201);
  const next = reply.json();
  expect(next).toMatchObject({ name: "the panel", scopes: ["keys:manage", "events:read"] });
  expect(next.expiresAt).toBe(new Date(now + 90 * DAY).toISOString());
  expect(await lastEvent()).toMatchObject({ action: "api_key.rotated", target_id: id });
  expect((await list(key)).statusCode).toBe(200);
  expect((await list(next.key)).statusCode).toBe(200);
  expect((await dana.request("POST", `/api-keys/${id}/rotations`)).json().code).toBe("conflict");
  now += DAY - 1;
  expect((await list(key)).statusCode).toBe(200);
  now += 1;
  expect((await list(key)).statusCode).toBe(401);
  expect((await list(next.key)).statusCode).toBe(200);
});

test("of ten rotations at the same moment one is done", async () => {
  dana = await signedInClient(server);
  const { id } = await create(["events:read"]);
  const replies = await Promise.all(
    Array.from({ length: 10 }, () => dana.request("POST", `/api-keys/${id}/rotations`, { graceSeconds: 0 })),
  );
  expect(replies.map((reply) => reply.statusCode).sort()).toEqual([201, ...Array<number>(9).fill(409)]);
});

test("keys of another workspace are out of sight and out of reach", async () => {
  await addWorkspace(server.deps, "other");
  const foreign = await apiKey(server.deps, { workspace: "other" });
  const items = (await dana.request("GET", "/api-keys")).json().items as { id: string }[];
  expect(items.map((item) => item.id)).not.toContain(foreign.id);
  expect((await dana.request("DELETE", `/api-keys/${foreign.id}`)).json().code).toBe("not_found");
  expect((await dana.request("POST", `/api-keys/${foreign.id}/rotations`)).json().code).toBe("not_found");
  expect((await list(foreign.key)).json().items).toMatchObject([{ id: foreign.id }]);
});

test("a key that was revoked on one server is refused on the others within a moment", async () => {
  const second = await buildApp(server.deps);
  const { id, key } = await create(["keys:manage"]);
  expect((await list(key, second)).statusCode).toBe(200);
  await dana.request("DELETE", `/api-keys/${id}`);
  // The clock stands still, so it is the notification that does it and not the age of what is held.
  await vi.waitFor(async () => expect((await list(key, second)).statusCode).toBe(401), { timeout: 2_000 });
  await second.close();
});

test("ten thousand requests with one key cost one query", async () => {
  const { key } = await apiKey(server.deps);
  let queries = 0;
  const counting = {
    ...server.deps,
    db: new Proxy(server.deps.db, {
      get: (db, name) => {
        if (name === "query") queries++;
        const value = Reflect.get(db, name);
        return typeof value === "function" ? value.bind(db) : value;
      },
    }),
  };
  const ring = new ApiKeyRing(counting);
  await Promise.all(Array.from({ length: 100 }, () => ring.check(key)));
  for (let i = 0; i < 10_000; i++) expect(ring.check(key)).toHaveProperty("key.id");
  expect(queries).toBe(1);
  now += 5_000;
  await ring.check(key);
  expect(queries).toBe(2);
});

test("guessed keys cost no query when they have no checksum, and never push out good ones", async () => {
  const { key } = await apiKey(server.deps);
  const ring = new ApiKeyRing(server.deps);
  expect(await ring.check(key)).toHaveProperty("key.id");
  expect(ring.check(`${key.slice(0, -1)}_`)).toEqual({ refused: "unknown" });
  for (let i = 0; i < 1_100; i++) expect(await ring.check(mintApiKey())).toEqual({ refused: "unknown" });
  expect(ring.check(key)).toHaveProperty("key.id");
});

test("the time of last use is kept, and written apart from the request", async () => {
  const { id, key } = await apiKey(server.deps);
  const ring = new ApiKeyRing(server.deps);
  const lastUsed = async () =>
    (await server.deps.db.query("select last_used_at as at from api_key where id = $1", [id])).rows[0]
      .at as Date | null;
  await ring.check(key);
  expect(await lastUsed()).toBeNull();
  await ring.storeLastUses();
  expect((await lastUsed())?.getTime()).toBe(now);
});

test("unknown scopes are refused with the field that is wrong", async () => {
  const reply = await dana.request("POST", "/api-keys", { name: "x", scopes: ["events:write", "everything"] });
  expect(reply.json()).toMatchObject({ code: "invalid_request", errors: [{ pointer: "/scopes/1" }] });
});
