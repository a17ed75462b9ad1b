import { member, type TestApp, type TestMember, testApp, testPassword } from "@daybook/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { totpCode } from "./totp.ts";
import { startTotp } from "./totp-store.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let now = Date.now();
let server: TestApp;
beforeAll(async () => {
  server = await testApp({ clock: () => now, config: { trustedProxies: ["127.0.0.1"] } });
});
afterAll(() => server.close());
/** Every test starts with a clean count. */
beforeEach(async () => {
  now += 24 * HOUR;
  await server.deps.db.query("delete from login_throttle");
});

let addresses = 0;
/** An address that nobody has used before. */
const newAddress = () => `203.0.113.${++addresses}`;

const attempt = (email: string, from: string, password = "quite the wrong password", code?: string) =>
  server.app.inject({
    method: "POST",
    url: "/api/v1/sessions",
    headers: { "x-forwarded-for": from },
    payload: { email, password, ...(code === undefined ? {} : { code }) },
  });

async function fail(times: number, email: string, from: () => string): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < times; i++) statuses.push((await attempt(email, from())).statusCode);
  return statuses;
}

const lastReason = async () =>
  (
    await server.deps.db.query(
      "select reason, outcome, host(ip) as ip from event where action = 'auth.login' order by seq desc limit 1",
    )
  ).rows[0];

test("after five failures an account waits, wherever they come from, and is told for how long", async () => {
  const dana = await member(server.deps);
  expect(await fail(5, dana.email, newAddress)).toEqual([401, 401, 401, 401, 401]);
  const address = newAddress();
  const reply = await attempt(dana.email, address, testPassword);
  expect(reply.statusCode).toBe(429);
  expect(reply.headers["retry-after"]).toBe("30");
  expect(reply.json()).toMatchObject({
    code: "too_many_requests",
    detail: "Too many failed attempts. Try again in 30 s.",
  });
  expect(await lastReason()).toEqual({ reason: "throttled", outcome: 2, ip: address });
  now += 30 * SECOND;
  expect((await attempt(dana.email, address, testPassword)).statusCode).toBe(201);
});

test("an account that does not exist is throttled in the same way", async () => {
  expect(await fail(6, "nobody@acme.example", newAddress)).toEqual([401, 401, 401, 401, 401, 429]);
});

test("a success forgets the account's failures", async () => {
  const dana = await member(server.deps);
  const address = newAddress();
  await fail(4, dana.email, () => address);
  expect((await attempt(dana.email, address, testPassword)).statusCode).toBe(201);
  expect(await fail(6, dana.email, newAddress)).toEqual([401, 401, 401, 401, 401, 429]);
});

test("guesses from elsewhere do not keep people out of an address they have used before", async () => {
  const dana = await member(server.deps);
  const home = newAddress();
  expect((await attempt(dana.email, home, testPassword)).statusCode).toBe(201);
  await fail(5, dana.email, newAddress);
  expect((await attempt(dana.email, newAddress(), testPassword)).statusCode).toBe(429);
  expect((await attempt(dana.email, home, testPassword)).statusCode).toBe(201);
  // At home guesses are counted too.
  expect(await fail(6, dana.email, () => home)).toEqual([401, 401, 401, 401, 401, 429]);
});

test("an address that tries many accounts waits after twenty failures, and others do not", async () => {
  const dana = await member(server.deps);
  const address = newAddress();
  const statuses: number[] = [];
  for (let i = 0; i < 21; i++) statuses.push((await attempt(`guess-${i}@acme.example`, address)).statusCode);
  expect(statuses).toEqual([...Array<number>(20).fill(401), 429]);
  expect((await attempt(dana.email, address, testPassword)).statusCode).toBe(429);
  expect((await attempt(dana.email, newAddress(), testPassword)).statusCode).toBe(201);
});

test("signing in with an own account does not make an address free to guess at others", async () => {
  const mallory = await member(server.deps);
  const address = newAddress();
  const statuses: number[] = [];
  for (let i = 0; i < 25; i++) {
    statuses.push((await attempt(`victim-${i}@acme.example`, address)).statusCode);
    await attempt(mallory.email, address, testPassword);
  }
  expect(statuses.filter((status) => status === 429)).not.toHaveLength(0);
});

test("a forged X-Forwarded-For from the open does not make a new address of every attempt", async () => {
  const forged = await testApp({ clock: () => now });
  let last = 0;
  for (let i = 0; i < 21; i++) {
    const reply = await forged.app.inject({
      method: "POST",
      url: "/api/v1/sessions",
      headers: { "x-forwarded-for": newAddress() },
      payload: { email: `guess-${i}@acme.example`, password: "x" },
    });
    last = reply.statusCode;
  }
  expect(last).toBe(429);
  await forged.close();
});

test("of fifty guesses at the same moment only five are looked at, and each is in the log", async () => {
  const dana = await member(server.deps);
  const before = await server.deps.db.query("select max(seq) as seq from event");
  const replies = await Promise.all(Array.from({ length: 50 }, () => attempt(dana.email, newAddress())));
  expect(replies.filter((reply) => reply.statusCode === 401)).toHaveLength(5);
  expect(replies.filter((reply) => reply.statusCode === 429)).toHaveLength(45);
  const recorded = await server.deps.db.query(
    "select reason, count(*) as events from event where seq > $1 group by reason order by reason",
    [before.rows[0].seq ?? 0],
  );
  expect(recorded.rows).toEqual([
    { reason: "invalid_password", events: 5 },
    { reason: "throttled", events: 45 },
  ]);
});

async function withTwoFactors(): Promise<{ dana: TestMember; code: () => string }> {
  const dana = await member(server.deps);
  const secret = await startTotp(server.deps, dana.id);
  await server.deps.db.query("update staff set totp_enabled_at = now() where id = $1", [dana.id]);
  return { dana, code: () => totpCode(secret, now) };
}

test("with two factors the password alone asks for a code, and code and password together sign in", async () => {
  const { dana, code } = await withTwoFactors();
  const address = newAddress();
  const asked = await attempt(dana.email, address, testPassword);
  expect([asked.statusCode, asked.json().code]).toEqual([401, "code_required"]);
  expect(asked.headers["set-cookie"]).toBeUndefined();
  expect(await lastReason()).toMatchObject({ reason: "two_factor_required", outcome: 2 });
  expect((await attempt(dana.email, address, testPassword, code())).statusCode).toBe(201);
  const found = await server.deps.db.query("select details from event order by seq desc limit 1");
  expect(found.rows[0].details).toBe('{"factor":"totp","twoFactors":true}');
});

test("a wrong password does not reveal that there is a second factor", async () => {
  const { dana, code } = await withTwoFactors();
  expect((await attempt(dana.email, newAddress())).json().code).toBe("invalid_credentials");
  expect((await attempt(dana.email, newAddress(), "quite the wrong password", code())).json().code).toBe(
    "invalid_credentials",
  );
  // The code was not used up by an attempt with a wrong password.
  expect((await attempt(dana.email, newAddress(), testPassword, code())).statusCode).toBe(201);
});

test("a code counts once, also when it comes ten times at the same moment", async () => {
  const { dana, code } = await withTwoFactors();
  const once = code();
  const replies = await Promise.all(
    Array.from({ length: 5 }, () => attempt(dana.email, newAddress(), testPassword, once)),
  );
  expect(replies.filter((reply) => reply.statusCode === 201)).toHaveLength(1);
  expect((await attempt(dana.email, newAddress(), testPassword, once)).json().code).toBe("invalid_credentials");
  expect(await lastReason()).toMatchObject({ reason: "invalid_code", outcome: 1 });
  now += 30 * SECOND;
  expect((await attempt(dana.email, newAddress(), testPassword, code())).statusCode).toBe(201);
});

test("guessing codes is throttled although the password is right, and asking for the code anew does not help", async () => {
  const { dana } = await withTwoFactors();
  const statuses: number[] = [];
  for (let i = 0; i < 6; i++) {
    await attempt(dana.email, newAddress(), testPassword);
    statuses.push((await attempt(dana.email, newAddress(), testPassword, "000000")).statusCode);
  }
  expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
  expect(statuses[5]).toBe(429);
});

test("a sign-in that the log cannot take fails, and opens nothing", async () => {
  const dana = await member(server.deps);
  await server.deps.ownerDb.query("revoke insert on event from daybook_app");
  const reply = await attempt(dana.email, newAddress(), testPassword);
  await server.deps.ownerDb.query("grant insert on event to daybook_app");
  expect(reply.statusCode).toBeGreaterThanOrEqual(500);
  expect(reply.headers["set-cookie"]).toBeUndefined();
});
