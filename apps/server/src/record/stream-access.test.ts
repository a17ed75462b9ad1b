import type { AddressInfo } from "node:net";
import { apiKey, signedInClient, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: TestApp;
let base: string;

beforeAll(async () => {
  server = await testApp();
  await server.app.listen({ port: 0 });
  base = `http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

/** Opens a stream; `endedAt` resolves with the time of its end. */
async function follow(headers: Record<string, string>): Promise<{ endedAt: Promise<number>; close(): void }> {
  const stop = new AbortController();
  const response = await fetch(`${base}/api/v1/events/stream`, { headers, signal: stop.signal });
  expect(response.status).toBe(200);
  const endedAt = response.text().then(Date.now, () => Number.NaN);
  return { endedAt, close: () => stop.abort() };
}

test("a stream ends within 15 s of the end of its key or session, or when its person may see something else", async () => {
  const { deps } = server;
  const sql = (text: string, id: string) => deps.ownerDb.query(text, [id]);
  const revokedKey = await apiKey(deps);
  const expiringKey = await apiKey(deps);
  const goodKey = await apiKey(deps);
  const [signedOut, disabled, removed, demoted, idle, stays] = await Promise.all([
    signedInClient(server),
    signedInClient(server),
    signedInClient(server),
    signedInClient(server, { role: "auditor" }),
    signedInClient(server),
    signedInClient(server),
  ]);
  const ending = await Promise.all(
    [revokedKey, expiringKey, signedOut, disabled, removed, demoted, idle].map(({ headers }) => follow(headers)),
  );
  const open = await Promise.all([goodKey, stays].map(({ headers }) => follow(headers)));
  let ended = 0;
  for (const { endedAt } of open) void endedAt.then(() => ended++);

  const from = Date.now();
  await sql("update api_key set revoked_at = now() where id = $1", revokedKey.id);
  await sql("update api_key set expires_at = now() where id = $1", expiringKey.id);
  expect((await signedOut.request("DELETE", "/sessions/current")).statusCode).toBe(204);
  await sql("update staff set disabled_at = now() where id = $1", disabled.member.id);
  await sql("delete from membership where staff_id = $1", removed.member.id);
  await sql("update membership set role = 'support' where staff_id = $1", demoted.member.id);
  await sql("update session set last_seen_at = now() - interval '9 hours' where id = $1", idle.sessionId);

  for (const { endedAt } of ending) expect((await endedAt) - from).toBeLessThan(15_000);
  expect(ended).toBe(0);
  for (const stream of open) stream.close();
}, 30_000);
