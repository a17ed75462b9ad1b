import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { apiKey, type TestApp, type TestKey, testApp } from "@daybook/testkit";
import { testCertificate } from "@daybook/testkit/certificate.ts";
import { createTransport, type SendMailOptions } from "nodemailer";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ApiKeyRing } from "../../access/api-key-ring.ts";
import { revokeKey } from "../../access/api-key-store.ts";
import { readOutbox } from "../outbox.ts";
import { openRelay, type RelayOptions, type RunningRelay } from "./relay-server.ts";

let server: TestApp;
let keys: ApiKeyRing;
let key: TestKey;
let relay: RunningRelay;
const local: RelayOptions = { host: "127.0.0.1", port: 0, plainLogin: true, name: "log.acme.example", drainMs: 1_000 };

beforeAll(async () => {
  server = await testApp({ config: { keyRequestsPerMinute: 0 } });
  keys = new ApiKeyRing(server.deps);
  await keys.open();
  key = await apiKey(server.deps, { name: "panel", scopes: ["mail:send"] });
  relay = await openRelay(server.deps, keys, local);
});
afterAll(async () => {
  await relay.close();
  await keys.close();
  await server.close();
});

const rows = async <T extends Record<string, unknown>>(sql: string, values: unknown[] = []): Promise<T[]> =>
  (await server.deps.db.query<T>(sql, values)).rows;
const stored = async (subject: string) =>
  rows<{ id: string; to_address: string }>("select * from mail_message where subject = $1 order by to_address", [
    subject,
  ]);

/** Sends as a panel does, whose mail server is the relay. */
async function send(mail: SendMailOptions, options: object = {}) {
  const auth = { user: "whatever", pass: key.key };
  const client = createTransport({ host: "127.0.0.1", port: relay.port, secure: false, auth, ...options });
  try {
    return await client.sendMail({ from: "Panel <panel@acme.example>", text: "hello", ...mail });
  } finally {
    client.close();
  }
}
const refused = (mail: SendMailOptions, options: object = {}): Promise<{ responseCode?: number; response?: string }> =>
  send(mail, options).then(
    (sent) => ({ response: `taken: ${sent.response}` }),
    (error: { responseCode?: number; response?: string }) => error,
  );

test("a mail is on disk for each of its recipients when the panel hears that it was taken", async () => {
  const to = ["Kim <kim@acme.example>", "lee@acme.example"];
  const html = '<p>Hello <a href="https://panel.acme.example/x">here</a></p>';
  const attachments = [{ filename: "a.txt", content: "abc" }];
  const sent = await send({
    to,
    bcc: "hidden@acme.example",
    subject: "Grüße",
    html,
    attachments,
    messageId: "<m1@panel.example>",
  });
  const mails = await stored("Grüße");
  expect(sent.response).toMatch(/^250 2\.0\.0 Ok: queued as [0-9a-f-]{36}$/);
  expect(mails.map((mail) => mail.to_address)).toEqual(["hidden@acme.example", "kim@acme.example", "lee@acme.example"]);
  expect(mails[1]).toMatchObject({
    ...{
      delivery: 1,
      status: 0,
      from_address: "panel@acme.example",
      from_name: "Panel",
      to_name: "Kim",
      message_id: "m1@panel.example",
    },
    requested_by: { type: "api_key", id: key.id, name: "panel" },
  });
  const [content] = await rows("select * from mail_content where message_id = $1", [mails[1]?.id]);
  expect(content).toMatchObject({
    plain: "hello\n",
    attachments: [{ filename: "a.txt", contentType: "text/plain", bytes: 3 }],
  });
  expect(content?.html).toContain("https://panel.acme.example/x");
  const [raw, hidden] = await Promise.all(
    [mails[1], mails[0]].map((mail) =>
      readOutbox(server.deps.db, server.deps.vault, server.workspaceId, mail?.id ?? ""),
    ),
  );
  expect(raw?.toString()).toContain("To: Kim <kim@acme.example>, lee@acme.example");
  expect(raw?.toString()).not.toMatch(/hidden|bcc/i);
  expect(hidden).toEqual(raw);
});

test("what goes out is what came in, byte for byte", async () => {
  const raw =
    "Message-ID: <raw@panel.example>\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\nSubject: raw\r\nX-Odd:  two  blanks\r\n\r\n.a line with a dot\r\n\r\n";
  await send({ raw, envelope: { from: "panel@acme.example", to: ["kim@acme.example"] } });
  const [mail] = await stored("raw");
  expect((await readOutbox(server.deps.db, server.deps.vault, server.workspaceId, mail?.id ?? ""))?.toString()).toBe(
    raw,
  );
});

test("a message that comes again, since its answer was lost, is the one that is there", async () => {
  const mail = { to: "kim@acme.example", subject: "twice", messageId: "<twice@panel.example>", date: new Date(0) };
  const [first, again] = [await send(mail), await send(mail)];
  expect(again.response).toBe(first.response);
  expect(await stored("twice")).toHaveLength(1);
  // Another message under the same Message-ID is another message.
  await send({ ...mail, text: "something else" });
  expect(await stored("twice")).toHaveLength(2);
});

test("headers for the relay say whom a mail is for and what it is about", async () => {
  const headers = {
    "X-Daybook-User": "77",
    "X-Daybook-Target": "server/srv-1, nonsense",
    "X-Daybook-Template": "server-created",
  };
  await send({ to: "kim@acme.example", subject: "about", headers });
  const [mail] = await stored("about");
  expect(mail).toMatchObject({ user_id: "77", target_keys: ["server/srv-1"], template: "server-created" });
  const raw = await readOutbox(server.deps.db, server.deps.vault, server.workspaceId, mail?.id ?? "");
  expect(raw?.toString()).not.toMatch(/x-daybook/i);
});

test("a wrong key and one without the scope are refused, and on record", async () => {
  const reader = await apiKey(server.deps, { name: "reader", scopes: ["mail:read"] });
  const as = (pass: string) => ({ auth: { user: "panel", pass } });
  const mail = { to: "kim@acme.example", subject: "not taken" };
  expect(await refused(mail, as("dbk_nonsense"))).toMatchObject({ responseCode: 535 });
  expect((await refused(mail, as(reader.key))).response).toContain("scope mail:send");
  expect((await refused(mail, { auth: undefined })).responseCode).toBe(530);
  expect(await stored("not taken")).toEqual([]);
  const events = await rows(
    "select actor_name, outcome, reason, host(ip) as ip from event where action = 'auth.login' order by seq",
  );
  expect(events).toEqual([
    { actor_name: null, outcome: 1, reason: "invalid_credentials", ip: "127.0.0.1" },
    { actor_name: "reader", outcome: 2, reason: "missing_permission", ip: "127.0.0.1" },
  ]);
});

test("who goes on guessing is sent away before the key is looked at, and is on record no more", async () => {
  // Its clock stands still: on a busy machine tries would be forgiven while the test goes on.
  const nowMs = Date.now();
  const other = await openRelay({ ...server.deps, clock: () => nowMs }, keys, local);
  const guess = (pass: string) => refused({ to: "kim@acme.example" }, { port: other.port, auth: { user: "x", pass } });
  const codes: (number | undefined)[] = [];
  for (let times = 0; times < 21; times++) codes.push((await guess("dbk_nonsense")).responseCode);
  expect([codes[0], codes.at(-1)]).toEqual([535, 421]);
  expect((await guess(key.key)).responseCode).toBe(421);
  await other.close();
});

test("what is too large, has too many recipients, or no proper addresses is refused for good", async () => {
  const to = "kim@acme.example";
  const large = await refused({
    to,
    subject: "large",
    attachments: [{ filename: "x", content: Buffer.alloc(20 * 1024 * 1024) }],
  });
  expect(large.responseCode).toBe(552);
  const nobody = await refused({ envelope: { from: "", to: [to] }, subject: "bounce" });
  expect([nobody.responseCode, nobody.response]).toEqual([550, expect.stringContaining("without a sender")]);
  const many = Array.from({ length: 102 }, (_, place) => `person-${place}@acme.example`);
  const sent = await send({ to: many, subject: "many" });
  expect([sent.accepted.length, sent.rejected.length]).toEqual([100, 2]);
  expect(await stored("many")).toHaveLength(100);
  expect([...(await stored("large")), ...(await stored("bounce"))]).toEqual([]);
});

test("what would fill the memory is refused: a text that is no mail's, and a large message for many", async () => {
  const book = await refused({ to: "kim@acme.example", subject: "book", text: "", html: "<b>=</b>".repeat(200_000) });
  expect([book.responseCode, book.response]).toEqual([554, expect.stringContaining("attachment")]);
  const to = Array.from({ length: 90 }, (_, place) => `person-${place}@acme.example`);
  const attachments = [{ filename: "x", content: Buffer.alloc(2 * 1024 * 1024) }];
  const many = await refused({ to, subject: "for many", attachments });
  expect([many.responseCode, many.response]).toEqual([552, expect.stringContaining("fewer")]);
  expect([...(await stored("book")), ...(await stored("for many"))]).toEqual([]);
});

test("a key that is revoked sends nothing more, on a connection that is open either", async () => {
  const { db, clock } = server.deps;
  const other = await apiKey(server.deps, { scopes: ["mail:send"] });
  const client = createTransport({
    ...{ host: "127.0.0.1", port: relay.port, secure: false, pool: true, maxConnections: 1 },
    auth: { user: "panel", pass: other.key },
  });
  const mail = (subject: string) =>
    client.sendMail({ from: "panel@acme.example", to: "kim@acme.example", subject, text: "hello" });
  expect((await mail("before")).response).toMatch(/^250/);
  await revokeKey(db, server.workspaceId, other.id, clock());
  keys.clear();
  await expect(mail("afterwards")).rejects.toMatchObject({ responseCode: expect.any(Number) });
  client.close();
  expect(await stored("afterwards")).toEqual([]);
});

test("a message that is nested without end is refused, and the relay goes on", async () => {
  const levels = 60;
  const open = Array.from(
    { length: levels },
    (_, place) => `Content-Type: multipart/mixed; boundary=b${place}\r\n\r\n--b${place}\r\n`,
  ).join("");
  const raw = `Subject: nested\r\nMessage-ID: <n@x>\r\nMIME-Version: 1.0\r\n${open}\r\nend\r\n`;
  const answer = await refused({ raw, envelope: { from: "panel@acme.example", to: ["kim@acme.example"] } });
  expect([answer.responseCode, answer.response]).toEqual([554, expect.stringContaining("nested")]);
  expect((await send({ to: "kim@acme.example", subject: "after" })).response).toMatch(/^250/);
});

test("while the database fails a panel hears that it shall try again, and nothing is there", async () => {
  const mail = { to: ["kim@acme.example", "lee@acme.example"], subject: "later", messageId: "<later@panel.example>" };
  await server.deps.ownerDb.query("alter table mail_outbox rename to mail_outbox_away");
  expect(await refused(mail)).toMatchObject({ responseCode: 451 });
  await server.deps.ownerDb.query("alter table mail_outbox_away rename to mail_outbox");
  expect(await stored("later")).toEqual([]);
  expect((await send(mail)).response).toMatch(/^250/);
  expect(await stored("later")).toHaveLength(2);
});

test("a connection that breaks in the middle of a message leaves nothing", async () => {
  const socket = await conversation(relay.port, [
    "EHLO panel",
    `AUTH PLAIN ${Buffer.from(`\0any\0${key.key}`).toString("base64")}`,
    "MAIL FROM:<panel@acme.example>",
    "RCPT TO:<kim@acme.example>",
    "DATA",
  ]);
  socket.write("Subject: half\r\n\r\nHello");
  socket.destroy();
  await once(socket, "close");
  expect((await send({ to: "kim@acme.example", subject: "whole" })).response).toMatch(/^250/);
  expect(await stored("half")).toEqual([]);
});

test("with a certificate passwords are taken after STARTTLS alone; a renewed one is used from the next connection on", async () => {
  const tls = testCertificate();
  const secure = await openRelay(server.deps, keys, { ...local, plainLogin: false, tls });
  const plain = await said(secure.port, ["EHLO panel", `AUTH PLAIN ${Buffer.from("\0a\0b").toString("base64")}`]);
  expect(plain).toContain("250-STARTTLS");
  expect(plain).not.toMatch(/250[- ]AUTH/);
  expect(plain.trim().split("\r\n").at(-1)).toMatch(/^5\d\d /);
  expect(await said(secure.port, ["EHLO panel", "MAIL FROM:<panel@acme.example>"])).toContain(
    "530 5.7.0 Sign in first",
  );
  const options = { port: secure.port, requireTLS: true, tls: { ca: tls.cert, servername: "localhost" } };
  expect((await send({ to: "kim@acme.example", subject: "secure" }, options)).response).toMatch(/^250/);
  const next = testCertificate();
  secure.renew(next);
  await expect(send({ to: "kim@acme.example", subject: "old" }, options)).rejects.toThrow(/certificate/);
  const renewed = { ...options, tls: { ca: next.cert, servername: "localhost" } };
  expect((await send({ to: "kim@acme.example", subject: "new" }, renewed)).response).toMatch(/^250/);
  await secure.close();
});

/** Says these lines one after the other, each after an answer. */
async function conversation(port: number, lines: readonly string[]): Promise<Socket & { heard: string }> {
  const socket = Object.assign(connect(port, "127.0.0.1"), { heard: "" });
  socket.on("data", (chunk: Buffer) => {
    socket.heard += chunk.toString();
  });
  await answer(socket, 0);
  for (const line of lines) {
    const before = socket.heard.length;
    socket.write(`${line}\r\n`);
    await answer(socket, before);
  }
  return socket;
}

async function answer(socket: Socket & { heard: string }, before: number): Promise<void> {
  while (!/^\d{3} .*\r\n$/m.test(socket.heard.slice(before))) await once(socket, "data");
}

async function said(port: number, lines: readonly string[]): Promise<string> {
  const socket = await conversation(port, lines);
  socket.destroy();
  return socket.heard;
}
