import { addWorkspace, member, signedInClient, type TestApp, testApp, testPassword } from "@daybook/testkit";
import type { LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { newSecret, secretHash } from "./secret.ts";
import { setDisabled } from "./staff-store.ts";

const start = Date.now();
let now = start;
let server: TestApp;
beforeAll(async () => {
  server = await testApp({ clock: () => now });
});
afterAll(() => server.close());
beforeEach(() => {
  now += 3_600_000;
});

const HOUR = 3_600_000;

const signIn = (email: string, password = testPassword, headers: Record<string, string> = {}) =>
  server.app.inject({ method: "POST", url: "/api/v1/sessions", payload: { email, password }, headers });

const setCookie = (reply: LightMyRequestResponse) => String(reply.headers["set-cookie"]);
const cookieOf = (reply: LightMyRequestResponse) => setCookie(reply).split(";")[0] ?? "";
const me = (headers: Record<string, string>) => server.app.inject({ url: "/api/v1/me", headers });

async function lastEvents(count: number): Promise<Record<string, unknown>[]> {
  const found = await server.deps.db.query(
    `select action, outcome, reason, actor_type, actor_id, actor_email, auth, host(ip) as ip, user_agent, session_id, details,
       target_id from event order by seq desc limit $1`,
    [count],
  );
  return found.rows;
}

const success = 0;
const failure = 1;
const denied = 2;
const staffType = 1;
const anonymous = 4;

test("a right password opens a session, and the sign-in is in the log before the reply", async () => {
  const dana = await member(server.deps, { name: "Dana" });
  const reply = await signIn(dana.email.toUpperCase(), testPassword, { "user-agent": "Firefox of the test" });
  expect(reply.statusCode).toBe(201);
  expect(reply.headers["cache-control"]).toBe("no-store");
  expect(reply.json()).toEqual({
    staff: { id: dana.id, email: dana.email, name: "Dana", totpEnabled: false },
    csrfToken: expect.stringMatching(/^[\w-]{43}$/),
    workspaces: [
      {
        slug: "main",
        name: "Main",
        role: "owner",
        scopes: expect.arrayContaining(["events:read"]),
        permissions: expect.arrayContaining(["logs.read"]),
      },
    ],
  });
  expect(setCookie(reply)).toMatch(/^daybook_session=[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Lax$/);
  const mine = await me({ cookie: cookieOf(reply) });
  expect(mine.json()).toMatchObject({ staff: { id: dana.id }, csrfToken: reply.json().csrfToken });
  expect(await lastEvents(1)).toMatchObject([
    {
      action: "auth.login",
      outcome: success,
      actor_type: staffType,
      actor_id: dana.id,
      actor_email: dana.email,
      auth: 0,
      ip: "127.0.0.1",
      user_agent: "Firefox of the test",
      session_id: mine.json().session.id,
      details: '{"twoFactors":false}',
    },
  ]);
});

test("a wrong password and an unknown address get the same answer, and the log knows the difference", async () => {
  const dana = await member(server.deps);
  const wrong = await signIn(dana.email, "not the password at all");
  const unknown = await signIn("nobody@acme.example");
  expect(wrong.statusCode).toBe(401);
  const { requestId: _one, ...wrongBody } = wrong.json();
  const { requestId: _two, ...unknownBody } = unknown.json();
  expect(unknownBody).toEqual(wrongBody);
  expect(wrongBody.code).toBe("invalid_credentials");
  expect(wrong.headers["set-cookie"]).toBeUndefined();
  expect(await lastEvents(2)).toMatchObject([
    {
      outcome: failure,
      reason: "unknown_user",
      actor_type: anonymous,
      actor_id: null,
      actor_email: "nobody@acme.example",
    },
    { outcome: failure, reason: "invalid_password", actor_type: staffType, actor_id: dana.id },
  ]);
});

test("a password typed into the field for the address does not reach the log", async () => {
  await signIn("hunter2 the second", testPassword);
  const found = await server.deps.ownerDb.query("select event::text as row from event order by seq desc limit 1");
  expect(found.rows[0].row).toContain("unknown_user");
  expect(found.rows[0].row).not.toContain("hunter2");
  expect(found.rows[0].row).not.toContain(testPassword);
});

test("a disabled person is told what everybody is told, and their open session is dead", async () => {
  const lee = await signedInClient(server);
  await setDisabled(server.deps.db, lee.member.id, true, now);
  const reply = await signIn(lee.member.email);
  expect(reply.json().code).toBe("invalid_credentials");
  expect(await lastEvents(1)).toMatchObject([{ outcome: denied, reason: "account_disabled", actor_id: lee.member.id }]);
  expect((await lee.request("GET", "/me")).statusCode).toBe(401);
  await setDisabled(server.deps.db, lee.member.id, false, now);
  expect((await lee.request("GET", "/me")).statusCode).toBe(401);
  expect((await signIn(lee.member.email)).statusCode).toBe(201);
});

test("a session that opened in the very moment in which somebody was disabled is dead too", async () => {
  const lee = await signedInClient(server);
  await server.deps.db.query("update staff set disabled_at = now() where id = $1", [lee.member.id]);
  expect((await lee.request("GET", "/me")).statusCode).toBe(401);
});

test("a session is never opened under a token that the browser brought along", async () => {
  const dana = await member(server.deps);
  const planted = newSecret();
  const reply = await signIn(dana.email, testPassword, { cookie: `daybook_session=${planted}` });
  expect(cookieOf(reply)).not.toContain(planted);
  expect((await me({ cookie: `daybook_session=${planted}` })).statusCode).toBe(401);
});

test("signing in again gives a fresh token and ends the session that the browser had", async () => {
  const dana = await member(server.deps);
  const first = cookieOf(await signIn(dana.email));
  const second = cookieOf(await signIn(dana.email, testPassword, { cookie: first }));
  expect(second).not.toBe(first);
  expect((await me({ cookie: first })).statusCode).toBe(401);
  expect((await me({ cookie: second })).statusCode).toBe(200);
});

test("signing out ends the session, takes the cookie away and is recorded", async () => {
  const dana = await signedInClient(server);
  const reply = await dana.request("DELETE", "/sessions/current");
  expect(reply.statusCode).toBe(204);
  expect(setCookie(reply)).toBe("daybook_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
  expect((await dana.request("GET", "/me")).json()).toMatchObject({ code: "unauthenticated" });
  expect(await lastEvents(1)).toMatchObject([
    { action: "auth.logout", actor_id: dana.member.id, session_id: dana.sessionId },
  ]);
});

test("a session ends eight hours after its last use", async () => {
  const dana = await signedInClient(server);
  for (let hours = 0; hours < 20; hours += 7) {
    now += 7 * HOUR;
    expect((await dana.request("GET", "/me")).statusCode).toBe(200);
  }
  now += 8 * HOUR;
  expect((await dana.request("GET", "/me")).statusCode).toBe(401);
});

test("a session ends after a week however much it is used", async () => {
  const dana = await signedInClient(server);
  for (let hours = 0; hours < 167; hours += 1) {
    now += HOUR;
    if (hours % 7 === 0) await dana.request("GET", "/me");
  }
  expect((await dana.request("GET", "/me")).statusCode).toBe(200);
  now += HOUR;
  expect((await dana.request("GET", "/me")).json()).toMatchObject({ code: "unauthenticated" });
});

test("the workspace is the one that the header or the address names, and only where one has a place", async () => {
  await addWorkspace(server.deps, "brand-two");
  await addWorkspace(server.deps, "brand-three");
  const dana = await signedInClient(server, { role: "auditor" });
  await server.deps.db.query(
    "insert into membership (workspace_id, staff_id, role) select id, $1, 'owner' from workspace where slug = 'brand-two'",
    [dana.member.id],
  );
  const asked = (headers: Record<string, string>, query = "") =>
    server.app.inject({ url: `/api/v1/me${query}`, headers: { ...dana.headers, ...headers } });
  expect((await asked({})).json()).toMatchObject({
    workspace: { slug: "main", role: "auditor" },
    workspaces: [{ slug: "main" }, { slug: "brand-two" }],
  });
  expect((await asked({ "x-daybook-workspace": "brand-two" })).json().workspace).toMatchObject({ role: "owner" });
  expect((await asked({}, "?workspace=brand-two")).json().workspace).toMatchObject({ slug: "brand-two" });
  for (const slug of ["brand-three", "no-such-brand", "' or true --"])
    expect((await asked({ "x-daybook-workspace": slug })).json().code).toBe("forbidden");
});

test("neither tokens nor passwords are in any table", async () => {
  const dana = await member(server.deps);
  const reply = await signIn(dana.email);
  const token = cookieOf(reply).split("=")[1] ?? "";
  const tables = await server.deps.ownerDb.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public'",
  );
  let everything = "";
  for (const { name } of tables.rows) {
    const rows = await server.deps.ownerDb.query<{ row: string }>(`select t::text as row from ${name} t`);
    everything += rows.rows.map(({ row }) => row).join("\n");
  }
  expect(everything).toContain(secretHash(token).toString("hex"));
  for (const secret of [token, reply.json().csrfToken, testPassword])
    for (const form of [secret, Buffer.from(secret).toString("hex"), Buffer.from(secret, "base64url").toString("hex")])
      expect(everything).not.toContain(form);
});

test("bodies that are not a sign-in are refused with what is wrong", async () => {
  for (const payload of [
    {},
    { email: "dana@acme.example" },
    { email: 1, password: [] },
    { email: "a@b.c", password: "x", admin: true },
  ]) {
    const reply = await server.app.inject({ method: "POST", url: "/api/v1/sessions", payload });
    expect(reply.json()).toMatchObject({ code: "invalid_request", status: 400 });
  }
});
