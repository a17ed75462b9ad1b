import { createHmac } from "node:crypto";
import { addWorkspace, type SignedInClient, sampleMail, signedInClient, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { mailStatusOf } from "../mail-row.ts";
import { tellMails } from "../mail-teller.ts";
import { findSuppression } from "../suppression/suppression-store.ts";
import { forgetOldReports } from "./provider-store.ts";

let now = Date.parse("2026-11-20T10:00:00.000Z");
let server: TestApp;
let dana: SignedInClient;
const secret = "a-webhook-signing-key";
beforeAll(async () => {
  server = await testApp({ clock: () => now, config: { publicUrl: "https://log.acme.example" } });
  dana = await signedInClient(server);
  const saved = await dana.request("PUT", "/mail/providers/mailgun", { secret });
  expect(saved.json()).toMatchObject({ provider: "mailgun", set: true });
});
afterAll(() => server.close());
beforeEach(() => {
  now += 10 * 60_000;
});

let tokens = 0;
const report = (event: object, token = `token-${tokens++}`) => {
  const timestamp = String(Math.floor(now / 1000));
  const signature = createHmac("sha256", secret)
    .update(timestamp + token)
    .digest("hex");
  return { signature: { timestamp, token, signature }, "event-data": { timestamp: now / 1000, ...event } };
};
const post = (body: object | string, provider = "mailgun", query = "") =>
  server.app.inject({
    method: "POST",
    url: `/api/v1/mail/provider-events/${provider}${query}`,
    headers: { "content-type": "application/json" },
    payload: body,
  });
const headers = (id: string) => ({ headers: { "message-id": id } });
const statusOf = async (id: string) => {
  const { rows } = await server.deps.db.query(
    "select status, provider, class, answer from mail_message where id = $1",
    [id],
  );
  return { ...rows[0], status: mailStatusOf(rows[0]) };
};
const named = async (messageId: string, address = "kim@acme.example") => {
  const row = await sampleMail(server.deps, { to: { address } });
  await server.deps.db.query("update mail_message set message_id = $2 where id = $1", [row.id, messageId]);
  return row.id;
};

test("a provider's reports move a mail to delivered and on to complained, with events and a suppression", async () => {
  const id = await named("m1@panel.example");
  const of = { message: headers("m1@panel.example"), recipient: "Kim@acme.example" };
  expect((await post(report({ event: "delivered", ...of }))).json()).toEqual({
    reports: 1,
    taken: 1,
    repeated: 0,
    unknown: 0,
  });
  expect(await statusOf(id)).toMatchObject({ status: "delivered", provider: "mailgun" });
  await post(report({ event: "complained", ...of }));
  expect(await statusOf(id)).toMatchObject({ status: "complained", class: "complaint" });
  expect(await findSuppression(server.deps.db, server.workspaceId, "kim@acme.example")).toMatchObject({
    reason: "complaint",
  });
  await tellMails(server.deps);
  const { rows } = await server.deps.db.query(
    "select action, actor_name from event where action like 'mail.%' and action not like 'mail.provider%' order by action",
  );
  expect(rows).toEqual([
    { action: "mail.complained", actor_name: "Mailgun" },
    { action: "mail.delivered", actor_name: "Mailgun" },
    { action: "mail.suppression.added", actor_name: "Daybook" },
  ]);
});

test("a hard bounce suppresses the address; a temporary failure only leaves a note", async () => {
  const id = await named("m2@panel.example", "lee@acme.example");
  const of = { event: "failed", message: headers("m2@panel.example"), recipient: "lee@acme.example" };
  await post(report({ ...of, severity: "temporary", "delivery-status": { code: 452, message: "4.2.2 over quota" } }));
  expect(await statusOf(id)).toMatchObject({ status: "sent" });
  const { rows } = await server.deps.db.query(
    "select class, answer from mail_happening where message_id = $1 order by n desc limit 1",
    [id],
  );
  expect(rows).toEqual([{ class: "mailbox_full", answer: "452 4.2.2 over quota" }]);
  await post(report({ ...of, severity: "permanent", "delivery-status": { code: 550, message: "5.1.1 no such user" } }));
  expect(await statusOf(id)).toMatchObject({
    status: "bounced",
    class: "recipient_refused",
    answer: "550 5.1.1 no such user",
  });
  expect(await findSuppression(server.deps.db, server.workspaceId, "lee@acme.example")).toMatchObject({
    reason: "hard_bounce",
    messageId: id,
  });
});

test("of one message to several people each report finds the one it names", async () => {
  const [one, two] = [
    await named("m3@panel.example", "a@acme.example"),
    await named("m3@panel.example", "b@acme.example"),
  ];
  await post(report({ event: "delivered", message: headers("<m3@panel.example>"), recipient: "b@acme.example" }));
  expect([(await statusOf(one)).status, (await statusOf(two)).status]).toEqual(["sent", "delivered"]);
});

test("our own id in the metadata finds a mail whose Message-ID the provider has changed", async () => {
  const id = await named("m4@panel.example");
  const variables = { "user-variables": { "X-Daybook-Message-Id": id } };
  await post(
    report({ event: "delivered", recipient: "kim@acme.example", message: headers("theirs@mailgun"), ...variables }),
  );
  expect((await statusOf(id)).status).toBe("delivered");
});

test("a report that comes again counts once, also with words put into its signature", async () => {
  const id = await named("m5@panel.example");
  const of = { message: headers("m5@panel.example"), recipient: "kim@acme.example" };
  expect((await post(report({ event: "delivered", ...of }, "one"))).json().taken).toBe(1);
  expect((await post(report({ event: "delivered", ...of }, "one"))).json()).toMatchObject({ taken: 0, repeated: 1 });
  expect((await post(report({ event: "complained", ...of }, "one"))).json()).toMatchObject({ taken: 0, repeated: 1 });
  expect((await statusOf(id)).status).toBe("delivered");
  // What is forgotten is too old to be taken again.
  await forgetOldReports(server.deps.db, now + 31 * 86_400_000);
  expect((await server.deps.db.query("select from mail_provider_event")).rowCount).toBe(0);
});

test("reports of mails that nobody knows are counted and answered with 200, those of another workspace too", async () => {
  const unknown = report({ event: "delivered", message: headers("nobody@knows"), recipient: "kim@acme.example" });
  const answer = await post(unknown);
  expect([answer.statusCode, answer.json()]).toEqual([200, { reports: 1, taken: 0, repeated: 0, unknown: 1 }]);
  const other = await addWorkspace(server.deps, "other");
  const mail = await sampleMail(server.deps, { workspaceId: other });
  await server.deps.db.query("update mail_message set message_id = 'theirs@panel.example' where id = $1", [mail.id]);
  const theirs = report({ event: "delivered", message: headers("theirs@panel.example") });
  expect((await post(theirs)).json().unknown).toBe(1);
  expect((await post(theirs, "mailgun", "?workspace=other")).statusCode).toBe(401);
});

test("a wrong signature is refused the same way as a provider or workspace that is not there, and noted", async () => {
  const wrong = report({ event: "delivered" });
  wrong.signature.signature = "0".repeat(64);
  const answers = [await post(wrong), await post(wrong, "resend"), await post(wrong, "mailgun", "?workspace=nowhere")];
  expect(answers.map((answer) => [answer.statusCode, answer.json().code, answer.json().detail])).toEqual(
    Array(3).fill([401, "signature_invalid", answers[0]?.json().detail]),
  );
  const list = (await dana.request("GET", "/mail/providers")).json().items;
  expect(list.find((item: { provider: string }) => item.provider === "mailgun")).toMatchObject({
    set: true,
    url: "https://log.acme.example/api/v1/mail/provider-events/mailgun?workspace=main",
    lastFault: "The signature does not fit. Is it the webhook signing key?",
  });
  await post(report({ event: "delivered" }));
  const later = (await dana.request("GET", "/mail/providers")).json().items;
  expect(later.find((item: { provider: string }) => item.provider === "mailgun")).toEqual({
    ...{ provider: "mailgun", set: true, url: expect.any(String) },
    lastAt: new Date(now).toISOString(),
  });
});

test("who goes on guessing waits", async () => {
  const codes: number[] = [];
  for (let times = 0; times < 32; times++) codes.push((await post("{}", "resend")).statusCode);
  expect(codes.filter((code) => code === 429).length).toBeGreaterThanOrEqual(1);
  expect(codes[0]).toBe(401);
  now += 120_000;
  expect((await post(report({ event: "delivered" }))).statusCode).toBe(200);
});

test("what is signed and still nonsense is told as such", async () => {
  const nonsense = await post({ signature: report({}).signature, "event-data": { event: 7 } });
  expect([nonsense.statusCode, nonsense.json().code]).toEqual([400, "invalid_request"]);
});

test("a secret that cannot be one is refused, and none is ever shown", async () => {
  for (const provider of ["sendgrid", "ses", "resend"]) {
    const answer = await dana.request("PUT", `/mail/providers/${provider}`, { secret: "something else" });
    expect([answer.statusCode, answer.json().errors[0].pointer]).toEqual([400, "/secret"]);
  }
  expect((await dana.request("GET", "/mail/providers")).body).not.toContain(secret);
  const { rows } = await server.deps.db.query("select sealed from mail_provider");
  expect(rows.some(({ sealed }) => sealed.includes(secret))).toBe(false);
  expect((await dana.request("DELETE", "/mail/providers/resend")).statusCode).toBe(404);
});
