import { apiKey, type SignedInClient, signedInClient, type TestApp, testApp, testPassword } from "@daybook/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { totpCode } from "./totp.ts";

let now = Date.now();
let server: TestApp;
let dana: SignedInClient;
beforeAll(async () => {
  server = await testApp({ clock: () => now });
});
afterAll(() => server.close());
beforeEach(async () => {
  now += 3_600_000;
  dana = await signedInClient(server);
});

const signIn = (more: object = {}) =>
  server.app.inject({
    method: "POST",
    url: "/api/v1/sessions",
    payload: { email: dana.member.email, password: testPassword, ...more },
  });

const lastAction = async () =>
  (await server.deps.db.query("select action, actor_id, target_id, session_id from event order by seq desc limit 1"))
    .rows[0];

test("people see their own sessions and end any of them", async () => {
  const other = String((await signIn()).headers["set-cookie"]).split(";")[0] ?? "";
  const list = (await dana.request("GET", "/me/sessions")).json();
  expect(list).toMatchObject({ nextCursor: null, total: { value: 2, relation: "eq" } });
  const mine = list.items.find((session: { current: boolean }) => session.current);
  const theirs = list.items.find((session: { current: boolean }) => !session.current);
  expect(mine).toMatchObject({ id: dana.sessionId, ip: "127.0.0.1", userAgent: "testkit" });
  expect((await dana.request("DELETE", `/me/sessions/${theirs.id}`)).statusCode).toBe(204);
  expect(await lastAction()).toEqual({
    action: "auth.session.revoked",
    actor_id: dana.member.id,
    target_id: dana.member.id,
    session_id: dana.sessionId,
  });
  expect((await server.app.inject({ url: "/api/v1/me", headers: { cookie: other } })).statusCode).toBe(401);
  expect((await dana.request("GET", "/me/sessions")).json().items).toHaveLength(1);
  expect((await dana.request("DELETE", `/me/sessions/${theirs.id}`)).statusCode).toBe(404);
});

test("nobody ends or sees another person's session", async () => {
  const lee = await signedInClient(server);
  expect((await lee.request("DELETE", `/me/sessions/${dana.sessionId}`)).statusCode).toBe(404);
  expect((await dana.request("GET", "/me")).statusCode).toBe(200);
  const seen = (await lee.request("GET", "/me/sessions")).json().items.map((session: { id: string }) => session.id);
  expect(seen).toEqual([lee.sessionId]);
});

test("an authenticator app is enrolled, confirmed with a code, and asked for from then on", async () => {
  const enrolled = await dana.request("POST", "/me/totp");
  expect(enrolled.statusCode).toBe(201);
  const { secret, uri } = enrolled.json();
  expect(uri).toContain(`secret=${secret}`);
  const stored = await server.deps.db.query("select totp_secret from staff where id = $1", [dana.member.id]);
  expect(stored.rows).toEqual([{ totp_secret: expect.stringMatching(/^sealed:/) }]);
  // Enrolled is not yet in force: a half-finished enrolment must not lock anybody out.
  expect((await signIn()).statusCode).toBe(201);
  expect((await dana.request("PUT", "/me/totp", { code: "000000" })).json().code).toBe("invalid_credentials");
  const code = totpCode(secret, now);
  const confirmed = await dana.request("PUT", "/me/totp", { code });
  expect(confirmed.statusCode).toBe(200);
  expect(new Set(confirmed.json().recoveryCodes).size).toBe(10);
  expect(await lastAction()).toMatchObject({ action: "auth.two_factor.enabled", actor_id: dana.member.id });
  expect((await dana.request("GET", "/me")).json().staff.totpEnabled).toBe(true);
  expect((await signIn()).json().code).toBe("code_required");
  // The code that confirmed the app has been used.
  expect((await signIn({ code })).json().code).toBe("invalid_credentials");
  now += 30_000;
  expect((await signIn({ code: totpCode(secret, now) })).statusCode).toBe(201);
  expect((await dana.request("POST", "/me/totp")).json().code).toBe("conflict");
  expect((await dana.request("PUT", "/me/totp", { code })).json().code).toBe("conflict");
});

test("two factors are turned off with the password alone, and guessing it there is throttled", async () => {
  const { secret } = (await dana.request("POST", "/me/totp")).json();
  await dana.request("PUT", "/me/totp", { code: totpCode(secret, now) });
  const remove = (password: string) => dana.request("DELETE", "/me/totp", { password });
  expect((await remove("quite the wrong one")).json().code).toBe("invalid_credentials");
  expect((await remove(testPassword)).statusCode).toBe(204);
  expect(await lastAction()).toMatchObject({ action: "auth.two_factor.disabled" });
  expect((await signIn()).statusCode).toBe(201);
  expect((await remove(testPassword)).json().code).toBe("conflict");
  const codes: string[] = [];
  for (let i = 0; i < 6; i++) codes.push((await remove("quite the wrong one")).json().code);
  expect(codes).toEqual([...Array<string>(5).fill("invalid_credentials"), "too_many_requests"]);
});

test("a new password needs the old one, ends the other sessions and keeps this one", async () => {
  const other = String((await signIn()).headers["set-cookie"]).split(";")[0] ?? "";
  const change = (currentPassword: string, password: string) =>
    dana.request("PUT", "/me/password", { currentPassword, password });
  expect((await change("quite the wrong one", "a tower over the river")).json().code).toBe("invalid_credentials");
  expect((await change(testPassword, "short")).json().code).toBe("weak_password");
  expect((await change(testPassword, "a tower over the river")).statusCode).toBe(204);
  expect(await lastAction()).toMatchObject({ action: "auth.password.changed" });
  expect((await dana.request("GET", "/me")).statusCode).toBe(200);
  expect((await server.app.inject({ url: "/api/v1/me", headers: { cookie: other } })).statusCode).toBe(401);
  expect((await signIn()).statusCode).toBe(401);
  expect((await signIn({ password: "a tower over the river" })).statusCode).toBe(201);
});

test("an API key has no account of its own", async () => {
  const { headers } = await apiKey(server.deps);
  expect((await server.app.inject({ url: "/api/v1/me", headers })).json().code).toBe("forbidden");
});
