import { signedInClient, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { forgetOldAccess } from "./access-keeping.ts";
import { accountRule, admit } from "./login-throttle.ts";
import { createPasswordToken } from "./password-link.ts";
import { revokeSession } from "./session-store.ts";

const DAY = 86_400_000;
let now = Date.now();
let server: TestApp;
beforeAll(async () => {
  server = await testApp({ clock: () => now });
});
afterAll(() => server.close());

const count = async (table: string) =>
  (await server.deps.db.query(`select count(*) as rows from ${table}`)).rows[0].rows;

test("sessions stay for thirty days after their end, failures for one, links until they run out", async () => {
  const { db } = server.deps;
  const dana = await signedInClient(server);
  await revokeSession(db, dana.member.id, dana.sessionId, now);
  await createPasswordToken(db, dana.member.id, now);
  await admit(db, "account:x", accountRule, now);

  const seen: number[][] = [];
  for (const days of [0.9, 1.1, 29.9, 30.1]) {
    await forgetOldAccess(db, now + days * DAY);
    seen.push([await count("session"), await count("login_throttle"), await count("password_link")]);
  }
  expect(seen).toEqual([
    [1, 1, 1],
    [1, 0, 0],
    [1, 0, 0],
    [0, 0, 0],
  ]);
});

test("an open session is never forgotten", async () => {
  const dana = await signedInClient(server);
  await forgetOldAccess(server.deps.db, now);
  now += 3_600_000;
  expect((await dana.request("GET", "/me")).statusCode).toBe(200);
});
