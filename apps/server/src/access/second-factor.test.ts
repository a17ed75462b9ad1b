import { addWorkspace, apiKey, member, signedInClient, type TestApp, testApp, testPassword } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fullSight } from "../record/sight.ts";
import { accessHolds } from "./access-holds.ts";
import { totpCode } from "./totp.ts";

let server: TestApp;
let now = Date.parse("2026-11-20T10:00:00.000Z");

beforeAll(async () => {
  server = await testApp({ clock: () => now });
});
afterAll(() => server.close());

const signIn = (email: string, code?: string) =>
  server.app.inject({
    method: "POST",
    url: "/api/v1/sessions",
    payload: { email, password: testPassword, ...(code === undefined ? {} : { code }) },
  });

/** Somebody with two factors on, and their recovery codes. */
async function guarded(options: { email: string; role?: "auditor" }) {
  const client = await signedInClient(server, options);
  const { secret } = (await client.request("POST", "/me/totp")).json();
  const confirmed = await client.request("PUT", "/me/totp", { code: totpCode(secret, now) });
  expect(confirmed.statusCode).toBe(200);
  now += 60_000;
  return { client, secret: secret as string, codes: confirmed.json().recoveryCodes as string[] };
}

const recorded = async (action: string, staffId: string) =>
  (
    await server.deps.db.query(
      "select outcome, reason, details from event where action = $1 and actor_id = $2 order by seq",
      [action, staffId],
    )
  ).rows;

test("a recovery code signs in once, however it is typed, is on record and is kept as a hash alone", async () => {
  const { client, secret, codes } = await guarded({ email: "ida@acme.example" });
  expect(new Set(codes).size).toBe(10);
  const [first = "", second = "", third = ""] = codes;
  expect((await signIn("ida@acme.example", first.toLowerCase().replace("-", " "))).statusCode).toBe(201);
  expect((await signIn("ida@acme.example", first)).json().code).toBe("invalid_credentials");
  expect((await signIn("ida@acme.example", totpCode(secret, now))).statusCode).toBe(201);
  expect((await client.request("GET", "/me/recovery-codes")).json()).toEqual({ left: 9 });
  expect(await recorded("auth.recovery_code.used", client.member.id)).toHaveLength(1);
  expect((await recorded("auth.login", client.member.id)).map(({ reason, details }) => reason ?? details)).toEqual([
    '{"factor":"recovery_code","twoFactors":true}',
    "invalid_code",
    '{"factor":"totp","twoFactors":true}',
  ]);
  const stored = await server.deps.ownerDb.query(
    "select recovery_code::text as row from recovery_code union all select event::text from event",
  );
  for (const { row } of stored.rows) expect(row.toUpperCase()).not.toContain(second.toUpperCase());

  const renewed = await client.request("POST", "/me/recovery-codes", { password: testPassword });
  expect(renewed.statusCode).toBe(201);
  expect((await signIn("ida@acme.example", third)).json().code).toBe("invalid_credentials");
  expect((await signIn("ida@acme.example", renewed.json().recoveryCodes[3])).statusCode).toBe(201);
});

test("the codes of one person open nobody else's account", async () => {
  const [bo, cy] = [await guarded({ email: "bo@acme.example" }), await guarded({ email: "cy@acme.example" })];
  expect((await signIn("bo@acme.example", cy.codes[0])).json().code).toBe("invalid_credentials");
  expect((await signIn("cy@acme.example", cy.codes[0])).statusCode).toBe(201);
  expect(await recorded("auth.recovery_code.used", bo.client.member.id)).toEqual([]);
});

test("stepping up with a password, an app or a recovery code is on record, and so is a wrong attempt", async () => {
  const { client, secret, codes } = await guarded({ email: "dee@acme.example" });
  const step = async (proof: object) => (await client.request("POST", "/me/step-up", proof)).statusCode;
  expect(await step({ password: testPassword })).toBe(200);
  expect(await step({ code: totpCode(secret, now) })).toBe(200);
  expect(await step({ code: codes[0] })).toBe(200);
  expect(await step({ code: codes[0] })).toBe(401);
  expect(await recorded("auth.identity.confirmed", client.member.id)).toEqual([
    { outcome: 0, reason: null, details: '{"by":"password"}' },
    { outcome: 0, reason: null, details: '{"by":"totp"}' },
    { outcome: 0, reason: null, details: '{"by":"recovery_code"}' },
    { outcome: 1, reason: "invalid_code", details: null },
  ]);
});

test("where two factors are required, people without them can do nothing but turn them on", async () => {
  const workspaceId = await addWorkspace(server.deps, "guarded");
  await server.deps.ownerDb.query(
    `update workspace set settings = '{"requireTwoFactors":true}', changed_at = clock_timestamp() where id = $1`,
    [workspaceId],
  );
  await server.deps.settings.reload();
  const eve = await signedInClient(server, { role: "auditor", email: "eve@acme.example", workspace: "guarded" });
  const reads = async () => (await eve.request("GET", "/events")).statusCode;
  expect(await reads()).toBe(403);
  expect((await eve.request("GET", "/me")).statusCode).toBe(200);
  const { sessionId } = eve;
  const stream = { workspaceId, kind: "session", id: eve.member.id, sessionId, name: "Eve", sight: fullSight } as const;
  const holds = () => accessHolds(server.deps, { ...stream, permissions: new Set() });
  expect(await holds()).toBe(false);
  const { secret } = (await eve.request("POST", "/me/totp")).json();
  expect((await eve.request("PUT", "/me/totp", { code: totpCode(secret, now) })).statusCode).toBe(200);
  expect(await reads()).toBe(200);
  expect(await holds()).toBe(true);
});

test("a key that manages staff makes no password link for somebody who belongs to another workspace too", async () => {
  const workspaceId = await addWorkspace(server.deps, "elsewhere");
  const [both, here] = [
    await member(server.deps, { role: "billing", email: "both@acme.example" }),
    await member(server.deps, { role: "billing", email: "here@acme.example" }),
  ];
  await server.deps.db.query("insert into membership (workspace_id, staff_id, role) values ($1, $2, 'owner')", [
    workspaceId,
    both.id,
  ]);
  const { headers } = await apiKey(server.deps);
  const link = async (id: string) =>
    (await server.app.inject({ method: "POST", url: `/api/v1/staff/${id}/password-links`, headers })).statusCode;
  expect([await link(both.id), await link(here.id)]).toEqual([403, 201]);
});
