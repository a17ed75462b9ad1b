import type { MailDetail, MailMessage, NewMail, Suppression, TransportTestResult } from "@daybook/contract";
import { type RemoteServer, remoteServer, runDaybook } from "@daybook/testkit";
import { type TestMailServer, testMailServer } from "@daybook/testkit/mail-server.ts";
import { afterAll, beforeAll, expect, test } from "vitest";

// What a new operator does in the first quarter of an hour, with nothing but the API and the shell.
let server: RemoteServer;
let mails: TestMailServer;

beforeAll(async () => {
  mails = await testMailServer({ login: { user: "panel", password: "seven lamps" } });
  server = await remoteServer(["mail:send", "mail:body", "mail:read", "events:read", "settings:write", "staff:manage"]);
});
afterAll(async () => {
  await server?.close();
  await mails?.close();
});

async function call<T>(method: "POST" | "PUT" | "PATCH", path: string, body: object): Promise<T> {
  const reply = await server.send(method, path, body);
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
  return JSON.parse(text) as T;
}

const send = (mail: NewMail): Promise<MailMessage> => call("POST", "/mail/messages", mail);
const mail = (id: string): Promise<MailDetail> => server.read(`/mail/messages/${id}`);

async function until(id: string, status: string, timeout = 20_000): Promise<MailDetail> {
  await expect.poll(async () => (await mail(id)).status, { timeout }).toBe(status);
  return mail(id);
}

/** The actions of the events about a mail, oldest first, once there are so many. */
async function eventsOf(id: string, count: number): Promise<string[]> {
  const read = async (): Promise<string[]> =>
    (await server.read<{ items: { action: string }[] }>(`/events?q=target:mail/${id}&limit=50`)).items
      .map(({ action }) => action)
      .reverse();
  await expect.poll(async () => (await read()).length, { timeout: 10_000 }).toBeGreaterThanOrEqual(count);
  return read();
}

const setUp = (settings: object) =>
  call("PUT", "/mail/transports/main", {
    ...{ host: mails.host, port: mails.port, security: "starttls", allowSelfSigned: true, user: "panel" },
    ...settings,
  });
const sendTest = () =>
  call<TransportTestResult>("POST", "/mail/transports/main/test-messages", { to: "ops@acme.example" });

test("a mail server is set up; a test says in words that the password is wrong, then that all is well", async () => {
  await expect(send({ to: "dana@acme.example", subject: "Hello", text: "Hello." })).rejects.toThrow("sender_missing");
  await call("PATCH", "/settings", { mailFrom: "hello@acme.example", mailFromName: "Acme Hosting" });
  await setUp({ password: "wrong" });
  const refused = await sendTest();
  expect(refused).toMatchObject({ ok: false, class: "login_refused" });
  expect(refused.what).toContain("user name");
  await setUp({ password: "seven lamps" });
  const worked = await sendTest();
  expect(worked).toMatchObject({ ok: true });
  expect(
    worked.conversation.some(({ from, text }) => from === "client" && /^RCPT TO:<ops@acme\.example>/.test(text)),
  ).toBe(true);
  expect(JSON.stringify([refused, worked])).not.toContain("seven lamps");
  expect(mails.mails.at(-1)?.to).toEqual(["ops@acme.example"]);
});

test("the first mail arrives as its template has it; the log has its attempt and its events, and the same key sends once", async () => {
  const order: NewMail = {
    template: "server-created",
    to: { address: "dana@customer.example", name: "Dana" },
    data: { user: { name: "Dana" }, server: { name: "mc-01", ip: "192.0.2.10" } },
    user: { id: "77", name: "Dana" },
    targets: [{ type: "server", id: "srv-1", name: "mc-01" }],
    key: "server-created/srv-1",
  };
  const { id } = await send(order);
  const sent = await until(id, "sent");
  expect(sent.attemptList).toMatchObject([{ n: 1, transport: "main", outcome: "sent", code: 250 }]);
  expect(await eventsOf(id, 2)).toEqual(["mail.queued", "mail.sent"]);
  expect((await send(order)).id).toBe(id);

  const taken = mails.mails.filter(({ to }) => to.includes("dana@customer.example"));
  expect(taken).toHaveLength(1);
  expect(taken[0]?.parsed.subject).toBe(sent.subject);
  expect(taken[0]?.parsed.from?.text).toContain("Acme Hosting");
  expect(taken[0]?.parsed.text).toContain("192.0.2.10");
  expect(taken[0]?.secure).toBe(true);
  const aboutServer = await server.read<{ items: MailMessage[] }>("/mail/messages?target=server/srv-1");
  expect(aboutServer.items.map((each) => each.id)).toEqual([id]);
});

test("one that is refused says why, and its address gets no further mail", async () => {
  mails.behave({
    refuse: {
      recipient: (address) => (address.startsWith("gone") ? `550 5.1.1 <${address}>: user unknown` : undefined),
    },
  });
  const { id } = await send({ to: "gone@customer.example", subject: "Invoice 7", text: "Please pay." });
  const bounced = await until(id, "bounced");
  expect(bounced).toMatchObject({ class: "recipient_refused", answer: expect.stringContaining("user unknown") });
  // That the address gets no more mail is told of the mail too, by somebody else: before or after.
  const events = await eventsOf(id, 3);
  expect(events.toSorted()).toEqual(["mail.bounced", "mail.queued", "mail.suppression.added"]);
  expect(events.indexOf("mail.queued")).toBeLessThan(events.indexOf("mail.bounced"));
  const env = server.env;
  const { out } = await runDaybook(["mail", "why", "gone@customer.example"], { env });
  expect(out).toContain("user unknown");

  const second = await send({ to: "Gone@customer.example", subject: "Invoice 8", text: "Please pay." });
  expect((await until(second.id, "suppressed")).attempts).toBe(0);
  const { items } = await server.read<{ items: Suppression[] }>("/mail/suppressions");
  expect(items).toMatchObject([{ address: "gone@customer.example", reason: "hard_bounce", messageId: id }]);
  mails.behave({});
});

test("it is sent once more, to the address that the customer names: a new mail, linked with the first", async () => {
  const [first] = (await server.read<{ items: MailMessage[] }>("/mail/messages?status=bounced")).items;
  const resent = await call<MailMessage>("POST", `/mail/messages/${first?.id}/resends`, {
    to: "dana.new@customer.example",
  });
  expect(resent).toMatchObject({ resendOf: first?.id, subject: "Invoice 7" });
  await until(resent.id, "sent");
  expect(mails.mails.at(-1)?.parsed.text).toContain("Please pay.");
  expect((await mail(first?.id ?? "")).resends).toMatchObject([{ id: resent.id, status: "sent" }]);
});

test("one that is greylisted waits a minute and gets through by itself", async () => {
  mails.behave({ greylist: 1 });
  const { id } = await send({ to: "patience@customer.example", subject: "Hello", text: "Hello again." });
  await expect.poll(async () => (await mail(id)).class, { timeout: 20_000 }).toBe("greylisted");
  const waiting = await mail(id);
  expect(waiting).toMatchObject({ status: "queued", attempts: 1 });
  expect(Date.parse(waiting.nextTryAt ?? "")).toBeGreaterThan(Date.parse(waiting.queuedAt) + 30_000);
  const sent = await until(id, "sent", 120_000);
  expect(sent.attemptList.map(({ outcome }) => outcome)).toEqual(["refused_for_now", "sent"]);
  expect(await eventsOf(id, 3)).toEqual(["mail.queued", "mail.deferred", "mail.sent"]);
  expect(mails.mails.filter(({ to }) => to.includes("patience@customer.example"))).toHaveLength(1);
}, 180_000);
