import { request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { limits } from "@daybook/contract";
import { type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKey } from "../access/api-key-store.ts";

let server: TestApp;
let base: string;
let key: string;

beforeAll(async () => {
  server = await testApp({ config: { trustedProxies: ["127.0.0.1"] } });
  await server.app.listen({ port: 0, host: "127.0.0.1" });
  base = `http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}/api/v1/events`;
  const wanted = { workspaceId: server.workspaceId, name: "panel", createdBy: "test", expiresAt: null };
  key = (await createKey(server.database.db, { ...wanted, scopes: ["events:write"] }, Date.now())).key;
});

afterAll(() => server.close());

interface Reply {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: replies of many shapes are looked at here
  body: any;
  headers: Headers;
}

async function post(body: BodyInit, type: string, headers: Record<string, string> = {}): Promise<Reply> {
  const response = await fetch(base, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": type, ...headers },
    body,
  });
  return { status: response.status, body: await response.json(), headers: response.headers };
}
const json = (value: unknown, headers?: Record<string, string>) =>
  post(JSON.stringify(value), "application/json", headers);
const ndjson = (lines: unknown[], headers?: Record<string, string>) =>
  post(
    lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"),
    "application/x-ndjson",
    headers,
  );
const event = { action: "server.suspended", actor: { type: "user", id: "42", name: "Dana" } };
const row = async (seq: number) =>
  (await server.database.ownerDb.query("select * from event where seq = $1", [seq])).rows[0] as Record<string, unknown>;

describe("POST /api/v1/events", () => {
  it("stores one event and answers 201 with its seq", async () => {
    const { status, body } = await json(event);
    expect(status).toBe(201);
    expect(body).toEqual({
      accepted: 1,
      duplicates: 0,
      firstSeq: 1,
      lastSeq: 1,
      items: [{ id: expect.any(String), seq: 1 }],
    });
  });

  it("stores an array in order, or names every bad item with 422 and stores none", async () => {
    const good = await json([event, event, event]);
    expect(good.body).toMatchObject({ accepted: 3, firstSeq: 2, lastSeq: 4 });
    const bad = await json([event, { ...event, colour: "red" }, { ...event, action: "Bad" }, 7]);
    expect(bad.status).toBe(422);
    expect(bad.headers.get("content-type")).toContain("application/problem+json");
    expect(bad.body.errors.map((fault: { index: number; pointer: string }) => [fault.index, fault.pointer])).toEqual([
      [1, "/colour"],
      [2, "/action"],
      [3, ""],
    ]);
    expect((await json(event)).body.firstSeq).toBe(5);
  });

  it("stores the good lines of NDJSON and reports the bad ones by line", async () => {
    const { status, body } = await ndjson([event, "{ no json", "", { action: 1 }, event]);
    expect(status).toBe(200);
    expect(body).toMatchObject({ accepted: 2, duplicates: 0, rejectedCount: 2 });
    expect(
      body.rejected.map((fault: { line: number; code: string; pointer: string }) => [
        fault.line,
        fault.code,
        fault.pointer,
      ]),
    ).toEqual([
      [2, "invalid_json", ""],
      [4, "invalid", "/action"],
    ]);
  });

  it("unpacks gzip for JSON and NDJSON, and says so when the body is none", async () => {
    const many = Array.from({ length: 2_500 }, () => JSON.stringify(event)).join("\n");
    const packed = await post(gzipSync(many), "application/x-ndjson", { "content-encoding": "gzip" });
    expect(packed.body).toMatchObject({ accepted: 2_500, rejectedCount: 0 });
    const one = await post(gzipSync(JSON.stringify(event)), "application/json", { "content-encoding": "gzip" });
    expect(one.status).toBe(201);
    const none = await post("{}", "application/json", { "content-encoding": "gzip" });
    expect([none.status, none.body.code]).toEqual([400, "invalid_request"]);
  });

  it("refuses with the limit's name what is too large", async () => {
    const { status, body } = await json(Array.from({ length: limits.batchEventsMax + 1 }, () => event));
    expect([status, body.code, body.limit]).toEqual([413, "batch_too_large", "batchEventsMax"]);
    const large = await json({ ...event, details: { text: "x".repeat(limits.detailsBytesMax) } });
    expect([large.status, large.body.errors[0].code]).toEqual([422, "too_large"]);
    const bomb = gzipSync(Buffer.alloc(limits.bodyBytesMax + 1, 32));
    const unpacked = await post(bomb, "application/json", { "content-encoding": "gzip" });
    expect([unpacked.status, unpacked.body.limit]).toEqual([413, "bodyBytesMax"]);
    const line = await ndjson([event, { ...event, details: "y".repeat(limits.eventBytesMax) }, event]);
    expect(line.body).toMatchObject({ accepted: 2, rejected: [{ line: 2, code: "event_too_large" }] });
  });

  it("refuses depth, unknown types and missing rights, each with its own code", async () => {
    let deep: unknown = 1;
    for (let level = 0; level <= limits.depthMax; level++) deep = { deep };
    expect((await json({ ...event, details: deep })).body.errors[0].code).toBe("too_deep");
    expect((await post("a=1", "application/x-www-form-urlencoded")).status).toBe(415);
    expect((await json(event, { authorization: "Bearer dbk_wrong" })).status).toBe(401);
  });

  it("answers 409 for an id with other content, and a duplicate with its first seq", async () => {
    const id = "0198f0c2-aaaa-7bbb-8ccc-0123456789ab";
    const first = await json({ ...event, id });
    const again = await json({ ...event, id });
    expect(again.body).toMatchObject({ accepted: 0, duplicates: 1, firstSeq: first.body.firstSeq });
    const other = await json({ ...event, id, outcome: "failure" });
    expect([other.status, other.body.code]).toEqual([409, "id_conflict"]);
    const stream = await ndjson([{ ...event, id, outcome: "failure" }, event]);
    expect(stream.body).toMatchObject({ accepted: 1, rejected: [{ line: 1, code: "id_conflict" }] });
  });

  it("takes the sender's address when the event has none, through trusted proxies and nothing forged", async () => {
    const send = async (body: object, forwarded: string) =>
      row((await json(body, { "x-forwarded-for": forwarded })).body.firstSeq);
    expect((await send(event, "6.6.6.6, 203.0.113.9")).ip).toBe("203.0.113.9");
    expect((await send({ ...event, origin: { ip: "::ffff:198.51.100.7" } }, "203.0.113.9")).ip).toBe("198.51.100.7");
    expect((await send({ ...event, origin: { ip: null } }, "203.0.113.9")).ip).toBeNull();
  });

  it("attributes an event without an actor to the key that wrote it", async () => {
    const stored = await row((await json({ action: "server.created" })).body.firstSeq);
    expect(stored.actor_name).toBe("panel");
  });

  it("commits what a sender streams while it goes on sending, and keeps it when the sender breaks off", async () => {
    const sending = httpRequest(base, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/x-ndjson" },
    });
    sending.on("error", () => {});
    sending.write(`${JSON.stringify({ ...event, reason: "slowly" })}\n{"half":`);
    const stored = async () =>
      (await server.database.ownerDb.query("select 1 from event where reason = 'slowly'")).rowCount;
    for (let wait = 0; wait < 100 && (await stored()) === 0; wait++) await new Promise((next) => setTimeout(next, 50));
    expect(await stored()).toBe(1);
    sending.destroy();
    expect((await json(event)).status).toBe(201);
  });
});
