import type { MailMessage, NewMail } from "@daybook/contract";
import { apiKey, type SignedInClient, signedInClient, type TestApp, testApp } from "@daybook/testkit";
import PostalMime from "postal-mime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tellMails } from "./mail-teller.ts";
import { dropFromOutbox, readOutbox } from "./outbox.ts";

let server: TestApp;
let owner: SignedInClient;
let headers: Record<string, string>;
beforeAll(async () => {
  server = await testApp({ config: { mailFrom: "panel@host.example" } });
  owner = await signedInClient(server);
  ({ headers } = await apiKey(server.deps, { scopes: ["mail:send"] }));
});
afterAll(() => server.close());

const hello: NewMail = {
  to: "dana@acme.example",
  subject: "Hello",
  html: "<p>Hello <b>Dana</b></p>",
  text: "Hello Dana",
};

async function post(path: string, payload: object, more: Record<string, string> = {}) {
  const url = `/api/v1/mail/messages${path}`;
  const reply = await server.app.inject({ method: "POST", url, headers: { ...headers, ...more }, payload });
  return { status: reply.statusCode, body: reply.json() };
}

/** A mail of the owner, who sees addresses. */
async function make(mail: object): Promise<MailMessage> {
  const reply = await owner.request("POST", "/mail/messages", mail);
  expect(reply.statusCode, reply.body).toBe(202);
  return reply.json();
}

const resend = (id: string, body: object = {}) => owner.request("POST", `/mail/messages/${id}/resends`, body);

const settle = (id: string) => dropFromOutbox(server.deps.db, server.workspaceId, [id]);

async function bytesOf(id: string) {
  const bytes = await readOutbox(server.deps.db, server.deps.vault, server.workspaceId, id);
  return PostalMime.parse(bytes ?? "");
}

test("a mail is taken with 202, and with 200 when its key is there", async () => {
  expect(await post("", { ...hello, key: "k1" })).toMatchObject({ status: 202, body: { status: "queued" } });
  expect(await post("", hello, { "idempotency-key": "k1" })).toMatchObject({ status: 200 });
  expect(await post("", { ...hello, subject: "Other" }, { "idempotency-key": "k1" })).toMatchObject({
    ...{ status: 409, body: { code: "conflict" } },
  });
  expect(await post("", { ...hello, key: "k2" }, { "idempotency-key": "k3" })).toMatchObject({ status: 400 });
});

test("a key without the right to see addresses is shown none", async () => {
  const { body } = await post("", hello);
  expect(JSON.stringify(body)).not.toContain("dana@acme.example");
  expect((await make(hello)).to.address).toBe("dana@acme.example");
});

test("a mail that waits is sent once more as it is, secrets and attachments included, and its secrets stay hidden", async () => {
  const first = await make({
    ...hello,
    ...{ html: `<p>Say blue-fox-77 now</p>`, text: "Say blue-fox-77 now", secrets: ["blue-fox-77"], priority: "high" },
    ...{ replyTo: { address: "help@host.example", name: "Help" }, headers: { "X-Campaign": "spring" } },
    ...{ user: { id: "42" }, targets: [{ type: "server", id: "srv-1" }], unsubscribeUrl: "https://host.example/leave" },
    attachments: [{ filename: "a.txt", contentType: "text/plain", content: Buffer.from("hi").toString("base64") }],
  });
  const reply = await resend(first.id, { to: "DANA@acme.example" });
  expect(reply.statusCode, reply.body).toBe(202);
  const second: MailMessage = reply.json();
  expect(second).toMatchObject({
    ...{
      resendOf: first.id,
      status: "queued",
      to: { address: "DANA@acme.example" },
      user: { id: "42" },
      priority: "high",
    },
    ...{ targets: [{ type: "server", id: "srv-1" }] },
  });
  expect(second.messageId).not.toBe(first.messageId);
  const mail = await bytesOf(second.id);
  expect(mail).toMatchObject({
    subject: "Hello",
    to: [{ address: "DANA@acme.example" }],
    replyTo: [{ address: "help@host.example", name: "Help" }],
  });
  expect(mail.html).toContain("blue-fox-77");
  expect(mail.text).toContain("blue-fox-77");
  expect(mail.attachments.map(({ filename }) => filename)).toEqual(["a.txt"]);
  const named = new Map(mail.headers.map(({ key, value }) => [key, value]));
  expect(named.get("x-campaign")).toBe("spring");
  expect(named.get("list-unsubscribe")).toBe("<https://host.example/leave>");
  const { rows } = await server.deps.db.query("select html, plain, masked from mail_content where message_id = $1", [
    second.id,
  ]);
  expect(JSON.stringify(rows)).not.toContain("blue-fox");
});

test("another address is for who may open mails, gets no secrets, and is not the customer's", async () => {
  const first = await make({ ...hello, user: { id: "42" } });
  const elsewhere = { to: "kim@acme.example" };
  expect(await post(`/${first.id}/resends`, elsewhere)).toMatchObject({ status: 403, body: { code: "forbidden" } });
  expect((await post(`/${first.id}/resends`, { to: hello.to as string })).status).toBe(202);
  const second: MailMessage = (await resend(first.id, elsewhere)).json();
  expect(second).toMatchObject({ to: { address: "kim@acme.example" }, resendOf: first.id });
  expect(second.user).toBeUndefined();
  const secret = await make({ ...hello, text: "Say blue-fox-77 now", secrets: ["blue-fox-77"] });
  const refused = await resend(secret.id, elsewhere);
  expect(refused.json()).toMatchObject({ code: "mail_not_resendable", detail: expect.stringContaining("alone") });
});

test("a mail that has HTML alone gets a text part made of it", async () => {
  const html = "<h1>Ready</h1><p>mc-01 runs at <a href='https://panel.acme.example/s/1'>its page</a>.</p>";
  const mail = await bytesOf((await make({ ...hello, html, text: undefined })).id);
  expect(mail.text).toContain("mc-01 runs at its page [https://panel.acme.example/s/1].");
  expect(mail.html).toContain("<h1>Ready</h1>");
});

test("a mail that is settled is sent once more from what is kept", async () => {
  const first = await make(hello);
  await settle(first.id);
  const second: MailMessage = (await resend(first.id)).json();
  expect(second).toMatchObject({ resendOf: first.id, to: { address: "dana@acme.example" }, subject: "Hello" });
  expect((await bytesOf(second.id)).html).toContain("<p>Hello <b>Dana</b></p>");
  await tellMails(server.deps);
  const { rows } = await server.deps.db.query(
    "select action from event where workspace_id = $1 and target_id = any($2) order by seq",
    [server.workspaceId, [first.id, second.id]],
  );
  expect(rows.map(({ action }) => action)).toEqual(["mail.resent", "mail.queued", "mail.queued"]);
});

test("a mail is sent once more once, however often that is asked with one key", async () => {
  const first = await make(hello);
  const asked = () => resend(first.id, { key: "again-1" });
  const second = await asked();
  const third = await asked();
  expect([second.statusCode, third.statusCode]).toEqual([202, 200]);
  expect(third.json().id).toBe(second.json().id);
  const other = await make(hello);
  expect((await resend(other.id, { key: "again-1" })).json()).toMatchObject({ code: "conflict" });
});

test("a mail of a template is rendered anew from the data that is kept", async () => {
  const data = { user: { name: "Dana" }, panelUrl: "https://host.example" };
  const first = await make({ to: "dana@acme.example", template: "welcome", data });
  await settle(first.id);
  const second: MailMessage = (await resend(first.id)).json();
  expect(second).toMatchObject({ template: "welcome", templateVersion: 0, resendOf: first.id });
  expect((await bytesOf(second.id)).html).toContain("Dana");
});

test.each([
  ["a secret was masked", { ...hello, text: "Code blue-fox-77", secrets: ["blue-fox-77"] }, /masked/],
  ["its link was for once", { ...hello, html: `<a href="https://a.example/reset?token=Zk3v9Qx1">x</a>` }, /masked/],
  ["it had attachments", { ...hello, attachments: [{ filename: "a", content: "aGk=" }] }, /attachments/],
  ["it was only reported", { ...hello, html: undefined, text: undefined, delivery: "external" }, /not known/],
])("a settled mail is not sent once more when %s, and the answer says why", async (_, mail, why) => {
  const first = await make(mail);
  await settle(first.id);
  const reply = await resend(first.id);
  expect(reply.statusCode).toBe(409);
  expect(reply.json()).toMatchObject({ code: "mail_not_resendable", detail: expect.stringMatching(why) });
});

test("faults of a mail are told with the place where they are", async () => {
  const faults = async (mail: object) =>
    (await post("", mail)).body.errors?.map(({ pointer }: { pointer: string }) => pointer);
  expect(await faults({ to: "dana@acme.example" })).toEqual(["/subject", "/html"]);
  expect(await faults({ ...hello, template: "welcome" })).toEqual(["/subject", "/html", "/text"]);
  expect(await faults({ ...hello, to: "nobody" })).toContain("/to");
  expect(await faults({ ...hello, status: "sent" })).toEqual(["/status"]);
  expect(await post("", { to: "dana@acme.example", template: "welcome", data: {} })).toMatchObject({
    ...{ status: 422, body: { code: "missing_data", missing: expect.arrayContaining(["panelUrl"]) } },
  });
});

test("a mail with ten megabytes of attachments is taken by the API", async () => {
  const content = Buffer.alloc(9 * 1024 * 1024, 7).toString("base64");
  const mail = await make({ ...hello, attachments: [{ filename: "big.bin", content }] });
  expect(mail.sizeBytes).toBeGreaterThan(9 * 1024 * 1024);
});

test("large mails share a budget of memory, and give it back", async () => {
  const content = Buffer.alloc(9 * 1024 * 1024, 7).toString("base64");
  const mail = { ...hello, attachments: [{ filename: "big.bin", content }] };
  const replies = await Promise.all([post("", mail), post("", mail), post("", mail), post("", hello)]);
  expect(replies.map(({ status }) => status).sort()).toEqual([202, 202, 202, 503]);
  expect(replies[3]?.status).toBe(202);
  expect(await post("", mail)).toMatchObject({ status: 202 });
});

test("who may not send mail is refused before the body is read", async () => {
  const { headers: none } = await apiKey(server.deps, { scopes: [] });
  const payload = `{"to": ${" ".repeat(17 * 1024 * 1024)}`;
  const inject = (more: object) =>
    server.app.inject({
      method: "POST",
      url: "/api/v1/mail/messages",
      headers: { ...more, "content-type": "application/json" },
      payload,
    });
  expect((await inject(none)).statusCode).toBe(403);
  expect((await inject({})).statusCode).toBe(401);
  expect((await inject(headers)).statusCode).toBe(413);
});
