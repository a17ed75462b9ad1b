import type { NewMail } from "@daybook/contract";
import { type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { forgetMailKeys } from "./mail-key.ts";

let server: TestApp;
beforeAll(async () => {
  server = await testApp({ config: { mailFrom: "panel@host.example" } });
});
afterAll(() => server.close());

const send = (mail: Partial<NewMail>) =>
  server.deps.mail.send(server.workspaceId, { to: "dana@acme.example", subject: "Hello", text: "Hello", ...mail });

async function row(sql: string, ...values: unknown[]): Promise<Record<string, unknown> | undefined> {
  const { rows } = await server.deps.db.query(sql, [server.workspaceId, ...values]);
  return rows[0];
}

test("the same key and the same order is the same mail, also when both come at once", async () => {
  const both = await Promise.all([send({ key: "order-1" }), send({ key: "order-1" }), send({ key: "order-2" })]);
  expect(both.map(({ made }) => made).sort()).toEqual([false, true, true]);
  expect(both[0]?.message.id).toBe(both[1]?.message.id);
  expect(both[2]?.message.id).not.toBe(both[0]?.message.id);
  const later = await send({ key: "order-1" });
  expect(later).toMatchObject({ made: false, message: { id: both[0]?.message.id } });
  const tasks = await row(
    "select count(*)::int as n from task where workspace_id = $1 and payload->>'messageId' = $2",
    later.message.id,
  );
  expect(tasks).toEqual({ n: 1 });
});

test("the same key with another order is a conflict that names the mail that has it", async () => {
  const { message } = await send({ key: "order-3" });
  const refused = send({ key: "order-3", subject: "Another" });
  await expect(refused).rejects.toMatchObject({ code: "conflict", options: { extra: { messageId: message.id } } });
  const [first, second] = await Promise.allSettled([send({ key: "x-4" }), send({ key: "x-4", subject: "Another" })]);
  expect([first.status, second.status].sort()).toEqual(["fulfilled", "rejected"]);
});

test("keys are kept for a month, as hashes", async () => {
  await send({ key: "reset-for-dana" });
  const keys = await server.deps.db.query("select key, encode(order_hash, 'hex') as hash from mail_key");
  expect(JSON.stringify(keys.rows)).not.toContain("dana");
  const day = 24 * 3_600_000;
  await forgetMailKeys(server.deps.db, Date.now() + 29 * day);
  expect(await send({ key: "reset-for-dana" })).toMatchObject({ made: false });
  await forgetMailKeys(server.deps.db, Date.now() + 31 * day);
  expect(await send({ key: "reset-for-dana" })).toMatchObject({ made: true });
});
