import { type SignedInClient, signedInClient, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { newId } from "../../record/event-id.ts";
import { addSuppression, findSuppression } from "./suppression-store.ts";
import { tellSuppressions } from "./suppression-teller.ts";

let now = Date.parse("2026-11-20T10:00:00.000Z");
let server: TestApp;
let dana: SignedInClient;
beforeAll(async () => {
  server = await testApp({ clock: () => now });
  dana = await signedInClient(server, { name: "Dana" });
});
afterAll(() => server.close());
beforeEach(async () => {
  now += 60_000;
  await server.deps.db.query("delete from mail_suppression");
});

const events = async (action: string) => {
  const { rows } = await server.deps.db.query<{ summary: string; reason: string | null; target_id: string }>(
    "select summary, reason, target_id, actor_name from event where action = $1 and occurred_at >= $2 order by seq",
    [`mail.suppression.${action}`, new Date(now)],
  );
  return rows;
};
const add = (address: string, reason: "hard_bounce" | "complaint" | "manual" = "hard_bounce", note?: string) => {
  now += 1_000;
  return addSuppression(server.deps.db, server.workspaceId, { address, reason, note, atMs: now });
};
const list = async (query = "", who = dana) => (await who.request("GET", `/mail/suppressions${query}`)).json();
const addresses = (page: { items: { address: string }[] }) => page.items.map(({ address }) => address);

test("an address is found in upper and lower case, and keeps its first reason", async () => {
  expect(await add("Kim@Acme.example")).toBe(true);
  expect(await add("kim@acme.example", "complaint")).toBe(false);
  const found = await findSuppression(server.deps.db, server.workspaceId, "KIM@acme.EXAMPLE");
  expect(found).toMatchObject({ address: "kim@acme.example", reason: "hard_bounce" });
  expect(await findSuppression(server.deps.db, server.workspaceId + 1, "kim@acme.example")).toBeUndefined();
});

test("what was added is told once, though its teller was stopped before it could say so", async () => {
  const messageId = newId(now);
  const atMs = now;
  const bounced = { address: "kim@acme.example", reason: "hard_bounce", messageId, atMs } as const;
  await addSuppression(server.deps.db, server.workspaceId, bounced);
  expect(await tellSuppressions(server.deps)).toBe(1);
  await server.deps.db.query("update mail_suppression set told = false");
  expect(await tellSuppressions(server.deps)).toBe(1);
  expect(await tellSuppressions(server.deps)).toBe(0);
  expect(await events("added")).toEqual([
    { summary: expect.any(String), reason: "hard_bounce", target_id: "kim@acme.example", actor_name: "Daybook" },
  ]);
});

test("somebody puts an address on the list with a note, changes it, and takes it off", async () => {
  const body = { reason: "manual", note: "asked by phone" };
  const put = await dana.request("PUT", "/mail/suppressions/Kim%40Acme.example", body);
  expect(put.json()).toMatchObject({ address: "kim@acme.example", reason: "manual", by: "Dana", note: body.note });
  await dana.request("PUT", "/mail/suppressions/kim%40acme.example", body);
  await dana.request("PUT", "/mail/suppressions/kim%40acme.example", { reason: "complaint" });
  expect((await events("added")).map(({ reason }) => reason)).toEqual(["manual", "complaint"]);
  expect((await dana.request("DELETE", "/mail/suppressions/kim%40acme.example")).statusCode).toBe(204);
  expect(await events("removed")).toMatchObject([{ reason: "complaint", actor_name: "Dana" }]);
  expect((await dana.request("DELETE", "/mail/suppressions/kim%40acme.example")).statusCode).toBe(404);
});

test("what is no address is refused, a line break in it above all", async () => {
  for (const address of ["kim", "kim%40acme.example%0d%0aBcc%3A x%40y.example", "<kim%40acme.example>"])
    expect((await dana.request("PUT", `/mail/suppressions/${address}`, {})).json().code).toBe("invalid_request");
});

test("pages follow each other without a gap, the newest first", async () => {
  for (const name of ["a", "b", "c", "d", "e"]) await add(`${name}@acme.example`);
  const first = await list("?limit=2");
  expect(addresses(first)).toEqual(["e@acme.example", "d@acme.example"]);
  expect(first.total).toEqual({ value: 5, relation: "eq" });
  // What is added meanwhile does not move the pages.
  await add("f@acme.example");
  const second = await list(`?limit=2&cursor=${first.nextCursor}`);
  expect(addresses(second)).toEqual(["c@acme.example", "b@acme.example"]);
  const third = await list(`?limit=2&cursor=${second.nextCursor}`);
  expect([addresses(third), third.nextCursor]).toEqual([["a@acme.example"], null]);
  expect((await list("?cursor=x")).code).toBe("invalid_cursor");
});

test("a part of the address, words of the note and reasons find it", async () => {
  await add("kim@acme.example", "hard_bounce");
  await add("lee@acme.example", "complaint", "Said so to Mara");
  await add("100%_x@other.example", "manual");
  expect(addresses(await list("?q=ACME"))).toEqual(["lee@acme.example", "kim@acme.example"]);
  expect(addresses(await list("?q=mara acme"))).toEqual(["lee@acme.example"]);
  expect(addresses(await list("?q=%25_"))).toEqual(["100%_x@other.example"]);
  expect(addresses(await list("?reason=complaint,manual"))).toEqual(["100%_x@other.example", "lee@acme.example"]);
  expect((await list("?reason=angry")).code).toBe("invalid_request");
});

test("without the permission for personal data addresses are masked, and cannot be guessed by searching", async () => {
  const support = await signedInClient(server, { role: "support" });
  await add("kim@acme.example", "manual", "also kim@other.example, by phone");
  await add("lee@acme.example");
  const page = await list("?limit=1", support);
  expect(page.items[0].address).toBe("•••");
  expect(Buffer.from(page.nextCursor, "base64url").toString()).not.toContain("acme");
  expect(JSON.stringify(await list("", support))).not.toMatch(/kim|lee|acme|other\.example/);
  expect((await list("?q=kim", support)).items).toEqual([]);
  expect((await list("?q=phone", support)).items).toHaveLength(1);
});
