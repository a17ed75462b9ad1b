import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { transportSettingsSchema } from "@daybook/contract";
import {
  type MailServerBehaviour,
  type MailServerOptions,
  type TestMailServer,
  testMailServer,
} from "@daybook/testkit/mail-server.ts";
import { afterEach, expect, test } from "vitest";
import { testTransport } from "./test-message.ts";
import type { TransportRule } from "./transport-book.ts";

const login = { user: "panel", password: "s3cret-of-panel" };
const message = {
  from: { address: "panel@acme.example" },
  to: "dana@customer.example",
  workspace: "Acme",
  atMs: Date.now(),
};
const patience = { connectMs: 1_500, answerMs: 1_500, finalMs: 1_500 };
const usual = getCACertificates("default");
let server: TestMailServer | undefined;

afterEach(async () => {
  await server?.close();
  setDefaultCACertificates(usual);
});

async function listen(options: MailServerOptions = {}, behaviour: MailServerBehaviour = {}): Promise<TestMailServer> {
  server = await testMailServer(options);
  server.behave(behaviour);
  return server;
}

function ask(host: string, port: number, more: Partial<TransportRule> = {}) {
  const settings = transportSettingsSchema.omit({ dkim: true }).parse({ host, port });
  return testTransport({ ...settings, name: "main", source: "api", ...more }, message, patience);
}

const plain = { security: "none" } as const;

test("a mail that is taken shows the conversation, without the password in any shape", async () => {
  const { host, port, mails } = await listen({ login });
  const result = await ask(host, port, { ...login, allowSelfSigned: true });
  expect(result).toMatchObject({ ok: true, code: 250 });
  const said = result.conversation.map(({ from, text }) => `${from}: ${text}`);
  expect(said).toContain("client: STARTTLS");
  expect(said).toContain("client: AUTH PLAIN •••");
  expect(said).toContain("client: RCPT TO:<dana@customer.example>");
  expect(said.some((line) => /^server: 250 2\.0\.0 Ok/.test(line))).toBe(true);
  const secret = Buffer.from(`\0${login.user}\0${login.password}`).toString("base64");
  expect(JSON.stringify(result)).not.toContain(login.password);
  expect(JSON.stringify(result)).not.toContain(secret);
  expect(mails[0]?.parsed).toMatchObject({
    subject: "Test mail of Acme",
    messageId: expect.stringContaining("@acme.example>"),
  });
});

test("a host without a name is told apart from one that does not answer", async () => {
  const nowhere = await ask("mail.nowhere.invalid", 587);
  expect(nowhere).toMatchObject({ ok: false, class: "dns", what: expect.stringContaining("Check the host name") });
  const { port } = await listen();
  await server?.close();
  expect(await ask("127.0.0.1", port)).toMatchObject({
    class: "connect",
    what: expect.stringContaining("Check host and port"),
  });
});

test("where clouds hand out credentials no mail server is looked for", async () => {
  expect(await ask("169.254.169.254", 25)).toMatchObject({
    class: "connect",
    line: expect.stringContaining("never a mail server"),
  });
});

test("a certificate that signs itself, has expired or is for another name is called that", async () => {
  const own = await listen();
  expect(await ask(own.host, own.port)).toMatchObject({ class: "tls", what: expect.stringContaining("self-signed") });
  await own.close();
  const old = await listen({ security: "tls", certificate: { expired: true } });
  setDefaultCACertificates([...usual, old.cert]);
  expect(await ask(old.host, old.port, { security: "tls" })).toMatchObject({
    class: "tls",
    what: expect.stringContaining("expired"),
  });
  await old.close();
  const other = await listen({ certificate: { names: ["mail.other.example"] } });
  setDefaultCACertificates([...usual, other.cert]);
  expect(await ask(other.host, other.port)).toMatchObject({
    class: "tls",
    what: expect.stringContaining("for another name"),
  });
  await other.close();
  const good = await listen();
  setDefaultCACertificates([...usual, good.cert]);
  expect(await ask(good.host, good.port)).toMatchObject({ ok: true });
});

test("the wrong kind of encryption is called that", async () => {
  const { host, port } = await listen(plain);
  expect(await ask(host, port)).toMatchObject({ class: "tls", what: expect.stringContaining("offers no STARTTLS") });
  const tls = await ask(host, port, { security: "tls" });
  expect(tls).toMatchObject({ class: "tls", what: expect.stringContaining("does not speak TLS from the first byte") });
});

test("a login that is refused, and one that is not offered", async () => {
  const { host, port } = await listen({ login });
  const wrong = await ask(host, port, { user: "panel", password: "wrong-password", allowSelfSigned: true });
  expect(wrong).toMatchObject({
    class: "login_refused",
    code: 535,
    what: expect.stringContaining("user name and password"),
  });
  expect(JSON.stringify(wrong)).not.toContain("wrong-password");
  await server?.close();
  const none = await listen(plain);
  expect(await ask(none.host, none.port, { ...plain, ...login })).toMatchObject({
    class: "login_refused",
    what: expect.stringContaining("offers no login"),
  });
});

test.each<[string, MailServerBehaviour, string, RegExp]>([
  [
    "the sender",
    { refuse: { sender: "553 5.7.1 Sender address rejected: not owned by user" } },
    "sender_refused",
    /Send from an address/,
  ],
  ["the recipient", { refuse: { recipient: "550 5.1.1 User unknown" } }, "recipient_refused", /server works/],
  ["relaying", { refuse: { recipient: "554 5.7.1 Relay access denied" } }, "login_refused", /enter a user name/],
  ["too soon", { greylist: 1 }, "greylisted", /tries again/],
  [
    "too many",
    { refuse: { sender: "450 4.7.1 Error: too much mail from 192.0.2.1" } },
    "rate_limited",
    /mails a second/,
  ],
  ["spam", { refuse: { reply: "554 5.7.1 Message rejected as spam" } }, "spam_refused", /SPF, DKIM and DMARC/],
  [
    "a blocked client",
    { refuse: { connect: "554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org" } },
    "spam_refused",
    /block list/,
  ],
  ["silence at the greeting", { stall: "connect" }, "timeout", /Choose TLS then/],
  ["silence later", { stall: "recipient" }, "timeout", /firewall/],
  ["a cut", { cut: "reply" }, "cut", /Try again/],
])("refused or broken by %s is said in words", async (_, behaviour, class_, what) => {
  const { host, port } = await listen(plain, behaviour);
  const result = await ask(host, port, plain);
  expect(result).toMatchObject({ ok: false, class: class_, what: expect.stringMatching(what) });
  expect(result.conversation.length).toBeGreaterThan(0);
});

test("what is no mail server at all does no harm", async () => {
  const chatter = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")).listen(0, "127.0.0.1");
  await once(chatter, "listening");
  const result = await ask("127.0.0.1", (chatter.address() as AddressInfo).port, plain);
  chatter.close();
  expect(result.ok).toBe(false);
});
