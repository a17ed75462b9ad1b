import { generateKeyPairSync } from "node:crypto";
import { type MailStage, mailStage } from "@daybook/testkit/mail-stage.ts";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

let stage: MailStage;

beforeAll(async () => {
  stage = await mailStage();
});
afterAll(() => stage.close());
beforeEach(async () => {
  stage.mails.behave({});
  stage.other.behave({});
  await stage.use({});
});

test("a mail goes out as it was made, over an encrypted connection, after a login, and what was kept of it is gone", async () => {
  const id = await stage.send();
  const mail = await stage.becomes(id, "sent");
  expect(mail).toMatchObject({
    attempts: 1,
    transport: "main",
    attemptList: [{ outcome: "sent", code: 250, enhanced: "2.0.0" }],
  });
  expect(mail.queueId).toMatch(/^0000/);
  const [got] = stage.mails.mails.filter(({ to }) => to[0] === mail.to.address);
  expect(got).toMatchObject({ from: "panel@acme.example", secure: true, user: "panel" });
  expect(got?.parsed.text?.trim()).toBe("Hello Dana");
  expect((await stage.server.deps.db.query("select 1 from mail_outbox where message_id = $1", [id])).rows).toHaveLength(
    0,
  );
});

test("connections are used again, and no more are made than are allowed", async () => {
  const { made } = stage.mails.connections;
  const ids = await Promise.all(Array.from({ length: 40 }, () => stage.send()));
  for (const id of ids) await stage.becomes(id, "sent");
  expect(stage.mails.connections.made - made).toBeLessThanOrEqual(3);
});

test("an address that is refused bounces: it is tried once, and gets nothing any more", async () => {
  stage.mails.behave({
    refuse: { recipient: (address) => (address.startsWith("gone") ? "550 5.1.1 User unknown" : undefined) },
  });
  const id = await stage.send({ to: "gone@customer.example" });
  expect(await stage.becomes(id, "bounced")).toMatchObject({
    class: "recipient_refused",
    attempts: 1,
    suppressed: { reason: "hard_bounce" },
    attemptList: [{ outcome: "refused", code: 550, enhanced: "5.1.1" }],
  });
  const next = await stage.send({ to: "Gone@customer.example" });
  expect((await stage.read(next)).status).toBe("suppressed");
});

test.each([
  [
    "at the sender",
    { refuse: { sender: "553 5.7.1 Sender address rejected: not owned by user panel" } },
    "sender_refused",
  ],
  [
    "as spam, after the message",
    { refuse: { reply: "554 5.7.1 This message was classified as SPAM" } },
    "spam_refused",
  ],
  ["at DATA", { refuse: { data: "554 5.5.1 No" } }, "refused"],
] as const)("a mail that is refused for good %s has failed, and its address stays", async (_, behaviour, class_) => {
  stage.mails.behave(behaviour);
  const mail = await stage.becomes(await stage.send(), "failed");
  expect(mail).toMatchObject({ class: class_, attempts: 1 });
  expect(mail.suppressed).toBeUndefined();
});

test("a refusal for now is tried again: greylisted twice, then sent", async () => {
  stage.mails.behave({ greylist: 2 });
  const id = await stage.send();
  const first = await stage.deferred(id);
  expect(first).toMatchObject({
    status: "queued",
    class: "greylisted",
    attemptList: [{ outcome: "refused_for_now", code: 450 }],
  });
  const waitMs = Date.parse(first.nextTryAt ?? "") - Date.now();
  expect(waitMs).toBeGreaterThan(40_000);
  expect(waitMs).toBeLessThan(70_000);
  await stage.hurry(id);
  await stage.deferred(id, 2);
  await stage.hurry(id);
  const mail = await stage.becomes(id, "sent");
  expect([mail.attempts, mail.class, mail.nextTryAt]).toEqual([3, undefined, undefined]);
});

test("when a server cannot be used the next one is tried at once", async () => {
  await stage.use({ password: "wrong" }, {});
  const mail = await stage.becomes(await stage.send(), "sent");
  expect(mail).toMatchObject({
    transport: "other",
    attemptList: [{ transport: "main", class: "login_refused" }, { transport: "other" }],
  });
  const { rows } = await stage.server.deps.db.query(
    "select last_class, last_fault from mail_transport_state where name = 'main'",
  );
  expect(rows).toMatchObject([{ last_class: "login_refused", last_fault: expect.stringContaining("535 5.7.8") }]);
});

test("a certificate that nobody vouches for is not accepted, unless it is said", async () => {
  await stage.use({ allowSelfSigned: false });
  const mail = await stage.deferred(await stage.send());
  expect(mail).toMatchObject({ class: "tls", attemptList: [{ outcome: "failed", class: "tls" }] });
});

test("without a mail server a mail waits until there is one", async () => {
  await stage.use({ enabled: false });
  const id = await stage.send();
  expect(await stage.deferred(id)).toMatchObject({ status: "queued", class: "no_transport", attempts: 0 });
  await stage.use({});
  await stage.hurry(id);
  await stage.becomes(id, "sent");
});

test("a server that is down for a while loses no mail", async () => {
  await stage.mails.down();
  const ids = await Promise.all(Array.from({ length: 10 }, () => stage.send()));
  for (const id of ids) expect((await stage.deferred(id)).class).toBe("connect");
  await stage.mails.up();
  await new Promise((next) => setTimeout(next, 2_500));
  await stage.hurry(...ids);
  for (const id of ids) await stage.becomes(id, "sent");
});

test("a connection that is cut after the message leaves open whether it arrived: that is marked, and it is sent again", async () => {
  stage.mails.behave({ cut: "reply" });
  const id = await stage.send();
  expect(await stage.deferred(id)).toMatchObject({
    maybeSent: true,
    attemptList: [{ outcome: "maybe_sent", class: "cut" }],
  });
  stage.mails.behave({});
  await stage.hurry(id);
  const mail = await stage.becomes(id, "sent");
  expect(mail.maybeSent).toBe(true);
  const got = stage.mails.mails.filter(({ to }) => to[0] === mail.to.address);
  expect(new Set(got.map(({ parsed }) => parsed.messageId)).size).toBe(1);
  expect(got).toHaveLength(2);
});

test("a connection that the server has closed meanwhile costs no time: the mail goes out over a new one", async () => {
  await stage.becomes(await stage.send(), "sent");
  const reached = stage.mails.reaches("sender");
  stage.mails.behave({ cut: "sender" });
  const id = await stage.send();
  await reached;
  stage.mails.behave({});
  expect((await stage.becomes(id, "sent")).attemptList).toMatchObject([{ outcome: "sent" }]);
});

test("a connection that is cut before the message leaves nothing open", async () => {
  stage.mails.behave({ cut: "recipient" });
  const mail = await stage.deferred(await stage.send());
  expect(mail.attemptList).toMatchObject([{ outcome: "failed", class: "cut" }]);
  expect(mail.maybeSent).toBeUndefined();
});

test("mails are signed with the key of their server", async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await stage.use({ enabled: false }, {});
  const dkimKey = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  await stage.sign("other", dkimKey);
  const mail = await stage.becomes(await stage.send(), "sent");
  const got = stage.other.mails.find(({ to }) => to[0] === mail.to.address);
  expect(got?.raw.toString()).toMatch(/^DKIM-Signature: v=1; a=rsa-sha256; c=relaxed\/relaxed;[\s\S]*d=acme\.example/);
});

test("a mail is given up after a day of tries, not because the clock jumped", async () => {
  stage.mails.behave({ refuse: { recipient: "450 4.3.0 Try later" } });
  const id = await stage.send();
  await stage.deferred(id);
  await stage.server.deps.ownerDb.query(
    "update mail_outbox set first_try_at = now() - interval '2 days' where message_id = $1",
    [id],
  );
  await stage.hurry(id);
  expect((await stage.deferred(id, 2)).status).toBe("queued");
  await stage.server.deps.ownerDb.query("update mail_outbox set tries = 20 where message_id = $1", [id]);
  await stage.hurry(id);
  expect(await stage.becomes(id, "failed")).toMatchObject({ class: "expired", answer: "450 4.3.0 Try later" });
});

test("large mails go out too, each as it was made", async () => {
  const content = Buffer.alloc(3_000_000, "x").toString("base64");
  const attachments = [{ filename: "large.bin", content }];
  const ids = await Promise.all([1, 2, 3].map((n) => stage.send({ to: `large${n}@customer.example`, attachments })));
  for (const id of ids) await stage.becomes(id, "sent");
  const got = stage.mails.mails.filter(({ to }) => to[0]?.startsWith("large"));
  expect(got.map(({ parsed }) => parsed.attachments[0]?.content.length)).toEqual([3_000_000, 3_000_000, 3_000_000]);
});

test("a mail that cannot be read is tried again soon at first, and then as seldom as others", async () => {
  await stage.use({ enabled: false });
  const id = await stage.send();
  await stage.deferred(id);
  const { ownerDb } = stage.server.deps;
  await ownerDb.query("update mail_outbox set sealed = '\\x00', tries = 1 where message_id = $1", [id]);
  await stage.hurry(id);
  const soon = await stage.deferred(id, 2);
  expect(Date.parse(soon.nextTryAt ?? "") - Date.now()).toBeLessThan(11_000);
  await ownerDb.query("update mail_outbox set tries = 8 where message_id = $1", [id]);
  await stage.hurry(id);
  const late = await stage.deferred(id, 3);
  expect(Date.parse(late.nextTryAt ?? "") - Date.now()).toBeGreaterThan(200_000);
});
