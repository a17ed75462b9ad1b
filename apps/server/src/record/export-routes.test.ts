import { request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import type { Event } from "@daybook/contract";
import { apiKey } from "@daybook/testkit/access.ts";
import { type TestApp, testApp } from "@daybook/testkit/app.ts";
import { appendRows, eventRows } from "@daybook/testkit/event-rows.ts";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type EventRow, toEvent } from "./event-row.ts";
import { csvField } from "./export/csv.ts";
import { leafHashOf } from "./leaf.ts";

let server: TestApp;
let headers: Record<string, string>;
let rows: EventRow[];

beforeAll(async () => {
  server = await testApp();
  headers = (await apiKey(server.deps)).headers;
  rows = fc.sample(eventRows, { numRuns: 5_000, seed: 77 });
  const { db, ownerDb } = server.database;
  for (let at = 0; at < rows.length; at += 1_000) {
    await appendRows(db, ownerDb, server.workspaceId, rows.slice(at, at + 1_000));
  }
  rows.sort((left, right) => right.occurredAtMs - left.occurredAtMs || right.seq - left.seq);
});

afterAll(() => server.close());

async function exported(query: string): Promise<{ text: string; headers: Record<string, unknown> }> {
  const reply = await server.app.inject({ url: `/api/v1/events/export?${query}`, headers });
  expect(reply.statusCode).toBe(200);
  return { text: reply.body, headers: reply.headers };
}

const plain = (event: Event): Event => JSON.parse(JSON.stringify(event)) as Event;

test("NDJSON has every event once, in order, with what verifying without the server needs", async () => {
  const { text, headers: reply } = await exported("to=2026-11-20&format=ndjson");
  expect(reply["content-disposition"]).toMatch(/^attachment; filename="daybook-main-\d{4}-\d\d-\d\d\.ndjson"$/);
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ leafHash: _, proof: __, ...event }) => event)).toEqual(rows.map((row) => plain(toEvent(row))));
  for (const [index, { proof, leafHash }] of lines.entries()) {
    const row = rows[index] as EventRow;
    expect(proof).toEqual({ workspace: "main", leafHash, salts: row.salts });
    expect(leafHash).toBe(leafHashOf(row, "main"));
  }
});

test("JSON is one array; the query, the range and the order are those of the list", async () => {
  const { text } = await exported(
    "q=action:auth.login%20-kind:user&format=json&order=asc&from=2026-11-18&to=2026-11-18",
  );
  const found = (JSON.parse(text) as Event[]).map((event) => event.seq);
  const wanted = rows
    .filter(
      (row) =>
        row.action === "auth.login" &&
        row.kind !== 1 &&
        new Date(row.occurredAtMs).toISOString().startsWith("2026-11-18"),
    )
    .map((row) => row.seq)
    .reverse();
  expect(found).toEqual(wanted);
  expect(wanted.length).toBeGreaterThan(50);
  expect(JSON.parse((await exported("q=nothinglikethis&format=json")).text)).toEqual([]);
});

test("CSV reads back as it was, in UTC, and no field is a formula", async () => {
  const { text } = await exported("to=2026-11-20&format=csv");
  const records = parse(text, { columns: true, relax_column_count: false }) as Record<string, string>[];
  expect(records).toHaveLength(rows.length);
  for (const [index, record] of records.entries()) {
    const row = rows[index] as EventRow;
    expect(record.occurredAt).toBe(new Date(row.occurredAtMs).toISOString());
    expect([record.seq, record.id, record.ip, record.details?.replace(/^'(?=-)/, "")]).toEqual([
      `${row.seq}`,
      row.id,
      row.ip ?? "",
      row.details ?? "",
    ]);
    for (const value of Object.values(record)) expect(value).not.toMatch(/^[=+\-@\t\r]/);
  }
});

test("a text that a spreadsheet would take for a formula gets an apostrophe", () => {
  expect(["=1+1", "+49", "-5", "@x", "\ttab", 'a"b', "a,b", "plain"].map(csvField)).toEqual([
    "'=1+1",
    "'+49",
    "'-5",
    "'@x",
    "'\ttab",
    '"a""b"',
    '"a,b"',
    "plain",
  ]);
});

async function recordedExports(action: string): Promise<Event[]> {
  const reply = await server.app.inject({ url: `/api/v1/events?q=action:${action}&limit=500`, headers });
  return (reply.json() as { items: Event[] }).items;
}

test("an export is recorded when it begins and when it ends", async () => {
  await exported("q=kind:user%20reason:dana&format=csv&from=2026-01-01");
  const [begun] = await recordedExports("log.exported");
  expect(begun).toMatchObject({
    actor: { type: "api_key" },
    details: { format: "csv", query: "kind:user reason:dana", from: "2026-01-01T00:00:00.000Z" },
  });
  const wanted = rows.filter(
    (row) => row.kind === 1 && row.reason === "dana" && row.occurredAtMs >= Date.UTC(2026, 0),
  ).length;
  await vi.waitFor(async () => {
    const [ended] = await recordedExports("log.export.finished");
    expect(ended?.details).toMatchObject({
      exportId: (begun?.details as { exportId: string } | undefined)?.exportId,
      events: wanted,
    });
  });
});

test("an export that the client breaks off is recorded as such", async () => {
  await server.app.listen({ port: 0 });
  const { port } = server.app.server.address() as AddressInfo;
  await new Promise<void>((resolve) => {
    const asked = httpRequest({ port, path: "/api/v1/events/export", headers }, (reply) => {
      reply.once("data", () => {
        reply.destroy();
        resolve();
      });
    });
    asked.end();
  });
  await vi.waitFor(async () => {
    const broken = (await recordedExports("log.export.finished")).filter((event) => event.outcome === "failure");
    expect(broken).toMatchObject([{ reason: "broken_off", summary: expect.stringContaining("broke off") }]);
  });
});

test("an export that cannot begin is answered with a problem", async () => {
  const reply = await server.app.inject({ url: "/api/v1/events/export?q=acter:x", headers });
  expect(reply.json()).toMatchObject({ code: "invalid_query", position: 0 });
  const { headers: writer } = await apiKey(server.deps, { scopes: ["events:write"] });
  expect((await server.app.inject({ url: "/api/v1/events/export", headers: writer })).statusCode).toBe(403);
});
