import { apiKey, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Digests } from "./digest.ts";
import { changeSince } from "./digest-figures.ts";

let server: TestApp;
let headers: Record<string, string>;
let nowMs = Date.parse("2026-03-28T12:00:00Z");

const to = ["ops@host.example", "lead@host.example"];

beforeAll(async () => {
  server = await testApp({
    clock: () => nowMs,
    config: {
      digestTo: to,
      timeZone: "Europe/Berlin",
      mailFrom: "daybook@host.example",
      publicUrl: "https://daybook.example",
    },
  });
  ({ headers } = await apiKey(server.deps));
  await server.deps.db.query(
    `insert into mail_transport (workspace_id, name, settings, updated_at) values ($1, 'main', '{"host": "127.0.0.1"}', now())`,
    [server.workspaceId],
  );
});
afterAll(() => server.close());
beforeEach(async () => {
  await server.database.ownerDb.query(
    "truncate mail_message, mail_content, mail_outbox, mail_key, mail_happening, mail_text",
  );
});

async function post(events: object[]): Promise<void> {
  const reply = await server.app.inject({ method: "POST", url: "/api/v1/events", headers, payload: events });
  expect(reply.statusCode, reply.body).toBe(201);
}

const sentTo = async (): Promise<string[]> => {
  const { rows } = await server.deps.db.query<{ to_address: string }>(
    "select to_address from mail_message where template = 'digest' order by to_address",
  );
  return rows.map((row) => row.to_address);
};

const atMs = (time: string): void => {
  nowMs = Date.parse(time);
};

test("at seven of the workspace's zone each address gets the day before, once, whoever sends it", async () => {
  const login = { action: "auth.login", outcome: "failure", actor: { type: "user", id: "7" } };
  await post([
    { ...login, occurredAt: "2026-03-26T22:59:59Z" }, // still the day before in Berlin
    { ...login, occurredAt: "2026-03-26T23:00:00Z" },
    { action: "server.created", occurredAt: "2026-03-27T22:59:59Z", targets: [{ type: "server", id: "s" }] },
    { ...login, occurredAt: "2026-03-27T23:00:00Z" },
  ]);
  atMs("2026-03-28T05:59:00Z");
  const digests = new Digests(server.deps);
  expect(await digests.sendDue()).toBe(0);
  atMs("2026-03-28T06:00:30Z");
  const counts = await Promise.all([digests.sendDue(), new Digests(server.deps).sendDue()]);
  expect(counts[0] + counts[1]).toBe(2);
  expect(await digests.sendDue()).toBe(0);
  expect(await new Digests(server.deps).sendDue()).toBe(0);
  expect(await sentTo()).toEqual(["lead@host.example", "ops@host.example"]);
  const { rows } = await server.deps.db.query<{ plain: string; html: string }>("select plain, html from mail_content");
  expect(rows[0]?.plain).toContain("Friday");
  expect(rows[0]?.html).toMatch(/>Events<\/th><td[^>]*><strong[^>]*>2</);
  expect(rows[0]?.html).toMatch(/Failed sign-ins<\/th><td[^>]*><strong[^>]*>1</);
  expect(rows[0]?.html).toContain("https://daybook.example/w/main/activity?from=");
});

test("the day on which clocks change has 23 hours, and is sent at seven of its own", async () => {
  atMs("2026-03-30T04:59:00Z"); // 06:59 in summer time
  const digests = new Digests(server.deps);
  expect(await digests.sendDue()).toBe(0);
  atMs("2026-03-30T05:00:00Z");
  expect(await digests.sendDue()).toBe(2);
  const { rows } = await server.deps.db.query<{ variables: { digestUrl: string } }>(
    "select variables from mail_content",
  );
  expect(rows[0]?.variables.digestUrl).toContain("from=2026-03-28T23:00:00.000Z&to=2026-03-29T22:00:00.000Z");
});

test("a server that was down at seven sends it when it is back; without a sender nothing is sent", async () => {
  atMs("2026-04-02T15:00:00Z");
  expect(await new Digests(server.deps).sendDue()).toBe(2);
  await server.deps.db.query("update mail_transport set settings = settings || '{\"enabled\": false}'");
  atMs("2026-04-03T15:00:00Z");
  expect(await new Digests(server.deps).sendDue()).toBe(0);
});

test("figures are compared where the day before has enough of them", () => {
  expect(changeSince(19, 400)).toEqual({});
  expect(changeSince(100, 104)).toEqual({ change: "+4 %" });
  expect(changeSince(100, 82)).toEqual({ change: "−18 %" });
  expect(changeSince(1_000, 1_001)).toEqual({ change: "±0 %" });
});
