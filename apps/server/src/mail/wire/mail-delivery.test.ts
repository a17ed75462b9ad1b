import { generateKeyPairSync } from "node:crypto";
import type { MailDetail, NewMail, TransportSettings } from "@daybook/contract";
import { apiKey, type TestApp, testApp } from "@daybook/testkit";
import { type TestMailServer, testMailServer } from "@daybook/testkit/mail-server.ts";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTasks } from "../../tasks/start-tasks.ts";
import { mailInFull } from "../log/mail-detail.ts";
import { readMail } from "../log/mail-store.ts";
import { saveTransport } from "../transports/transport-store.ts";

let server: TestApp;
let mails: TestMailServer;
let other: TestMailServer;
let work: { stop(): Promise<void> };
let people = 0;
let used = "";

beforeAll(async () => {
  [mails, other] = await Promise.all([
    testMailServer({ login: { user: "panel", password: "right" } }),
    testMailServer({ security: "none" }),
  ]);
  server = await testApp({ config: { mailFrom: "panel@acme.example" } });
  await apiKey(server.deps);
  work = await startTasks({ ...server.deps, version: "test", callEndpoint: async () => ({ taken: true }) });
});
afterAll(async () => {
  await work.stop();
  await server.close();
  await Promise.all([mails.close(), other.close()]);
});
beforeEach(async () => {
  mails.behave({});
  other.behave({});
  await use({});
});

/** Sets the mail server up as the only one, or with a second one. What was read before is believed for two seconds. */
async function use(first: Partial<TransportSettings>, second?: Partial<TransportSettings>): Promise<void> {
  if (JSON.stringify([first, second]) === used) return;
  used = JSON.stringify([first, second]);
  const { db, ownerDb, vault, clock } = server.deps;
  await ownerDb.query("delete from mail_transport");
  const base = { enabled: true, connections: 3, position: 1 };
  const save = (name: string, password: string | undefined, settings: object) =>
    saveTransport(db, vault, server.workspaceId, {
      name,
      settings: settings as never,
      secrets: { password },
      atMs: clock(),
    });
  const { password = "right", ...more } = first;
  const main = {
    ...base,
    host: mails.host,
    port: mails.port,
    security: "starttls",
    allowSelfSigned: true,
    user: "panel",
  };
  await save("main", password, { ...main, ...more });
  if (second !== undefined)
    await save("other", undefined, {
      ...base,
      host: other.host,
      port: other.port,
      security: "none",
      position: 2,
      allowSelfSigned: false,
      ...second,
    });
  await new Promise((next) => setTimeout(next, 2_050));
}

async function send(mail: Partial<NewMail> = {}): Promise<string> {
  const to = `dana${++people}@customer.example`;
  const { message } = await server.deps.mail.send(server.workspaceId, {
    to,
    subject: "Hello",
    text: "Hello Dana",
    ...mail,
  });
  return message.id;
}

async function read(id: string): Promise<MailDetail> {
  return mailInFull(server.deps.db, await readMail(server.deps.db, server.workspaceId, id));
}

async function becomes(id: string, status: string): Promise<MailDetail> {
  await expect.poll(async () => (await read(id)).status, { timeout: 20_000, interval: 50 }).toBe(status);
  return read(id);
}

async function deferred(id: string, times = 1): Promise<MailDetail> {
  const count = async () => (await read(id)).timeline.filter(({ happening }) => happening === "deferred").length;
  await expect.poll(count, { timeout: 20_000, interval: 50 }).toBeGreaterThanOrEqual(times);
  return read(id);
}

/** The time of these mails has come. */
async function hurry(...ids: string[]): Promise<void> {
  for (const id of ids) {
    const { taskId } = await read(id);
    const now = "update pgboss.job set start_after = now() where state < 'active' and data->>'taskId' = $1";
    await expect
      .poll(async () => (await server.deps.ownerDb.query(now, [taskId])).rowCount, { timeout: 5_000 })
      .toBe(1);
  }
}

test("a mail goes out as it was made, over an encrypted connection, after a login, and what was kept of it is gone", async () => {
  const id = await send();
  const mail = await becomes(id, "sent");
  expect(mail).toMatchObject({
    attempts: 1,
    transport: "main",
    attemptList: [{ outcome: "sent", code: 250, enhanced: "2.0.0" }],
  });
  expect(mail.queueId).toMatch(/^0000/);
  const [got] = mails.mails.filter(({ to }) => to[0] === mail.to.address);
  expect(got).toMatchObject({ from: "panel@acme.example", secure: true, user: "panel" });
  expect(got?.parsed.text?.trim()).toBe("Hello Dana");
  expect((await server.deps.db.query("select 1 from mail_outbox where message_id = $1", [id])).rows).toHaveLength(0);
});

test("connections are used again, and no more are made than are allowed", async () => {
  const { made } = mails.connections;
  const ids = await Promise.all(Array.from({ length: 40 }, () => send()));
  for (const id of ids) await becomes(id, "sent");
  expect(mails.connections.made - made).toBeLessThanOrEqual(3);
});

test("an address that is refused bounces: it is tried once, and gets nothing any more", async () => {
  mails.behave({
    refuse: { recipient: (address) => (address.startsWith("gone") ? "550 5.1.1 User unknown" : undefined) },
  });
  const id = await send({ to: "gone@customer.example" });
  expect(await becomes(id, "bounced")).toMatchObject({
    class: "recipient_refused",
    attempts: 1,
    suppressed: { reason: "hard_bounce" },
    attemptList: [{ outcome: "refused", code: 550, enhanced: "5.1.1" }],
  });
  const next = await send({ to: "Gone@customer.example" });
  expect((await read(next)).status).toBe("suppressed");
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
  mails.behave(behaviour);
  const mail = await becomes(await send(), "failed");
  expect(mail).toMatchObject({ class: class_, attempts: 1 });
  expect(mail.suppressed).toBeUndefined();
});

test("a refusal for now is tried again: greylisted twice, then sent", async () => {
  mails.behave({ greylist: 2 });
  const id = await send();
  const first = await deferred(id);
  expect(first).toMatchObject({
    status: "queued",
    class: "greylisted",
    attemptList: [{ outcome: "refused_for_now", code: 450 }],
  });
  const waitMs = Date.parse(first.nextTryAt ?? "") - Date.now();
  expect(waitMs).toBeGreaterThan(40_000);
  expect(waitMs).toBeLessThan(70_000);
  await hurry(id);
  await deferred(id, 2);
  await hurry(id);
  const mail = await becomes(id, "sent");
  expect([mail.attempts, mail.class, mail.nextTryAt]).toEqual([3, undefined, undefined]);
});

test("when a server cannot be used the next one is tried at once", async () => {
  await use({ password: "wrong" }, {});
  const mail = await becomes(await send(), "sent");
  expect(mail).toMatchObject({
    transport: "other",
    attemptList: [{ transport: "main", class: "login_refused" }, { transport: "other" }],
  });
  const { rows } = await server.deps.db.query(
    "select last_class, last_fault from mail_transport_state where name = 'main'",
  );
  expect(rows).toMatchObject([{ last_class: "login_refused", last_fault: expect.stringContaining("535 5.7.8") }]);
});

test("a certificate that nobody vouches for is not accepted, unless it is said", async () => {
  await use({ allowSelfSigned: false });
  const mail = await deferred(await send());
  expect(mail).toMatchObject({ class: "tls", attemptList: [{ outcome: "failed", class: "tls" }] });
});

test("without a mail server a mail waits until there is one", async () => {
  await use({ enabled: false });
  const id = await send();
  expect(await deferred(id)).toMatchObject({ status: "queued", class: "no_transport", attempts: 0 });
  await use({});
  await hurry(id);
  await becomes(id, "sent");
});

test("a server that is down for a while loses no mail", async () => {
  await mails.down();
  const ids = await Promise.all(Array.from({ length: 10 }, () => send()));
  for (const id of ids) expect((await deferred(id)).class).toBe("connect");
  await mails.up();
  await new Promise((next) => setTimeout(next, 2_500));
  await hurry(...ids);
  for (const id of ids) await becomes(id, "sent");
});

test("a connection that is cut after the message leaves open whether it arrived: that is marked, and it is sent again", async () => {
  mails.behave({ cut: "reply" });
  const id = await send();
  expect(await deferred(id)).toMatchObject({ maybeSent: true, attemptList: [{ outcome: "maybe_sent", class: "cut" }] });
  mails.behave({});
  await hurry(id);
  const mail = await becomes(id, "sent");
  expect(mail.maybeSent).toBe(true);
  const got = mails.mails.filter(({ to }) => to[0] === mail.to.address);
  expect(new Set(got.map(({ parsed }) => parsed.messageId)).size).toBe(1);
  expect(got).toHaveLength(2);
});

test("a connection that is cut before the message leaves nothing open", async () => {
  mails.behave({ cut: "recipient" });
  const mail = await deferred(await send());
  expect(mail.attemptList).toMatchObject([{ outcome: "failed", class: "cut" }]);
  expect(mail.maybeSent).toBeUndefined();
});

test("a rate is kept: mails wait for their turn without holding a slot, none is lost", async () => {
  await use({ perSecond: 4 });
  const ids = await Promise.all(Array.from({ length: 12 }, () => send()));
  for (const id of ids) await becomes(id, "sent");
  const times = (await Promise.all(ids.map(read))).map(({ sentAt }) => Date.parse(sentAt ?? "")).sort((a, b) => a - b);
  // Twelve turns of a quarter of a second take 2.75 s, less what clocks and looks differ by.
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(2_000);
});

test("one domain's limit does not hold up others", async () => {
  await use({ perDomainPerMinute: 1 });
  const slow = await Promise.all([1, 2, 3].map((n) => send({ to: `a${n}@slow.example` })));
  const quick = await send({ to: "b@quick.example" });
  await becomes(quick, "sent");
  await expect
    .poll(async () => (await Promise.all(slow.map(read))).filter(({ status }) => status === "sent").length)
    .toBe(1);
  const waiting = (await Promise.all(slow.map(read))).filter(({ status }) => status === "queued");
  expect(waiting.every(({ nextTryAt }) => nextTryAt !== undefined)).toBe(true);
});

test("mails are signed with the key of their server", async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const dkimKey = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  used = "";
  const { db, vault, clock } = server.deps;
  const settings = {
    ...{ host: other.host, port: other.port, security: "none", enabled: true, connections: 1, position: 0 },
    dkim: { domain: "acme.example", selector: "d1" },
  };
  await saveTransport(db, vault, server.workspaceId, {
    name: "signed",
    settings: settings as never,
    secrets: { dkimKey },
    atMs: clock(),
  });
  await new Promise((next) => setTimeout(next, 2_050));
  const mail = await becomes(await send(), "sent");
  const got = other.mails.find(({ to }) => to[0] === mail.to.address);
  expect(got?.raw.toString()).toMatch(/^DKIM-Signature: v=1; a=rsa-sha256; c=relaxed\/relaxed;[\s\S]*d=acme\.example/);
});

test("a mail is given up after a day of tries, not because the clock jumped", async () => {
  mails.behave({ refuse: { recipient: "450 4.3.0 Try later" } });
  const id = await send();
  await deferred(id);
  await server.deps.ownerDb.query(
    "update mail_outbox set first_try_at = now() - interval '2 days' where message_id = $1",
    [id],
  );
  await hurry(id);
  expect((await deferred(id, 2)).status).toBe("queued");
  await server.deps.ownerDb.query("update mail_outbox set tries = 20 where message_id = $1", [id]);
  await hurry(id);
  expect(await becomes(id, "failed")).toMatchObject({ class: "expired", answer: "450 4.3.0 Try later" });
});
