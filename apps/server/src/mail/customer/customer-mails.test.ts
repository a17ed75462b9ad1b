import type { ViewerMail, ViewerScope } from "@daybook/contract";
import { addWorkspace, apiKey, member, sampleMail, type TestApp, testApp } from "@daybook/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { MailRow } from "../mail-row.ts";
import { listCustomerMails } from "./customer-mail-store.ts";
import { isMailInSight } from "./customer-mails.ts";

let server: TestApp;
let key: Record<string, string>;

beforeAll(async () => {
  server = await testApp();
  key = (await apiKey(server.deps)).headers;
});
afterAll(() => server.close());

async function token(scope: ViewerScope): Promise<Record<string, string>> {
  const payload = { scope, minutes: 5 };
  const made = await server.app.inject({ method: "POST", url: "/api/v1/viewer-tokens", headers: key, payload });
  expect(made.statusCode, made.body).toBe(201);
  return { authorization: `Bearer ${made.json().token}` };
}

const get = (path: string, headers: Record<string, string>) =>
  server.app.inject({ method: "GET", url: `/api/v1${path}`, headers });

async function mailsOf(scope: ViewerScope, query = ""): Promise<ViewerMail[]> {
  const answer = await get(`/viewer/mails?limit=100${query}`, await token(scope));
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().items;
}

const idsOf = async (scope: ViewerScope, query = "") => (await mailsOf(scope, query)).map(({ id }) => id);

const server7 = { type: "server", id: "srv-7" };
const dana = { id: "77", name: "Dana" };

test("a customer sees the mails to them, and those to customers about their project and servers, and nothing else", async () => {
  const { deps } = server;
  const own = await sampleMail(deps, { user: dana });
  const ofServer = await sampleMail(deps, { user: { id: "5" }, targets: [{ type: "disk", id: "d-1" }, server7] });
  const owned = await sampleMail(deps, {
    user: { id: "5" },
    targets: [{ type: "server", id: "srv-8", ownerId: "77" }],
  });
  const inProject = await sampleMail(deps, { user: { id: "5" }, project: "p-1" });
  await sampleMail(deps, {
    user: { id: "78" },
    project: "p-2",
    targets: [{ type: "server", id: "srv-9", ownerId: "78" }],
  });
  await sampleMail(deps, { targets: [{ type: "customer", id: "77" }], user: { id: "78" } });
  await sampleMail(deps, {});

  expect((await idsOf({ ownerId: "77" })).sort()).toEqual([own.id, owned.id].sort());
  expect(await idsOf({ targets: [server7] })).toEqual([ofServer.id]);
  expect(await idsOf({ project: "p-1" })).toEqual([inProject.id]);
  expect(await idsOf({ actor: { type: "user", id: "77" } })).toEqual([own.id]);
  expect(await idsOf({ actor: { type: "api_key", id: "77" } })).toEqual([]);
  expect(await idsOf({ ownerId: "nobody" })).toEqual([]);
  expect(await idsOf({ ownerId: "77", targets: [server7] }, "&target=server/srv-7")).toEqual([ofServer.id]);
  expect(await idsOf({ ownerId: "77" }, "&target=server/srv-9")).toEqual([]);
});

test("mails to staff are never seen, whatever they are about", async () => {
  const { deps } = server;
  const about = { targets: [{ type: "server", id: "srv-70", ownerId: "70" }], project: "p-70" };
  await sampleMail(deps, { ...about, to: { address: "oncall@host.example" } });
  const person = await member(deps, { email: "Ops@Host.example" });
  await sampleMail(deps, { ...about, to: { address: person.email }, user: { id: "5" } });
  const scope = { ownerId: "70", project: "p-70", targets: [{ type: "server", id: "srv-70" }] };
  expect(await idsOf(scope)).toEqual([]);
  const seen = await sampleMail(deps, { ...about, to: { address: "dana@acme.example" }, user: { id: "70" } });
  expect(await idsOf(scope)).toEqual([seen.id]);
});

test("nothing of the inside is shown: no body, class, answer, transport; the address of the customer alone", async () => {
  const own = await sampleMail(server.deps, {
    user: { id: "79" },
    template: "welcome",
    subject: "Invoice for dana@acme.example",
    status: "bounced",
    class: "spam_refused",
    answer: "554 reputation of 10.1.2.3",
    transport: "backup",
    content: { html: "<p>secret of 79</p>" },
  });
  const other = await sampleMail(server.deps, {
    user: { id: "80", name: "Lee" },
    project: "p-79",
    template: "made-up",
    subject: "For lee@acme.example from 10.9.8.7",
    to: { address: "lee@acme.example", name: "Lee" },
  });
  const shown = await mailsOf({ ownerId: "79", project: "p-79" });
  expect(shown).toEqual([
    { id: other.id, at: other.sent_at?.toISOString(), subject: "For ••• from •••", status: "sent" },
    {
      id: own.id,
      at: own.sent_at?.toISOString(),
      subject: "Invoice for dana@acme.example",
      status: "undelivered",
      kind: expect.stringMatching(/welcome/i),
      to: "dana@acme.example",
    },
  ]);
});

test("what a workspace calls a template is what its customers read", async () => {
  await server.deps.db.query(
    "insert into mail_template (workspace_id, name, settings, updated_at) values ($1, 'night-report', $2, now())",
    [server.workspaceId, { title: "Report of the night" }],
  );
  await sampleMail(server.deps, { user: { id: "91" }, template: "night-report" });
  expect((await mailsOf({ ownerId: "91" }))[0]?.kind).toBe("Report of the night");
});

test("a viewer token opens nothing else of mail, and other workspaces have nothing to show", async () => {
  const holder = await token({ ownerId: "77" });
  const own = await sampleMail(server.deps, { user: dana, content: { text: "x" } });
  const routes = ["", "/export", `/${own.id}`, `/${own.id}/content`, `/${own.id}/source`].map(
    (path) => `/mail/messages${path}`,
  );
  for (const path of [...routes, "/mail/stats", "/mail/addresses/dana@acme.example"])
    expect((await get(path, holder)).statusCode, path).toBe(401);
  const workspaceId = await addWorkspace(server.deps, "other");
  const strange = await sampleMail(server.deps, { workspaceId, user: dana });
  expect(await idsOf({ ownerId: "77" })).not.toContain(strange.id);
  for (const query of ["q=x", "user=78", "address=dana@acme.example", "id=1", "status=sent"])
    expect((await get(`/viewer/mails?${query}`, holder)).statusCode, query).toBe(400);
});

test("nor do events tell of staff's mails, of blocked addresses, or of the addresses of others", async () => {
  const mail = (id: string, name: string, ownerId?: string) => ({
    ...{ type: "mail", id, name },
    ...(ownerId === undefined ? {} : { ownerId }),
  });
  const web = { type: "server", id: "srv-60", name: "web-60", ownerId: "60" };
  const payload = [
    { action: "mail.delivered", targets: [mail("m-1", "dana@acme.example", "60"), web] },
    { action: "mail.sent", targets: [mail("m-2", "oncall@host.example"), web], project: "p-60" },
    { action: "mail.suppressed", targets: [mail("m-3", "dana@acme.example", "60"), web] },
    { action: "mail.bounced", targets: [mail("m-4", "lee@other.example", "61"), web], project: "p-60" },
  ];
  const sent = await server.app.inject({ method: "POST", url: "/api/v1/events", headers: key, payload });
  expect(sent.statusCode, sent.body).toBe(201);
  for (const scope of [{ ownerId: "60" }, { project: "p-60" }, { targets: [{ type: "server", id: "srv-60" }] }]) {
    const { items, total } = (await get("/viewer/events", await token(scope))).json();
    const actions = items.map(({ action }: { action: string }) => action).sort();
    expect(actions).toEqual("project" in scope ? ["mail.bounced"] : ["mail.bounced", "mail.delivered"]);
    expect(total.value).toBe(actions.length);
    expect(JSON.stringify(items)).not.toMatch(/oncall|lee@|m-2|m-3|m-4/);
  }
});

test("keys of the index that look alike open nothing", async () => {
  const { deps } = server;
  await sampleMail(deps, { user: { id: "5" }, targets: [{ type: "a/b", id: "c" }] });
  await sampleMail(deps, { user: { id: "5" }, targets: [{ type: "@owner", id: "90" }] });
  expect(await idsOf({ targets: [{ type: "a", id: "b/c" }] })).toEqual([]);
  expect(await idsOf({ ownerId: "90" })).toEqual([]);
});

test("pages go on with a sealed cursor, which is of no use to another token, and old mails stand behind new ones", async () => {
  const mails: string[] = [];
  for (const days of [90, 60, 31, 29, 8, 2, 1])
    mails.unshift(
      (await sampleMail(server.deps, { user: { id: "81" }, queuedAtMs: Date.now() - days * 86_400_000 })).id,
    );
  const holder = await token({ ownerId: "81" });
  const seen: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const page = (await get(`/viewer/mails?limit=3${query}`, holder)).json();
    seen.push(...page.items.map(({ id }: ViewerMail) => id));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual(mails);
  const first = (await get("/viewer/mails?limit=3", holder)).json();
  const other = await token({ ownerId: "81" });
  expect((await get(`/viewer/mails?cursor=${first.nextCursor}`, other)).json().code).toBe("invalid_cursor");
  const plain = Buffer.from(`mail ${seen[3]}`).toString("base64url");
  expect((await get(`/viewer/mails?cursor=${plain}`, holder)).json().code).toBe("invalid_cursor");
});

test("the statement finds what the rule says, for mails and scopes of every kind", async () => {
  const id = fc.constantFrom("1", "2", "3/x", "x");
  const type = fc.constantFrom("server", "user", "server/3", "@owner");
  const target = fc.record({ type, id, ownerId: id }, { requiredKeys: ["type", "id"] });
  const mails = fc.record(
    {
      targets: fc.array(target, { maxLength: 3 }),
      user: fc.record({ id }),
      project: id,
      to: fc.constantFrom({ address: "dana@acme.example" }, { address: "agent@host.example" }),
    },
    { requiredKeys: ["targets", "to"] },
  );
  await member(server.deps, { email: "agent@host.example" });
  const workspaceId = await addWorkspace(server.deps, "property");
  const rows: MailRow[] = [];
  for (const mail of fc.sample(mails, { numRuns: 120, seed: 7 }))
    rows.push(await sampleMail(server.deps, { ...mail, workspaceId }));
  const scopes = fc.record(
    {
      targets: fc.array(fc.record({ type, id }), { minLength: 1, maxLength: 3 }),
      ownerId: id,
      project: id,
      actor: fc.record({ type: fc.constantFrom("user" as const, "api_key" as const), id }),
    },
    { requiredKeys: [] },
  );
  let found = 0;
  for (const scope of fc.sample(scopes, { numRuns: 120, seed: 8 })) {
    const listed = await listCustomerMails(server.deps.db, { workspaceId, scope, limit: 1_000 }, Date.now());
    const toStaff = (row: MailRow) => row.to_key === "agent@host.example";
    const expected = rows.filter((row) => isMailInSight(scope, { ...row, toStaff: toStaff(row) }));
    expect(listed.map((row) => row.id).sort()).toEqual(expected.map((row) => row.id).sort());
    found += expected.length;
  }
  expect(found).toBeGreaterThan(1_000);
});
