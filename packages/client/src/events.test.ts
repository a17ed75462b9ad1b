import { join } from "node:path";
import { type RemoteServer, remoteServer, temporaryDirectory } from "@daybook/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Daybook, type DaybookOptions } from "./daybook.ts";
import type { DaybookError } from "./fault.ts";
import { FileSpool } from "./file-spool.ts";

let server: RemoteServer;
const clients: Daybook[] = [];

beforeAll(async () => {
  server = await remoteServer(["events:write"]);
});
afterEach(async () => {
  server.line.mend();
  server.line.cutAfterBytes(undefined);
  for (const client of clients.splice(0)) await client.close({ timeoutMs: 2_000 }).catch(() => {});
});
afterAll(() => server?.close());

function client(options: Partial<DaybookOptions> = {}): Daybook {
  const made = new Daybook({ url: server.line.address, key: server.key.key, ...options });
  clients.push(made);
  return made;
}

/** How often each event of an action is in the log, by the number in its details. */
async function stored(action: string): Promise<number[]> {
  const { rows } = await server.database.ownerDb.query<{ n: number }>(
    "select (details::jsonb->>'n')::int as n from event where action = $1 order by n",
    [action],
  );
  return rows.map(({ n }) => n);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

test("events are recorded with the id and the time of the call, in few requests", async () => {
  const daybook = client();
  const before = Date.now();
  const ids = upTo(2_500).map((n) => daybook.events.record({ action: "demo.plain", details: { n } }));
  await daybook.events.flush();
  expect(await stored("demo.plain")).toEqual(upTo(2_500));
  const { rows } = await server.database.ownerDb.query<{ id: string; occurred_at: Date; actor_type: number }>(
    "select id, occurred_at from event where action = 'demo.plain' order by seq",
  );
  expect(rows.map(({ id }) => id)).toEqual(ids);
  for (const { occurred_at } of rows) {
    expect(Number(occurred_at)).toBeGreaterThanOrEqual(before);
    expect(Number(occurred_at)).toBeLessThanOrEqual(Date.now());
  }
});

test("an event that waits for nothing is sent by itself", async () => {
  client().events.record({ action: "demo.alone", details: { n: 0 } });
  await expect.poll(() => stored("demo.alone"), { timeout: 5_000 }).toEqual([0]);
});

test("connections that break in the middle of requests lose nothing and double nothing", async () => {
  const daybook = client({ events: { batchMax: 200 } });
  server.line.cutAfterBytes(60_000);
  for (const n of upTo(3_000)) daybook.events.record({ action: "demo.cut", details: { n } });
  const mended = setTimeout(() => server.line.cutAfterBytes(undefined), 3_000);
  await daybook.events.flush();
  clearTimeout(mended);
  expect(await stored("demo.cut")).toEqual(upTo(3_000));
});

test("the server is killed and started again: every event is there once", async () => {
  const daybook = client();
  const sent = upTo(1_500);
  for (const n of sent) {
    daybook.events.record({ action: "demo.killed", details: { n } });
    if (n === 700) {
      await server.kill();
      await server.restart();
    }
  }
  await daybook.events.flush();
  expect(await stored("demo.killed")).toEqual(sent);
});

test("an event that is refused is told with its fault, the others are stored", async () => {
  const told: Error[] = [];
  const daybook = client({ onError: (error) => told.push(error) });
  daybook.events.record({ action: "demo.good", details: { n: 1 } });
  daybook.events.record({ action: "not an action" });
  const refusal = await daybook.events.flush().catch((error: DaybookError) => error);
  expect(refusal).toMatchObject({ code: "rejected", errors: [{ line: 2, pointer: "/action" }] });
  expect(told).toEqual([refusal]);
  expect(await stored("demo.good")).toEqual([1]);
  await daybook.events.flush();
});

test("a key that is not one is said, and the events are kept for later", async () => {
  const daybook = client({ key: "dbk_nobody" });
  daybook.events.record({ action: "demo.refused" });
  await expect(daybook.events.flush()).rejects.toMatchObject({ code: "unauthenticated", status: 401 });
  expect(daybook.events.waiting).toBe(1);
});

test("a full queue throws, or leaves out the oldest or the newest and says how many", async () => {
  server.line.cut();
  const strict = client({ events: { waitingMax: 3, batchMax: 100 } });
  for (const n of upTo(3)) strict.events.record({ action: "demo.full", details: { n } });
  expect(() => strict.events.record({ action: "demo.full" })).toThrow(expect.objectContaining({ code: "queue_full" }));
  for (const whenFull of ["oldest", "newest"] as const) {
    const told: string[] = [];
    const daybook = client({ events: { waitingMax: 3, whenFull }, onError: (error) => told.push(error.message) });
    for (const n of upTo(5)) daybook.events.record({ action: `demo.${whenFull}`, details: { n } });
    server.line.mend();
    await daybook.events.flush();
    expect(await stored(`demo.${whenFull}`)).toEqual(whenFull === "oldest" ? [2, 3, 4] : [0, 1, 2]);
    expect(told).toEqual(["2 events were left out: more waited than 3."]);
    server.line.cut();
  }
});

test("with a spool, events outlive a client that could not send them", async () => {
  const directory = join(temporaryDirectory("daybook spool"), "s");
  server.line.cut();
  const first = client({ events: { spool: new FileSpool(directory) } });
  for (const n of upTo(5)) first.events.record({ action: "demo.spooled", details: { n } });
  await first.close({ timeoutMs: 300 });
  expect(await stored("demo.spooled")).toEqual([]);
  server.line.mend();
  const second = client({ events: { spool: new FileSpool(directory) } });
  second.events.record({ action: "demo.spooled", details: { n: 5 } });
  await expect.poll(() => stored("demo.spooled"), { timeout: 10_000 }).toEqual(upTo(6));
});

test("with a spool, a client out of reach goes on and sends everything when it can", async () => {
  const directory = join(temporaryDirectory("daybook spool"), "s");
  const daybook = client({ events: { spool: new FileSpool(directory), waitingMax: 1_000 } });
  server.line.cut();
  for (const n of upTo(900)) daybook.events.record({ action: "demo.away", details: { n } });
  await daybook.events.flush();
  expect(daybook.events.waiting).toBe(0);
  for (const n of upTo(900)) daybook.events.record({ action: "demo.away", details: { n: 900 + n } });
  server.line.mend();
  await expect.poll(() => stored("demo.away"), { timeout: 15_000 }).toEqual(upTo(1_800));
});

test("without a spool, closing says how many events are lost", async () => {
  server.line.cut();
  const daybook = client();
  for (const n of upTo(4)) daybook.events.record({ action: "demo.lost", details: { n } });
  await expect(daybook.close({ timeoutMs: 300 })).rejects.toThrow("4 events could not be sent");
  expect(() => daybook.events.record({ action: "demo.lost" })).toThrow(expect.objectContaining({ code: "closed" }));
});

test("closing does not wait longer for a server that does not answer", async () => {
  const hanging: typeof fetch = (_input, init) =>
    new Promise((_resolve, reject) => init?.signal?.addEventListener("abort", () => reject(init.signal?.reason)));
  const daybook = client({ fetch: hanging });
  daybook.events.record({ action: "demo.hanging" });
  await new Promise((next) => setTimeout(next, 300));
  const began = Date.now();
  await expect(daybook.close({ timeoutMs: 400 })).rejects.toThrow("1 events could not be sent");
  expect(Date.now() - began).toBeLessThan(2_000);
});
