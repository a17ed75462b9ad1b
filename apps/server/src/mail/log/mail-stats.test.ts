import { setTimeout as sleep } from "node:timers/promises";
import {
  addWorkspace,
  apiKey,
  type SampleMail,
  sampleMail,
  signedInClient,
  type TestApp,
  testApp,
} from "@daybook/testkit";
import type { PoolClient } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inTransaction } from "../../db/transaction.ts";
import { addSuppression } from "../suppression/suppression-store.ts";
import { readMailStats } from "./mail-stats.ts";

const HOUR_MS = 3_600_000;
const now = Date.parse("2026-11-20T10:30:00.000Z");
let server: TestApp;
let headers: Record<string, string>;

beforeAll(async () => {
  server = await testApp({ clock: () => now });
  ({ headers } = await apiKey(server.deps));
  const row = (hoursAgo: number, template: string, domain: string, queued: number, delivered: number) =>
    server.deps.db.query(
      `insert into mail_hour (workspace_id, hour, template, domain, queued, delivered, bounced)
       values ($1, $2, $3, $4, $5, $6, $5::int - $6::int)`,
      [
        server.workspaceId,
        new Date(Math.floor(now / HOUR_MS - hoursAgo) * HOUR_MS),
        template,
        domain,
        queued,
        delivered,
      ],
    );
  await row(1, "invoice", "acme.example", 10, 9);
  await row(2, "invoice", "acme.example", 4, 4);
  await row(2, "", "other.example", 3, 1);
  await row(24 * 40, "welcome", "acme.example", 100, 100);
  for (let n = 0; n < 25; n++) await row(3, "digest", `d${n}.example`, 1, 1);
});
afterAll(() => server.close());

async function get(path: string) {
  const reply = await server.app.inject({ method: "GET", url: `/api/v1/mail${path}`, headers });
  expect(reply.statusCode, reply.body).toBe(200);
  return reply.json();
}

test("figures by time, template and domain add up to the total of the range", async () => {
  await sampleMail(server.deps, { status: "queued", queuedAtMs: Date.now() - 60_000, template: "alert" });
  const stats = await get("/stats");
  expect(stats.total).toMatchObject({ queued: 42, delivered: 39, bounced: 3 });
  expect(stats.bucketMs).toBe(2 * HOUR_MS);
  const summed = stats.buckets.reduce((sum: number, { queued }: { queued: number }) => sum + queued, 0);
  expect(summed).toBe(42);
  expect(stats.buckets.find(({ queued }: { queued: number }) => queued === 17)).toMatchObject({
    start: "2026-11-20T08:00:00.000Z",
    delivered: 14,
  });
  expect(stats.templates).toMatchObject([
    { template: "digest", queued: 25 },
    { template: "invoice", queued: 14, delivered: 13, bounced: 1 },
  ]);
  expect(stats.domains).toHaveLength(20);
  expect(stats.domains.slice(0, 2)).toMatchObject([
    { domain: "acme.example", queued: 14 },
    { domain: "other.example", queued: 3, bounced: 2 },
  ]);
  expect(stats.now).toMatchObject({ waiting: 1, oldestWaitingAt: expect.any(String) });
});

test("sums of hours and days follow whatever happens to the counts of an hour", async () => {
  const { db } = server.deps;
  const workspaceId = await addWorkspace(server.deps, "sums");
  const counted = (hour: string, template: string, domain: string, queued: number, sent: number) =>
    db.query(
      `insert into mail_hour as kept (workspace_id, hour, template, domain, queued, sent) values ($1, $2, $3, $4, $5, $6)
         on conflict (workspace_id, hour, template, domain) do update set queued = kept.queued + excluded.queued, sent = kept.sent + excluded.sent`,
      [workspaceId, hour, template, domain, queued, sent],
    );
  for (let n = 0; n < 60; n++) {
    const hour = new Date(now - (n % 50) * 3 * HOUR_MS - (now % HOUR_MS)).toISOString();
    await counted(hour, `t${n % 3}`, `d${n % 4}.example`, 2, 1);
    await counted(hour, `t${n % 3}`, `d${n % 4}.example`, 1, -1);
  }
  const naive = await db.query(
    `select domain, sum(queued)::int as queued, sum(sent)::int as sent from mail_hour where workspace_id = $1 and hour >= $2
      group by domain order by queued desc, domain`,
    [workspaceId, new Date(now - 4 * 24 * HOUR_MS - (now % HOUR_MS))],
  );
  const range = { workspaceId, toMs: now, fromMs: now - 4 * 24 * HOUR_MS - (now % HOUR_MS), buckets: 97 };
  const stats = await readMailStats(db, range);
  expect(stats.domains).toMatchObject(naive.rows);
  const total = naive.rows.reduce((sum, { queued }) => sum + queued, 0);
  expect(total).toBeGreaterThan(80);
  expect(stats.total).toMatchObject({ queued: total, sent: 0 });
  const narrowed = await readMailStats(db, { ...range, templates: ["t1"] });
  const byDomain = await readMailStats(db, { ...range, domain: "d1.example" });
  expect(narrowed.total.queued).toBe(narrowed.domains.reduce((sum, { queued }) => sum + queued, 0));
  expect(narrowed.total.queued).toBe(stats.templates.find(({ template }) => template === "t1")?.queued);
  expect(byDomain.domains).toEqual(stats.domains.filter(({ domain }) => domain === "d1.example"));
});

test("two that count the same hours in another order wait for each other's end, and not for each other", async () => {
  const workspaceId = await addWorkspace(server.deps, "turns");
  const count = (client: PoolClient, hour: string) =>
    client.query(
      `insert into mail_hour as kept (workspace_id, hour, template, domain, queued) values ($1, $2, 'x', 'acme.example', 1)
         on conflict (workspace_id, hour, template, domain) do update set queued = kept.queued + 1`,
      [workspaceId, hour],
    );
  const [one, two] = ["2026-11-01T10:00:00Z", "2026-11-02T10:00:00Z"];
  let begun = (): void => {};
  const firstBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const first = inTransaction(server.deps.db, async (client) => {
    await count(client, one);
    begun();
    await sleep(200);
    await count(client, two);
  });
  await firstBegun;
  const second = inTransaction(server.deps.db, async (client) => {
    await count(client, two);
    await count(client, one);
  });
  await Promise.all([first, second]);
  const { rows } = await server.deps.db.query(
    "select queued from mail_hour_template where workspace_id = $1 order by hour",
    [workspaceId],
  );
  expect(rows).toEqual([{ queued: 2 }, { queued: 2 }]);
});

test("figures are narrowed by template, domain and time", async () => {
  expect((await get("/stats?template=invoice,welcome&domain=ACME.example")).total.queued).toBe(14);
  expect((await get("/stats?from=2026-10-01T00:00:00Z&buckets=5&domain=acme.example")).total.queued).toBe(114);
  expect((await get("/stats?domain=nowhere.example")).domains).toEqual([]);
  expect((await get("/stats?template=invoice")).now.waiting).toBe(0);
  const turned = await server.app.inject({
    method: "GET",
    url: "/api/v1/mail/stats?from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z",
    headers,
  });
  expect(turned.statusCode).toBe(400);
});

test("what waits in another mail server's queue does not count as waiting here", async () => {
  const before = (await get("/stats")).now.waiting;
  for (const delivery of ["imported", "external", "relay"] as const)
    await sampleMail(server.deps, { status: "queued", delivery });
  expect((await get("/stats")).now.waiting).toBe(before + 1);
});

describe("an address says in a sentence why the last mail came through or did not:", () => {
  test.each<[string, SampleMail, string]>([
    ["delivered", { status: "delivered" }, "was delivered at 2026-11-20 10:20 UTC"],
    [
      "bounced",
      { status: "bounced", class: "mailbox_full", answer: "552 5.2.2 mailbox full" },
      "came back at 2026-11-20 10:20 UTC: the recipient's mailbox is full (the answer was “552 5.2.2 mailbox full”).",
    ],
    ["waiting", { status: "queued", attempts: 0 }, "waits to be sent."],
    [
      "deferred",
      { status: "queued", attempts: 3, class: "greylisted", answer: "450 try later" },
      "has not come through yet after 3 attempts: the server asked to try again later (greylisting) (the answer was “450 try later”)",
    ],
    [
      "failed",
      { status: "failed", class: "no_transport" },
      "could not be delivered at 2026-11-20 10:20 UTC: no mail server is set up.",
    ],
    ["cancelled", { status: "failed", class: "cancelled" }, "was cancelled before it was sent"],
    [
      "sent",
      { status: "sent", answer: "250 ok", transport: "main" },
      "was taken by the mail server at 2026-11-20 10:20 UTC through main (the answer was “250 ok”), and nobody has told",
    ],
    ["external", { status: "sent", delivery: "external" }, "was sent by the panel"],
    ["complained", { status: "complained" }, "the recipient reported it as spam"],
    ["suppressed", { status: "suppressed" }, "it is not any more, so it can be sent again."],
  ])("%s", async (name, mail, answer) => {
    const address = `${name}@acme.example`;
    await sampleMail(server.deps, { to: { address }, status: "failed", queuedAtMs: now - 900_000 });
    await sampleMail(server.deps, { ...mail, to: { address }, subject: "Hello", queuedAtMs: now - 600_000 });
    const page = await get(`/addresses/${name.toUpperCase()}@acme.example`);
    expect(page.answer).toContain("The last mail, “Hello” of 2026-11-20 10:20 UTC, ");
    expect(page.answer).toContain(answer);
    expect(page.totals.queued).toBe(2);
  });
});

test("an address has its totals, its block, and how its domain does", async () => {
  const address = "kim@zeta.example";
  for (const status of ["delivered", "bounced", "suppressed"] as const)
    await sampleMail(server.deps, {
      to: { address },
      status,
      queuedAtMs: now - 10_000,
      ...(status === "bounced" ? { class: "recipient_refused" as const } : {}),
    });
  await sampleMail(server.deps, {
    to: { address: "lee@zeta.example" },
    class: "mailbox_full",
    queuedAtMs: now - 9_000,
  });
  await sampleMail(server.deps, {
    to: { address: "lee@zeta.example" },
    class: "mailbox_full",
    queuedAtMs: now - 9_000,
  });
  await sampleMail(server.deps, {
    to: { address: "old@zeta.example" },
    class: "connect",
    queuedAtMs: now - 31 * 24 * HOUR_MS,
  });
  await addSuppression(server.deps.db, server.workspaceId, { address, reason: "hard_bounce", atMs: now - 5_000 });
  expect(await get(`/addresses/${address}`)).toMatchObject({
    address,
    suppression: { reason: "hard_bounce" },
    totals: { queued: 3, sent: 0, delivered: 1, bounced: 1, suppressed: 1, failed: 0 },
    firstAt: new Date(now - 10_000).toISOString(),
    answer: expect.stringContaining(
      "Nothing is sent to this address: it is on the suppression list since 2026-11-20 10:29 UTC because a mail to it came back for good.",
    ),
    domain: {
      domain: "zeta.example",
      days: 30,
      classes: [
        { class: "mailbox_full", count: 2 },
        { class: "recipient_refused", count: 1 },
      ],
    },
  });
  expect((await get("/addresses/lee@acme.example")).domain.totals).toMatchObject({ queued: 14, delivered: 13 });
});

test("an address without mails, a text that is none, and a reader without logs.personal", async () => {
  expect((await get("/addresses/none@acme.example")).answer).toBe("No mail to none@acme.example is on record.");
  const bad = await server.app.inject({ method: "GET", url: "/api/v1/mail/addresses/nobody", headers });
  expect(bad.statusCode).toBe(400);
  const support = await signedInClient(server, { role: "support" });
  const refused = await support.request("GET", "/mail/addresses/dana@acme.example");
  expect([refused.statusCode, refused.json().permission]).toEqual([403, "logs.personal"]);
});
