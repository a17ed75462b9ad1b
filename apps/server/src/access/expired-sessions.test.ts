import { signedInClient, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tellExpiredSessions } from "./expired-sessions.ts";

let server: TestApp;
let now = Date.parse("2026-11-20T10:00:00.000Z");
const HOUR_MS = 3_600_000;

beforeAll(async () => {
  server = await testApp({ clock: () => now, config: { sessionIdleMinutes: 60, sessionHours: 10 } });
});
afterAll(() => server.close());

/** What was told of the sessions of a person: when they ended, and why. */
async function told(id: string): Promise<{ at: string; why: string }[]> {
  await tellExpiredSessions(server.deps);
  const { rows } = await server.deps.db.query<{ occurred_at: Date; details: string }>(
    "select occurred_at, details from event where action = 'auth.session.expired' and target_id = $1 order by seq",
    [id],
  );
  return rows.map(({ occurred_at, details }) => ({ at: occurred_at.toISOString(), why: JSON.parse(details).why }));
}

test("a session that is used goes on until it is too old, and is told of with the moment at which it ended", async () => {
  const { member, request } = await signedInClient(server);
  const began = now;
  for (let half = 1; half < 20; half++) {
    now = began + (half * HOUR_MS) / 2;
    expect((await request("GET", "/me")).statusCode).toBe(200);
  }
  expect(await told(member.id)).toEqual([]);
  now = began + 10 * HOUR_MS + 1;
  expect((await request("GET", "/me")).statusCode).toBe(401);
  const expected = [{ at: new Date(began + 10 * HOUR_MS).toISOString(), why: "age" }];
  expect(await told(member.id)).toEqual(expected);
  expect(await told(member.id)).toEqual(expected);
});

test("one that nobody looked at for more than a day is not told of any more", async () => {
  const { member } = await signedInClient(server);
  now += 26 * HOUR_MS;
  expect(await told(member.id)).toEqual([]);
});

test("a round that was cut off after the event was written does not tell it twice", async () => {
  const { member } = await signedInClient(server);
  now += 2 * HOUR_MS;
  expect(await told(member.id)).toHaveLength(1);
  await server.deps.db.query("update session set expiry_told_at = null where staff_id = $1", [member.id]);
  expect(await told(member.id)).toHaveLength(1);
});
