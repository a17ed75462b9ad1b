import type { MailMessage, NewMail } from "@daybook/contract";
import { apiKey, type TestApp, testApp } from "@daybook/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inTransaction } from "../db/transaction.ts";
import { toMail } from "./mail-row.ts";
import { tellMails } from "./mail-teller.ts";
import { readOutbox } from "./outbox.ts";
import { type ReportedMail, reportMail } from "./report-mail.ts";
import { findSuppression } from "./suppression/suppression-store.ts";

let server: TestApp;
let headers: Record<string, string>;
let people = 0;
beforeAll(async () => {
  server = await testApp({ config: { mailFrom: "panel@host.example" } });
  ({ headers } = await apiKey(server.deps));
});
afterAll(() => server.close());

const address = () => `p${++people}@reports.example`;

async function make(mail: Partial<NewMail> = {}): Promise<MailMessage> {
  const base = { to: address(), subject: "Hello", text: "Hello" };
  return (await server.deps.mail.send(server.workspaceId, { ...base, ...mail })).message;
}
const external = (mail: Partial<NewMail> = {}) => make({ delivery: "external", status: "queued", ...mail });

const report = (id: string, what: ReportedMail) =>
  inTransaction(server.deps.db, (client) => reportMail(client, server.deps, server.workspaceId, id, what)).then(
    ({ row, moved }) => ({ ...toMail(row), moved }),
  );

const patch = async (id: string, payload: object) => {
  const reply = await server.app.inject({ method: "PATCH", url: `/api/v1/mail/messages/${id}`, headers, payload });
  return { status: reply.statusCode, body: reply.json() };
};

const suppressed = (to: string) => findSuppression(server.deps.db, server.workspaceId, to);

async function eventsOf(id: string): Promise<string[]> {
  while ((await tellMails(server.deps)) > 0);
  const { rows } = await server.deps.db.query<{ action: string }>(
    "select action from event where workspace_id = $1 and target_id = $2 order by seq",
    [server.workspaceId, id],
  );
  return rows.map(({ action }) => action);
}

test("an external mail is recorded with what it said and became, and no task", async () => {
  const sentAt = new Date(Date.now() - 60_000).toISOString();
  const mail = await external({
    status: "sent",
    sentAt,
    messageId: "<a1@panel.example>",
    answer: "250 ok",
    html: "<p>Hi</p>",
  });
  expect(mail).toMatchObject({
    ...{ status: "sent", delivery: "external", messageId: "a1@panel.example", answer: "250 ok" },
    ...{ sentAt, queuedAt: sentAt, settledAt: sentAt },
  });
  expect(mail.taskId).toBeUndefined();
  const words = await server.deps.db.query("select body from mail_text where message_id = $1", [mail.id]);
  expect(words.rows[0]?.body).toMatch(/a1@panel\.example.*250 ok/);
  expect(await readOutbox(server.deps.db, server.deps.vault, server.workspaceId, mail.id)).toBeUndefined();
  expect(await eventsOf(mail.id)).toEqual(["mail.reported", "mail.sent"]);
});

test("what the panel says later moves its mail on, each step once", async () => {
  const mail = await external();
  expect(await patch(mail.id, { status: "sent" })).toMatchObject({ status: 200, body: { status: "sent" } });
  const at = new Date().toISOString();
  expect(await patch(mail.id, { status: "delivered", at, answer: "250 2.0.0 ok" })).toMatchObject({
    body: { status: "delivered", settledAt: expect.any(String), answer: "250 2.0.0 ok" },
  });
  expect(await patch(mail.id, { status: "delivered" })).toMatchObject({ status: 200, body: { status: "delivered" } });
  expect(await patch(mail.id, { status: "sent" })).toMatchObject({ status: 200, body: { status: "delivered" } });
  expect(await patch(mail.id, { status: "complained" })).toMatchObject({ body: { status: "complained" } });
  expect(await eventsOf(mail.id)).toEqual(["mail.reported", "mail.sent", "mail.delivered", "mail.complained"]);
});

test("the panel does not report what Daybook delivers", async () => {
  const mail = await make();
  expect(await patch(mail.id, { status: "delivered" })).toMatchObject({ status: 409, body: { code: "conflict" } });
  const none = "00000000-0000-7000-8000-000000000000";
  expect(await patch(none, { status: "delivered" })).toMatchObject({ status: 404 });
});

test("a bounce for good and a complaint put the address on the suppression list, a full mailbox does not", async () => {
  const [bounced, full, spam] = [await external(), await external(), await external()];
  await report(bounced.id, { status: "bounced", answer: "550 5.1.1 no such user" });
  await report(full.id, { status: "bounced", class: "mailbox_full" });
  await report(spam.id, { status: "complained" });
  expect(await suppressed(bounced.to.address)).toMatchObject({
    ...{ reason: "hard_bounce", messageId: bounced.id, note: "550 5.1.1 no such user" },
  });
  expect(await suppressed(full.to.address)).toBeUndefined();
  expect(await suppressed(spam.to.address)).toMatchObject({ reason: "complaint", messageId: spam.id });
});

test("a bounce that is told again does not suppress an address that somebody allowed in between", async () => {
  const mail = await external();
  await report(mail.id, { status: "bounced" });
  await server.deps.db.query("delete from mail_suppression where address_key = $1", [mail.to.address]);
  expect(await report(mail.id, { status: "bounced" })).toMatchObject({ moved: false });
  expect(await suppressed(mail.to.address)).toBeUndefined();
});

test("what a provider says of a mail that waits settles it, and empties the outbox", async () => {
  const mail = await make();
  const moved = await report(mail.id, { status: "delivered", provider: "postmark", providerId: "pm-1" });
  expect(moved).toMatchObject({ moved: true, status: "delivered", provider: "postmark" });
  expect(await readOutbox(server.deps.db, server.deps.vault, server.workspaceId, mail.id)).toBeUndefined();
});

test("a delivery of a mail that was given up counts only if it may have been sent", async () => {
  for (const [maybe, status] of [
    [true, "delivered"],
    [false, "failed"],
  ] as const) {
    const mail = await make();
    await report(mail.id, { status: "failed", class: "cut" });
    await server.deps.db.query("update mail_message set maybe_sent = $2 where id = $1", [mail.id, maybe]);
    expect(await report(mail.id, { status: "delivered" })).toMatchObject({ moved: maybe, status });
  }
});

test("a time that lies ahead counts as now, one before the mail as when it was made", async () => {
  const ahead = await external();
  const late = await report(ahead.id, { status: "sent", atMs: Date.now() + 3_600_000 });
  expect(Date.parse(late.sentAt ?? "")).toBeLessThanOrEqual(Date.now());
  const before = await external();
  const early = await report(before.id, { status: "sent", atMs: Date.now() - 3_600_000 });
  expect(early.sentAt).toBe(early.queuedAt);
});

test("reports in any order and any number come to the same end, and are counted once", async () => {
  const statuses = ["sent", "delivered", "bounced", "complained"] as const;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...statuses), { minLength: 1, maxLength: 6 }), async (order) => {
      const domain = `d${++people}.example`;
      const mail = await external({ to: `x@${domain}` });
      let last = "queued";
      for (const status of order) last = (await report(mail.id, { status, class: "mailbox_full" })).status;
      // A bounce and a complaint are both ends.
      const ends = order.filter((status) => status === "bounced" || status === "complained");
      const expected = ends[0] ?? (order.includes("delivered") ? "delivered" : "sent");
      expect(last).toBe(expected);
      while ((await tellMails(server.deps)) > 0);
      const { rows } = await server.deps.db.query(
        "select queued, sent, delivered, bounced, complained from mail_hour where workspace_id = $1 and domain = $2",
        [server.workspaceId, domain],
      );
      const none = { sent: 0, delivered: 0, bounced: 0, complained: 0 };
      expect(rows).toEqual([{ queued: 1, ...none, [last]: 1 }]);
    }),
    { numRuns: 25 },
  );
});
