import type { MailDetail, MailMessage } from "@daybook/contract";
import { type RemoteServer, remoteServer } from "@daybook/testkit";
import {
  type MailServerBehaviour,
  type MailStage,
  type TestMailServer,
  testMailServer,
} from "@daybook/testkit/mail-server.ts";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: RemoteServer;
let mails: TestMailServer;

beforeAll(async () => {
  mails = await testMailServer({ security: "none" });
  server = await remoteServer(["mail:send", "mail:read"], {
    DAYBOOK_SMTP_URL: `${mails.url}?security=none`,
    DAYBOOK_MAIL_FROM: "panel@acme.example",
  });
});
afterAll(async () => {
  await server.close();
  await mails.close();
});

async function send(to: string, bytes = 0): Promise<string> {
  const content = Buffer.alloc(bytes, "x").toString("base64");
  const attachments = bytes === 0 ? [] : [{ filename: "large.bin", content }];
  const reply = await server.send("POST", "/mail/messages", { to, subject: "Hello", text: "Hello", attachments });
  expect(reply.status).toBe(202);
  return ((await reply.json()) as MailMessage).id;
}

const read = (id: string) => server.read<MailDetail>(`/mail/messages/${id}`);

/** Kills the server, without a word to anybody, and starts another, which need not wait until the first counts as lost. */
async function killAndRestart(): Promise<void> {
  await server.kill();
  mails.behave({});
  await server.database.pool.query("update task set heartbeat_at = now() - interval '1 minute' where status = 1");
  await server.restart();
}

async function sentAfterAll(id: string): Promise<MailDetail> {
  await expect.poll(async () => (await read(id)).status, { timeout: 60_000, interval: 200 }).toBe("sent");
  return read(id);
}

const gotBy = (address: string) => mails.mails.filter(({ to }) => to[0] === address);

test.each<[string, MailStage, MailServerBehaviour, "failed" | "maybe_sent"]>([
  ["before it is greeted", "connect", { stall: "connect" }, "failed"],
  ["after MAIL FROM", "recipient", { stall: "recipient" }, "failed"],
  ["before it is asked for the message", "data", { stall: "data" }, "failed"],
  ["in the middle of the message", "middle", { stall: "middle" }, "maybe_sent"],
])("a worker that is killed %s loses no mail, and it arrives once", async (_, stage, behaviour, outcome) => {
  mails.behave(behaviour);
  const to = `${stage}@customer.example`;
  const reached = mails.reaches(stage);
  // More than the buffers between the two take: the last line is not out.
  const id = await send(to, stage === "middle" ? 9_000_000 : 0);
  await reached;
  if (stage === "middle") await expect.poll(async () => onTheWire(id), { timeout: 10_000 }).toBe(true);
  await killAndRestart();
  const mail = await sentAfterAll(id);
  expect(mail.attemptList.map((attempt) => attempt.outcome)).toEqual([outcome, "sent"]);
  expect(mail.maybeSent ?? false).toBe(outcome === "maybe_sent");
  expect(gotBy(to)).toHaveLength(1);
});

test("a worker that is killed while the server thinks has perhaps sent it: it goes out again, as the same message, and is marked", async () => {
  mails.behave({ stall: "reply" });
  const reached = mails.reaches("reply");
  const id = await send("reply@customer.example");
  await reached;
  await killAndRestart();
  const mail = await sentAfterAll(id);
  expect(mail).toMatchObject({ maybeSent: true, attemptList: [{ outcome: "maybe_sent" }, { outcome: "sent" }] });
  expect(new Set(gotBy("reply@customer.example").map(({ parsed }) => parsed.messageId)).size).toBe(1);
  expect(gotBy("reply@customer.example")).toHaveLength(2);
});

test("a worker that is killed between the server's yes and its own note has perhaps sent it, and that is marked", async () => {
  mails.behave({ delayMs: 1_500 });
  const reached = mails.reaches("middle");
  const id = await send("noted@customer.example");
  await reached;
  const lock = await server.database.pool.connect();
  await lock.query("begin");
  await lock.query("select from mail_message where id = $1 for update", [id]);
  await expect.poll(waitsForLock, { timeout: 10_000, interval: 50 }).toBe(true);
  await server.kill();
  // PostgreSQL would still do what it was asked last, once it may.
  await lock.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  await lock.query("rollback");
  lock.release();
  await killAndRestart();
  expect(await sentAfterAll(id)).toMatchObject({ maybeSent: true });
  expect(gotBy("noted@customer.example")).toHaveLength(2);
});

async function onTheWire(id: string): Promise<boolean> {
  const { rows } = await server.database.pool.query(
    "select from mail_attempt where message_id = $1 and wire_at is not null",
    [id],
  );
  return rows.length === 1;
}

async function waitsForLock(): Promise<boolean> {
  const { rows } = await server.database.pool.query(
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%mail_message%'",
  );
  return rows.length > 0;
}

test("a database that is away while a mail is on its way loses nothing, and nothing is sent twice", async () => {
  mails.behave({ delayMs: 2_000 });
  const reached = mails.reaches("middle");
  const id = await send("away@customer.example");
  await reached;
  // The line is cut for everybody: the answer of the mail server cannot be noted.
  const { pool } = server.database;
  const stop = Date.now() + 4_000;
  while (Date.now() < stop) {
    await pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and usename = current_user and application_name not like 'test_%'",
    );
    await new Promise((next) => setTimeout(next, 20));
  }
  mails.behave({});
  await sentAfterAll(id);
  expect(gotBy("away@customer.example")).toHaveLength(1);
});
