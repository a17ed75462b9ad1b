import type { MailMessage } from "@daybook/contract";
import { apiKey, type SignedInClient, sampleMail, signedInClient, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const now = Date.parse("2026-11-20T10:00:00.000Z");
let server: TestApp;
let headers: Record<string, string>;
let owner: SignedInClient;

beforeAll(async () => {
  server = await testApp({ clock: () => now });
  ({ headers } = await apiKey(server.deps));
  owner = await signedInClient(server);
  await sampleMail(server.deps, {
    subject: '=HYPERLINK("http://evil.example")',
    to: { address: "dana@acme.example", name: "@SUM(1)" },
    queuedAtMs: now - 3_000,
  });
  await sampleMail(server.deps, { subject: "Two\nlines", status: "bounced", queuedAtMs: now - 2_000 });
  // More than one batch.
  for (let n = 0; n < 620; n++)
    await sampleMail(server.deps, { template: "digest", subject: `Digest ${n}`, queuedAtMs: now - 100_000 + n });
});
afterAll(() => server.close());

const get = (query: string) =>
  server.app.inject({ method: "GET", url: `/api/v1/mail/messages/export?${query}`, headers });

async function recorded(): Promise<{ action: string; details: Record<string, unknown> }[]> {
  const { rows } = await server.deps.db.query<{ action: string; details: Record<string, unknown> }>(
    "select action, details::jsonb as details from event where action like 'log.export%' order by seq",
  );
  return rows;
}

test("a CSV has a header, quotes what has to be, and nothing in it is a formula", async () => {
  const reply = await get("format=csv&q=lines");
  expect(reply.headers["content-disposition"]).toMatch(/^attachment; filename="daybook-main-mail-2026-11-20.csv"$/);
  const lines = reply.body.split("\r\n");
  expect(lines[0]).toMatch(/^id,queuedAt,status,toAddress,toName,subject,template,/);
  expect(lines[1]).toContain(',bounced,dana@acme.example,Dana Whitfield,"Two\nlines",');
  const formula = (await get("format=csv&q=hyperlink")).body;
  expect(formula).toContain(`,'@SUM(1),"'=HYPERLINK(""http://evil.example"")",`);
});

test("every format holds every mail once, the newest first, and the export is on record", async () => {
  const lines = (await get("format=ndjson&template=digest")).body.trimEnd().split("\n");
  const subjects = lines.map((line) => (JSON.parse(line) as MailMessage).subject);
  expect(subjects).toEqual(Array.from({ length: 620 }, (_, n) => `Digest ${619 - n}`));
  const json = (await get("format=json&template=digest")).json() as MailMessage[];
  expect(json.map(({ subject }) => subject)).toEqual(subjects);
  expect((await get("format=json&template=none")).json()).toEqual([]);
  expect((await get("format=csv&template=digest")).body.trimEnd().split("\r\n")).toHaveLength(621);
  await expect.poll(recorded).toContainEqual({
    action: "log.export.finished",
    details: expect.objectContaining({ list: "mails", format: "ndjson", filter: { template: "digest" }, mails: 620 }),
  });
  expect((await recorded()).filter(({ action }) => action === "log.exported").length).toBeGreaterThan(3);
});

test("personal data is handed out to those alone who may see it, and have shown who they are", async () => {
  await server.deps.db.query("update session set stepped_up_until = null where id = $1", [owner.sessionId]);
  expect((await owner.request("GET", "/mail/messages/export")).json().code).toBe("step_up_required");
  await server.deps.db.query(
    `insert into role (workspace_id, name, permissions) values ($1, 'exporter', '{mail.read,logs.read,logs.export}')`,
    [server.workspaceId],
  );
  const exporter = await signedInClient(server, { role: "exporter" });
  const masked = await exporter.request("GET", "/mail/messages/export?format=csv&status=bounced");
  expect(masked.statusCode, masked.body).toBe(200);
  expect(masked.body).toContain(",bounced,•••,•••,");
  expect(masked.body).not.toMatch(/acme\.example|Whitfield/);
  const found = await exporter.request("GET", "/mail/messages/export?format=csv&address=dana@acme.example");
  expect(found.statusCode).toBe(403);
});
