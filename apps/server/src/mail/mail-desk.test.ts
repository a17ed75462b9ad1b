import { type MailMessage, mailLimits, type NewMail } from "@daybook/contract";
import { signedInClient, type TestApp, testApp } from "@daybook/testkit";
import PostalMime from "postal-mime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cancelTask } from "../tasks/task-acts.ts";
import { tellRound } from "../tasks/teller.ts";
import { deliveryType } from "./accept-mails.ts";
import { readMail } from "./log/mail-store.ts";
import { tellMails } from "./mail-teller.ts";
import { readOutbox } from "./outbox.ts";
import { addSuppression } from "./suppression/suppression-store.ts";

let server: TestApp;
beforeAll(async () => {
  server = await testApp({ config: { mailFrom: "panel@host.example", mailFromName: "Heronfield" } });
});
afterAll(() => server.close());

const ready: NewMail = {
  to: { address: "Dana@acme.example", name: "Dana Diaz" },
  subject: "Your server is ready",
  html: "<p>mc-01 is ready.</p>",
  text: "mc-01 is ready.",
  user: { id: "42", name: "Dana Diaz" },
  targets: [{ type: "server", id: "srv-1", name: "mc-01", ownerId: "42" }],
};

const send = (mail: Partial<NewMail> = {}) => server.deps.mail.send(server.workspaceId, { ...ready, ...mail });

const outbox = (id: string) => readOutbox(server.deps.db, server.deps.vault, server.workspaceId, id);

async function parsed({ id }: MailMessage) {
  const bytes = await outbox(id);
  if (bytes === undefined) throw new Error("nothing is in the outbox");
  return { bytes, ...(await PostalMime.parse(bytes)) };
}

async function row(sql: string, ...values: unknown[]): Promise<Record<string, unknown> | undefined> {
  const { rows } = await server.deps.db.query(sql, [server.workspaceId, ...values]);
  return rows[0];
}

const codeOf = (wanted: Promise<unknown>) =>
  wanted.then(
    () => "taken",
    (error: { code?: string }) => error.code,
  );

test("a mail is on disk with its task, its text and its bytes when it is taken", async () => {
  const { message, made } = await send();
  expect(made).toBe(true);
  expect(message).toMatchObject({
    status: "queued",
    delivery: "daybook",
    subject: "Your server is ready",
    from: { address: "panel@host.example", name: "Heronfield" },
    to: { address: "Dana@acme.example", name: "Dana Diaz" },
    messageId: `${message.id}@host.example`,
    priority: "normal",
  });
  const task = await row("select type, payload, targets from task where workspace_id = $1 and id = $2", message.taskId);
  expect(task).toEqual({
    type: deliveryType,
    payload: { messageId: message.id },
    targets: [{ type: "mail", id: message.id, name: "Dana@acme.example" }],
  });
  const mail = await parsed(message);
  expect(mail.bytes.length).toBe(message.sizeBytes);
  expect(mail).toMatchObject({ subject: "Your server is ready", messageId: `<${message.id}@host.example>` });
  expect(mail.html).toContain("<p>mc-01 is ready.</p>");
  expect(mail.text?.trim()).toBe("mc-01 is ready.");
  expect(mail.to).toEqual([{ address: "Dana@acme.example", name: "Dana Diaz" }]);
  const kept = "select html, plain, masked from mail_content where workspace_id = $1 and message_id = $2";
  expect(await row(kept, message.id)).toEqual({ html: ready.html, plain: ready.text, masked: 0 });
});

test("who caused a mail and what it is about is an event, with the mail first", async () => {
  const actor = { type: "staff", id: "s1", name: "Sam" };
  const doer = { actor, origin: { ip: "203.0.113.9" } };
  const { message } = await server.deps.mail.send(server.workspaceId, ready, doer);
  await tellMails(server.deps);
  expect(await tellMails(server.deps)).toBe(0);
  const client = await signedInClient(server);
  const { items } = (
    await client.request("GET", `/events?q=${encodeURIComponent(`target:mail/${message.id}`)}`)
  ).json();
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({
    action: "mail.queued",
    actor,
    origin: { ip: "203.0.113.9" },
    targets: [
      { type: "mail", id: message.id, name: "Dana@acme.example", ownerId: "42" },
      { type: "server", id: "srv-1", name: "mc-01", ownerId: "42" },
    ],
    details: { messageId: message.id, taskId: message.taskId },
  });
});

test("mails of high priority leave the queue before the others", async () => {
  const { queue } = server.deps.tasks;
  while ((await queue.claim(deliveryType, 100)).length > 0);
  const [low, normal, high] = [await send({ priority: "low" }), await send(), await send({ priority: "high" })];
  for (const { message } of [high, normal, low]) {
    const [claimed] = await queue.claim(deliveryType, 1);
    expect(claimed?.taskId).toBe(message.taskId);
  }
});

test("a mail for later has its task then, and the date of then", async () => {
  const sendAt = new Date(Date.now() + 3 * 3_600_000).toISOString();
  const { message } = await send({ sendAt });
  expect(message).toMatchObject({ sendAt, nextTryAt: sendAt });
  const task = await row("select run_at from task where workspace_id = $1 and id = $2", message.taskId);
  expect(task?.run_at).toEqual(new Date(sendAt));
  expect(Date.parse((await parsed(message)).date ?? "")).toBe(Math.floor(Date.parse(sendAt) / 1_000) * 1_000);
  const tooFar = new Date(Date.now() + 91 * 24 * 3_600_000).toISOString();
  expect(await codeOf(send({ sendAt: tooFar }))).toBe("invalid_request");
});

test("nothing is sent to an address on the suppression list, and the log says so", async () => {
  const { db } = server.deps;
  await addSuppression(db, server.workspaceId, {
    address: "gone@acme.example",
    reason: "hard_bounce",
    atMs: Date.now(),
  });
  const { message } = await send({ to: "Gone@Acme.Example" });
  expect(message).toMatchObject({ status: "suppressed", class: "suppressed" });
  expect(message.taskId).toBeUndefined();
  expect(await outbox(message.id)).toBeUndefined();
  const tasks = await row(
    "select count(*)::int as n from task where workspace_id = $1 and payload->>'messageId' = $2",
    message.id,
  );
  expect(tasks).toEqual({ n: 0 });
  await tellMails(server.deps);
  const event = await row("select action, outcome from event where workspace_id = $1 and target_id = $2", message.id);
  expect(event).toMatchObject({ action: "mail.suppressed" });
});

test("a mail without a sender is refused, unless it names one", async () => {
  const bare = await testApp();
  try {
    const refused = bare.deps.mail.send(bare.workspaceId, ready);
    await expect(refused).rejects.toMatchObject({
      code: "sender_missing",
      message: expect.stringContaining("mailFrom"),
    });
    const { message } = await bare.deps.mail.send(bare.workspaceId, { ...ready, from: "billing@brand.example" });
    expect(message).toMatchObject({
      from: { address: "billing@brand.example" },
      messageId: `${message.id}@brand.example`,
    });
  } finally {
    await bare.close();
  }
});

test("answers go where the workspace says, for mails of its own sender", async () => {
  const other = await testApp({ config: { mailFrom: "panel@host.example", mailReplyTo: "help@host.example" } });
  try {
    for (const [mail, replyTo] of [
      [ready, "help@host.example"],
      [{ ...ready, replyTo: "me@host.example" }, "me@host.example"],
      [{ ...ready, from: "billing@brand.example" }, undefined],
    ] as const) {
      const { message } = await other.deps.mail.send(other.workspaceId, mail);
      const bytes = await readOutbox(other.deps.db, other.deps.vault, other.workspaceId, message.id);
      expect((await PostalMime.parse(bytes as Buffer)).replyTo?.[0]?.address).toBe(replyTo);
    }
  } finally {
    await other.close();
  }
});

test("a mail with an address to unsubscribe says so, with one click if it is https", async () => {
  const headers = async (unsubscribeUrl: string) => {
    const { message } = await send({ unsubscribeUrl });
    const mail = await parsed(message);
    return mail.headers.flatMap(({ key, value }) => (key.startsWith("list-") ? [[key, value]] : []));
  };
  expect(await headers("https://host.example/leave?u=1&l=2")).toEqual([
    ["list-unsubscribe", "<https://host.example/leave?u=1&l=2>"],
    ["list-unsubscribe-post", "List-Unsubscribe=One-Click"],
  ]);
  expect(await headers("http://host.example/leave")).toEqual([["list-unsubscribe", "<http://host.example/leave>"]]);
});

test("mails of a template that may be unsubscribed say how, by a mail to the sender where no address is given", async () => {
  const { db } = server.deps;
  const settings = { title: "News", kind: "template", tokens: [], layout: false, unsubscribe: true };
  await db.query(
    "insert into mail_template (workspace_id, name, settings, updated_at) values ($1, 'news', $2, now())",
    [server.workspaceId, JSON.stringify(settings)],
  );
  await db.query(
    `insert into mail_template_version (workspace_id, name, locale, version, subject, html, at, current)
       values ($1, 'news', 'en', 1, 'News', '<p>News</p>', now(), true)`,
    [server.workspaceId],
  );
  const { message } = await server.deps.mail.send(server.workspaceId, { to: "dana@acme.example", template: "news" });
  const headers = new Map((await parsed(message)).headers.map(({ key, value }) => [key, value]));
  expect(headers.get("list-unsubscribe")).toBe("<mailto:panel@host.example?subject=unsubscribe>");
  expect(headers.has("list-unsubscribe-post")).toBe(false);
});

test("the task of a mail makes no events of its own and is counted all the same", async () => {
  const { message } = await send();
  while ((await tellRound(server.deps)) > 0);
  const events = await row(
    "select count(*)::int as n from event where workspace_id = $1 and target_id = $2",
    message.taskId,
  );
  expect(events).toEqual({ n: 0 });
  const told = "select bool_and(told) as told from task_happening where workspace_id = $1 and task_id = $2";
  expect(await row(told, message.taskId)).toEqual({ told: true });
  await cancelTask(server.deps, { workspaceId: server.workspaceId, id: message.taskId as string, doer: {} });
  const counted = "select sum(cancelled)::int as n from task_hour where workspace_id = $1 and type = $2";
  const before = (await row(counted, deliveryType))?.n as number | null;
  while ((await tellRound(server.deps)) > 0);
  expect(await row(counted, deliveryType)).toEqual({ n: (before ?? 0) + 1 });
});

test("attachments go out whole and are kept by name, size and hash alone", async () => {
  const content = Buffer.from("%PDF-1.7 of an invoice").toString("base64");
  const { message } = await send({
    attachments: [{ filename: "Rechnung ü.pdf", contentType: "application/pdf", content }],
  });
  const [attachment] = (await parsed(message)).attachments;
  expect(attachment).toMatchObject({ filename: "Rechnung ü.pdf", mimeType: "application/pdf" });
  expect(Buffer.from(attachment?.content as ArrayBuffer).toString()).toBe("%PDF-1.7 of an invoice");
  const kept = await row(
    "select attachments from mail_content where workspace_id = $1 and message_id = $2",
    message.id,
  );
  expect(kept?.attachments).toEqual([
    {
      filename: "Rechnung ü.pdf",
      contentType: "application/pdf",
      bytes: 22,
      sha256: "36a251bc35186d8016afc84e9d4bde07495ec9515f0d1c8226a5dd29d5da0eb8",
    },
  ]);
});

test("what is too large is refused with the limit", async () => {
  const half = Buffer.alloc(mailLimits.attachmentsBytesMax / 2 + 1).toString("base64");
  const file = { filename: "a.bin", content: half };
  expect(await codeOf(send({ attachments: [file] }))).toBe("taken");
  expect(await codeOf(send({ attachments: [file, { ...file, filename: "b.bin" }] }))).toBe("body_too_large");
  const data = { text: "x".repeat(mailLimits.dataBytesMax) };
  expect(await codeOf(send({ data }))).toBe("body_too_large");
  expect(await codeOf(send({ html: "x".repeat(mailLimits.htmlBytesMax + 1) }))).toBe("invalid_request");
});

test("a mail by a template says which, in which language and version", async () => {
  const { message } = await server.deps.mail.send(server.workspaceId, {
    ...{ to: "dana@acme.example", template: "server-suspended", locale: "de" },
    data: { user: { name: "Dana" }, server: { name: "mc-01" }, reason: "an invoice is not paid" },
  });
  expect(message).toMatchObject({ template: "server-suspended", templateVersion: 0, status: "queued" });
  expect((await parsed(message)).html).toContain("mc-01");
  expect(await codeOf(server.deps.mail.send(server.workspaceId, { to: "d@acme.example", template: "no-such" }))).toBe(
    "not_found",
  );
});

test("a mail whose task is cancelled is not sent, and what it said is gone", async () => {
  const { message } = await send({ sendAt: new Date(Date.now() + 3_600_000).toISOString() });
  const act = { workspaceId: server.workspaceId, id: message.taskId as string, doer: {} };
  await cancelTask(server.deps, act);
  expect(await readMail(server.deps.db, server.workspaceId, message.id)).toMatchObject({
    status: 2,
    class: "cancelled",
    next_try_at: null,
  });
  expect(await outbox(message.id)).toBeUndefined();
});

test("a mail is counted in its hour by what became of it", async () => {
  await send({ to: "a@counted.example" });
  await addSuppression(server.deps.db, server.workspaceId, {
    address: "b@counted.example",
    reason: "manual",
    atMs: Date.now(),
  });
  await send({ to: "b@counted.example" });
  await send({ to: "c@counted.example", delivery: "external", status: "sent" });
  while ((await tellMails(server.deps)) > 0);
  const counted =
    "select sum(queued)::int as queued, sum(sent)::int as sent, sum(suppressed)::int as suppressed from mail_hour where workspace_id = $1 and domain = $2";
  expect(await row(counted, "counted.example")).toEqual({ queued: 3, sent: 1, suppressed: 1 });
});
