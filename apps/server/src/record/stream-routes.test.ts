import type { AddressInfo } from "node:net";
import { createConnection, type Socket } from "node:net";
import type { Event } from "@daybook/contract";
import { apiKey } from "@daybook/testkit/access.ts";
import { type TestApp, testApp } from "@daybook/testkit/app.ts";
import { appendRows, eventRows } from "@daybook/testkit/event-rows.ts";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: TestApp;
let base: string;
let headers: Record<string, string>;
let seed = 1;

beforeAll(async () => {
  server = await testApp();
  await server.app.listen({ port: 0 });
  base = `http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}`;
  headers = (await apiKey(server.deps)).headers;
});

afterAll(() => server.close());

async function append(count: number): Promise<void> {
  const rows = fc.sample(eventRows, { numRuns: count, seed: seed++ });
  await appendRows(server.database.db, server.database.ownerDb, server.workspaceId, rows);
}

async function headSize(): Promise<number> {
  const { rows } = await server.database.db.query<{ size: number }>("select size from log_head");
  return Number(rows[0]?.size);
}

interface Stream {
  /** The next messages, as they come. */
  take(count: number): Promise<Event[]>;
  lastId: () => string;
  close(): void;
}

async function open(query = "", more: Record<string, string> = {}): Promise<Stream> {
  const stop = new AbortController();
  const response = await fetch(`${base}/api/v1/events/stream?${query}`, {
    headers: { ...headers, ...more },
    signal: stop.signal,
  });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = "";
  let lastId = "";
  const take = async (count: number): Promise<Event[]> => {
    const events: Event[] = [];
    while (events.length < count) {
      const end = text.indexOf("\n\n");
      if (end < 0) {
        const { value, done } = await reader.read();
        if (done) throw new Error("the stream ended");
        text += decoder.decode(value, { stream: true });
        continue;
      }
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      lastId = lines.find((line) => line.startsWith("id: "))?.slice(4) ?? lastId;
      const data = lines.find((line) => line.startsWith("data: "))?.slice(6);
      if (data !== undefined) events.push(JSON.parse(data) as Event);
    }
    return events;
  };
  return { take, lastId: () => lastId, close: () => stop.abort() };
}

test("new events that match arrive, in the order of the log, with their place as id", async () => {
  await append(5);
  const before = await headSize();
  const all = await open();
  const logins = await open("q=action:auth.login");
  await append(40);
  const seen = await all.take(40);
  expect(seen.map((event) => event.seq)).toEqual(Array.from({ length: 40 }, (_, index) => before + 1 + index));
  expect(all.lastId()).toBe(`${before + 40}`);
  const expected = seen.filter((event) => event.action === "auth.login");
  expect(expected.length).toBeGreaterThan(2);
  expect(await logins.take(expected.length)).toEqual(expected);
  all.close();
  logins.close();
});

test("a stream goes on after Last-Event-ID without a gap, however much came in between", async () => {
  const first = await open();
  await append(3);
  await first.take(2);
  const resumeAt = first.lastId();
  first.close();
  await append(700);
  const resumed = await open("", { "last-event-id": resumeAt });
  const asParameter = await open(`q=kind:user&lastEventId=${resumeAt}`);
  await append(300);
  const seen = await resumed.take(1_001);
  expect(seen.map((event) => event.seq)).toEqual(
    Array.from({ length: 1_001 }, (_, index) => Number(resumeAt) + 1 + index),
  );
  const expected = seen.filter((event) => event.kind === "user");
  expect(await asParameter.take(expected.length)).toEqual(expected);
  resumed.close();
  asParameter.close();
});

test("a client that does not read misses nothing and holds nobody up", async () => {
  const before = await headSize();
  const { port } = server.app.server.address() as AddressInfo;
  const slow: Socket = createConnection(port, "127.0.0.1");
  slow.write(`GET /api/v1/events/stream HTTP/1.1\r\nhost: x\r\nauthorization: ${headers.authorization}\r\n\r\n`);
  await new Promise((resolve) => slow.once("data", resolve));
  slow.pause();
  const quick = await open();
  const rounds = 12;
  for (let round = 0; round < rounds; round++) {
    await append(1_500);
    await quick.take(1_500);
  }
  let text = "";
  const wanted = rounds * 1_500;
  const seqs: number[] = [];
  await new Promise<void>((resolve) => {
    slow.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const whole = text.lastIndexOf("\n");
      for (const line of text.slice(0, whole).split("\n"))
        if (line.startsWith("id: ")) seqs.push(Number(line.slice(4)));
      text = text.slice(whole);
      if (seqs.length >= wanted) resolve();
    });
    slow.resume();
  });
  expect(seqs).toEqual(Array.from({ length: wanted }, (_, index) => before + 1 + index));
  slow.destroy();
  quick.close();
}, 60_000);

test("the stream goes on when the database drops the connection that hears of commits", async () => {
  const stream = await open();
  await append(1);
  await stream.take(1);
  await server.database.ownerDb.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen%'",
  );
  await append(2);
  expect(await stream.take(2)).toHaveLength(2);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  await append(2);
  expect(await stream.take(2)).toHaveLength(2);
  stream.close();
});

test("a bad query, a bad id and a key without the scope are refused before the stream begins", async () => {
  const ask = (query: string, own = headers): Promise<Response> =>
    fetch(`${base}/api/v1/events/stream?${query}`, { headers: own });
  expect(await (await ask("q=acter:x")).json()).toMatchObject({
    code: "invalid_query",
    position: 0,
    suggestion: "actor",
  });
  expect((await ask("lastEventId=x")).status).toBe(400);
  const { headers: writer } = await apiKey(server.deps, { scopes: ["events:write"] });
  expect((await ask("", writer)).status).toBe(403);
});

test("a server that stops ends its streams", async () => {
  const other = await testApp();
  await other.app.listen({ port: 0 });
  const { port } = other.app.server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/events/stream`, {
    headers: (await apiKey(other.deps)).headers,
  });
  const body = response.text();
  await other.close();
  expect(await body).toContain("retry:");
});
