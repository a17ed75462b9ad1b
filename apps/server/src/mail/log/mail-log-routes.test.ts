import type { Event } from "@daybook/contract";
import { type SignedInClient, sampleMail, signedInClient, type TestApp, testApp } from "@daybook/testkit";
import PostalMime from "postal-mime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "../../record/event-id.ts";
import type { MailRow } from "../mail-row.ts";
import { addSuppression } from "../suppression/suppression-store.ts";

let clock = Date.parse("2026-11-20T10:00:00.000Z");
let server: TestApp;
let owner: SignedInClient;
let support: SignedInClient;
let mail: MailRow;

const script = "<script>alert(document.cookie)</script><p>Hello Dana, your code is [masked]</p>";

beforeAll(async () => {
  server = await testApp({ clock: () => clock });
  owner = await signedInClient(server);
  support = await signedInClient(server, { role: "support" });
  const { deps, workspaceId } = server;
  mail = await sampleMail(deps, {
    subject: "Your code, dana@acme.example",
    template: "verify-address",
    status: "bounced",
    class: "recipient_refused",
    answer: "550 5.1.1 <dana@acme.example>: no such user",
    user: { id: "77", name: "Dana Whitfield" },
    attempts: 2,
    happenings: ["queued", "deferred", "bounced"],
    content: {
      headers: [
        ["From", "Heronfield Hosting <billing@host.example>"],
        ["To", "Dana Müller <dana@acme.example>"],
        ["Subject", "Your code – Grüße"],
        ["Date", "Fri, 20 Nov 2026 09:59:55 +0000"],
        ["Message-ID", "<one@host.example>"],
        ["DKIM-Signature", "v=1; a=rsa-sha256; b=xyz"],
        ["Content-Type", "text/html"],
        ["X-Bad\r\nX-Injected", "1"],
        ["X-Note", "first\r\nX-Injected: 2"],
      ],
      html: script,
      text: "Hello Dana, your code is [masked]",
      variables: { user: { email: "dana@acme.example" }, code: "[masked]" },
      attachments: [{ filename: "invoice.pdf", contentType: "application/pdf", bytes: 12, sha256: "ab".repeat(32) }],
    },
  });
  await deps.db.query(
    `insert into mail_attempt (workspace_id, message_id, n, transport, host, started_at, ended_at, outcome, class, code, enhanced, line)
     values ($1, $2, 1, 'main', 'mx.acme.example', $3, $3, 2, 'greylisted', 450, '4.7.1', '450 4.7.1 try later'),
       ($1, $2, 2, 'main', 'mx.acme.example', $3, $3, 3, 'recipient_refused', 550, '5.1.1', '550 5.1.1 <dana@acme.example>: no such user')`,
    [workspaceId, mail.id, new Date(clock)],
  );
  await addSuppression(deps.db, workspaceId, { address: "dana@acme.example", reason: "hard_bounce", atMs: clock });
  await sampleMail(deps, { resendOf: mail.id, to: { address: "dana2@acme.example" }, status: "delivered" });
});
afterAll(() => server.close());

const get = (path: string, client = owner) => client.request("GET", `/mail/messages/${mail.id}${path}`);

async function opened(): Promise<Event[]> {
  return (await owner.request("GET", "/events?q=action:mail.opened")).json().items;
}

test("a mail tells its way: what happened with the events, each attempt, what was sent again, the list of blocked addresses", async () => {
  const { statusCode, body } = await get("");
  expect(statusCode, body).toBe(200);
  expect(JSON.parse(body)).toMatchObject({
    id: mail.id,
    status: "bounced",
    to: { address: "dana@acme.example" },
    reason: "The recipient's address was refused: it does not exist or takes no mail",
    timeline: [
      { happening: "queued", by: "Daybook", eventId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      { happening: "deferred" },
      { happening: "bounced" },
    ],
    attemptList: [
      { n: 1, outcome: "refused_for_now", class: "greylisted", code: 450, enhanced: "4.7.1", host: "mx.acme.example" },
      { n: 2, outcome: "refused", line: "550 5.1.1 <dana@acme.example>: no such user" },
    ],
    resends: [{ to: "dana2@acme.example", status: "delivered" }],
    suppressed: { reason: "hard_bounce", at: new Date(clock).toISOString() },
    hasContent: true,
  });
});

test("without logs.personal no address is in a mail in full, and what it said is not opened", async () => {
  const { statusCode, body } = await get("", support);
  expect(statusCode).toBe(200);
  expect(body).not.toMatch(/dana\d?@|acme\.example>/);
  expect(JSON.parse(body)).toMatchObject({
    to: { address: "•••", name: "•••" },
    resends: [{ to: "•••" }],
    attemptList: [{}, { line: "550 5.1.1 <•••>: no such user" }],
  });
  for (const path of ["/content", "/source"])
    expect((await get(path, support)).json()).toMatchObject({ code: "forbidden", permission: "mail.body" });
});

test("what a mail said is text of JSON, never a page of ours, and each opening is on record once in ten minutes", async () => {
  const first = await get("/content");
  expect(first.headers["content-type"]).toContain("application/json");
  expect(first.headers["cache-control"]).toBe("no-store");
  expect(first.json()).toMatchObject({ html: script, text: "Hello Dana, your code is [masked]", masked: 0 });
  expect(first.json().headers[1]).toEqual({ name: "To", value: "Dana Müller <dana@acme.example>" });
  await Promise.all([get("/content"), get("/content")]);
  expect(await opened()).toMatchObject([
    {
      actor: { type: "staff", id: owner.member.id },
      kind: "administrative",
      targets: [{ type: "mail", id: mail.id, name: "dana@acme.example", ownerId: "77" }],
      details: { messageId: mail.id, what: "content", template: "verify-address" },
    },
  ]);
  const auditor = await signedInClient(server, { role: "auditor" });
  await get("/content", auditor);
  expect(await opened()).toHaveLength(2);
  clock += 11 * 60_000;
  await get("/content");
  expect(await opened()).toHaveLength(3);
});

test("the source is a file that programs read, with a note for each attachment and no header of somebody else's making", async () => {
  const before = (await opened()).length;
  const reply = await get("/source");
  expect(reply.headers).toMatchObject({
    "content-type": expect.stringContaining("message/rfc822"),
    "content-disposition": `attachment; filename="mail-${mail.id}.eml"`,
    "x-content-type-options": "nosniff",
  });
  const parsed = await PostalMime.parse(reply.rawPayload);
  expect(parsed).toMatchObject({
    from: { address: "billing@host.example", name: "Heronfield Hosting" },
    to: [{ address: "dana@acme.example", name: "Dana Müller" }],
    subject: "Your code – Grüße",
    messageId: "<one@host.example>",
    text: expect.stringContaining("your code is [masked]"),
  });
  expect(parsed.html).toContain(script);
  const names = parsed.headers.map(({ key }) => key);
  expect(names).not.toContain("x-injected");
  expect(names).not.toContain("dkim-signature");
  expect(names.filter((name) => name === "content-type")).toHaveLength(1);
  expect(names).toContain("x-daybook-note");
  expect(parsed.attachments.map(({ filename }) => filename)).toEqual(["invoice.pdf.txt"]);
  const note = parsed.attachments[0]?.content;
  const text = typeof note === "string" ? note : new TextDecoder().decode(note);
  expect(text).toContain("invoice.pdf (application/pdf, 12 bytes) is not kept");
  const events = await opened();
  expect(events).toHaveLength(before + 1);
  expect(events[0]).toMatchObject({ details: { what: "source" } });
});

test("whoever may open mails and see no personal data gets what they said without it", async () => {
  await server.deps.db.query(
    "insert into role (workspace_id, name, permissions) values ($1, 'reader', '{mail.read,mail.body}')",
    [server.workspaceId],
  );
  const reader = await signedInClient(server, { role: "reader" });
  const content = await get("/content", reader);
  expect(content.statusCode, content.body).toBe(200);
  expect(content.body).not.toMatch(/dana@|Müller/);
  const source = await get("/source", reader);
  expect(source.statusCode).toBe(200);
  expect(source.body).not.toMatch(/dana@|M=C3=BCller|Müller/);
});

test("a mail that there is not, and one of which nothing is kept, are said", async () => {
  const none = await owner.request("GET", `/mail/messages/${newId(clock)}/content`);
  expect(none.json()).toMatchObject({ code: "not_found", detail: expect.stringContaining("There is no mail") });
  const { id } = await sampleMail(server.deps, { delivery: "external" });
  const reply = await owner.request("GET", `/mail/messages/${id}/content`);
  expect(reply.json()).toMatchObject({ code: "not_found", detail: expect.stringContaining("not kept") });
  expect((await owner.request("GET", `/mail/messages/${id}`)).json().hasContent).toBe(false);
});
