import { addWorkspace, type TestApp, testApp, testPassword } from "@daybook/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSetupToken, setupLink } from "./setup.ts";

let now = Date.now();
let server: TestApp;
beforeEach(async () => {
  now = Date.now();
  server = await testApp({ clock: () => now });
});
afterEach(() => server.close());

const dana = { email: "dana@acme.example", name: "Dana", password: testPassword };

const setUp = (token: string | null, more: object = {}) =>
  server.app.inject({ method: "POST", url: "/api/v1/setup", payload: { ...dana, token, ...more } });

const needed = async () => (await server.app.inject("/api/v1/setup")).json().needed;

test("the first owner is made by the link, is signed in at once, and then setup is over", async () => {
  expect(await needed()).toBe(true);
  const token = await createSetupToken(server.deps);
  expect(setupLink(server.deps.config, token ?? "")).toBe(`http://127.0.0.1:4600/setup#token=${token}`);
  const reply = await setUp(token, { workspaceName: "Acme Hosting" });
  expect(reply.statusCode).toBe(201);
  expect(reply.json()).toMatchObject({
    staff: { email: dana.email, name: "Dana", totpEnabled: false },
    workspaces: [{ slug: "main", name: "Acme Hosting", role: "owner" }],
  });
  const cookie = String(reply.headers["set-cookie"]).split(";")[0] ?? "";
  const me = await server.app.inject({ url: "/api/v1/me", headers: { cookie } });
  expect(me.statusCode).toBe(200);
  expect(await needed()).toBe(false);
  expect(await createSetupToken(server.deps)).toBeNull();
  expect((await setUp(token)).json()).toMatchObject({ code: "setup_done", status: 410 });
});

test("who was made and the first sign-in are in the log", async () => {
  await setUp(await createSetupToken(server.deps));
  const events = await server.deps.db.query(
    "select action, outcome, actor_email, target_name, auth from event order by seq",
  );
  expect(events.rows).toMatchObject([
    { action: "staff.created", actor_email: null, target_name: "Dana" },
    { action: "auth.login", actor_email: dana.email, auth: 0 },
  ]);
});

test("the first owner owns the workspaces that are there already, e.g. a demo", async () => {
  await addWorkspace(server.deps, "demo");
  const reply = await setUp(await createSetupToken(server.deps));
  expect(reply.json().workspaces).toMatchObject([
    { slug: "main", role: "owner" },
    { slug: "demo", role: "owner" },
  ]);
});

test("of twenty people with the same link exactly one becomes owner", async () => {
  const token = await createSetupToken(server.deps);
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, i) => setUp(token, { email: `person-${i}@acme.example` })),
  );
  const won = replies.filter((reply) => reply.statusCode === 201);
  expect(won).toHaveLength(1);
  for (const reply of replies)
    if (reply !== won[0]) expect(["setup_done", "link_invalid"]).toContain(reply.json().code);
  const staff = await server.deps.db.query("select email from staff");
  expect(staff.rows).toEqual([{ email: won[0]?.json().staff.email }]);
  expect((await server.deps.db.query("select from membership")).rowCount).toBe(1);
});

test("a new start voids the link of the one before", async () => {
  const old = await createSetupToken(server.deps);
  const fresh = await createSetupToken(server.deps);
  expect((await setUp(old)).json().code).toBe("link_invalid");
  expect((await setUp(fresh)).statusCode).toBe(201);
});

test("a link is valid for 24 hours", async () => {
  const token = await createSetupToken(server.deps);
  now += 24 * 3600_000;
  expect((await setUp(token)).json().code).toBe("link_invalid");
});

test("a weak password or a bad address leaves the link usable", async () => {
  const token = await createSetupToken(server.deps);
  expect((await setUp(token, { password: "short" })).json()).toMatchObject({ code: "weak_password", status: 422 });
  expect((await setUp(token, { email: "dana" })).json()).toMatchObject({ code: "invalid_request", status: 400 });
  expect((await setUp(token)).statusCode).toBe(201);
});

test("a made-up link is refused and opens nothing", async () => {
  await createSetupToken(server.deps);
  expect((await setUp("x".repeat(43))).json()).toMatchObject({ code: "link_invalid", status: 403 });
  expect(await needed()).toBe(true);
});

test("only the hash of the link is stored", async () => {
  const token = await createSetupToken(server.deps);
  const stored = await server.deps.ownerDb.query("select setup_token::text as row from setup_token");
  expect(stored.rowCount).toBe(1);
  expect(stored.rows[0].row).not.toContain(token);
  expect(stored.rows[0].row).not.toContain(Buffer.from(token ?? "", "base64url").toString("hex"));
});
