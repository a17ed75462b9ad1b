import { addWorkspace, member, signedInClient, type TestApp, testApp, testPassword } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: TestApp;
let now = Date.parse("2026-11-20T10:00:00.000Z");
const MINUTE_MS = 60_000;

beforeAll(async () => {
  server = await testApp({ clock: () => now });
});
afterAll(() => server.close());

async function set(workspaceId: number, settings: object): Promise<void> {
  const text = JSON.stringify(settings);
  await server.deps.ownerDb.query("update workspace set settings = $2, changed_at = clock_timestamp() where id = $1", [
    workspaceId,
    text,
  ]);
  await server.deps.settings.reload();
}

test("each workspace ends sessions by its own idle and absolute limit, be they shorter or longer than the installation's", async () => {
  const strict = await addWorkspace(server.deps, "strict");
  await set(strict, { sessionIdleMinutes: 10, sessionHours: 1 });
  await set(server.workspaceId, { sessionIdleMinutes: 600, sessionHours: 200 });
  const person = await member(server.deps, { role: "owner", email: "ida@acme.example" });
  await server.deps.db.query(
    "insert into membership (workspace_id, staff_id, role) values ($1, $2, 'owner') on conflict do nothing",
    [strict, person.id],
  );
  const signIn = async () => {
    const payload = { email: "ida@acme.example", password: testPassword };
    const reply = await server.app.inject({ method: "POST", url: "/api/v1/sessions", payload });
    expect(reply.headers["set-cookie"]).toContain(`Max-Age=${200 * 3600};`);
    return String(reply.headers["set-cookie"]).split(";")[0] ?? "";
  };
  const reads = async (cookie: string, slug: string) => {
    const headers = { cookie, "x-daybook-workspace": slug };
    return (await server.app.inject({ method: "GET", url: "/api/v1/branding", headers })).statusCode;
  };

  const cookie = await signIn();
  now += 9 * MINUTE_MS;
  expect([await reads(cookie, "strict"), await reads(cookie, "main")]).toEqual([200, 200]);
  now += 11 * MINUTE_MS;
  expect([await reads(cookie, "strict"), await reads(cookie, "main")]).toEqual([401, 200]);
  for (let minutes = 0; minutes < 50; minutes += 5) {
    now += 5 * MINUTE_MS;
    expect(await reads(cookie, "main")).toBe(200);
  }
  // Used all the time, but an hour old.
  expect(await reads(cookie, "strict")).toBe(401);
  // Ten hours without use are allowed here; the installation has eight.
  now += 9 * 60 * MINUTE_MS;
  expect(await reads(cookie, "main")).toBe(200);
  now += 11 * 60 * MINUTE_MS;
  expect(await reads(cookie, "main")).toBe(401);
});

test("an export with personal data asks again who it is; one without does not", async () => {
  const auditor = await signedInClient(server, { role: "auditor" });
  const own = await signedInClient(server, { role: "support" });
  await server.deps.db.query("insert into role (workspace_id, name, permissions) values ($1, 'reader', $2)", [
    server.workspaceId,
    ["logs.read", "logs.export"],
  ]);
  await server.deps.db.query("update membership set role = 'reader' where staff_id = $1", [own.member.id]);
  const exported = async (client: typeof auditor) => (await client.request("GET", "/events/export")).statusCode;
  expect([await exported(auditor), await exported(own)]).toEqual([200, 200]);
  expect((await auditor.request("GET", "/me/step-up")).statusCode).toBe(200);
  now += 11 * MINUTE_MS;
  expect([await exported(auditor), await exported(own)]).toEqual([403, 200]);
  expect((await auditor.request("GET", "/me/step-up")).json()).toMatchObject({ code: "step_up_required" });
  expect((await auditor.request("POST", "/me/step-up", { password: testPassword })).statusCode).toBe(200);
  expect(await exported(auditor)).toBe(200);
});
