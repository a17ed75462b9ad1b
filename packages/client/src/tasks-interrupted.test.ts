import type { TaskDetail, TaskLine, TaskLines } from "@daybook/contract";
import { type RemoteServer, remoteServer } from "@daybook/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Daybook, type DaybookOptions } from "./daybook.ts";

let server: RemoteServer;
const clients: Daybook[] = [];
let told: Error[] = [];

beforeAll(async () => {
  server = await remoteServer(["tasks:write", "events:read"]);
});
afterEach(async () => {
  server.line.mend();
  server.line.cutAfterBytes(undefined);
  for (const client of clients.splice(0)) await client.close({ timeoutMs: 2_000 }).catch(() => {});
  told = [];
});
afterAll(() => server?.close());

function client(options: Partial<DaybookOptions> = {}): Daybook {
  const { line, key } = server;
  const made = new Daybook({ url: line.address, key: key.key, onError: (error) => told.push(error), ...options });
  clients.push(made);
  return made;
}

async function linesOf(id: string): Promise<TaskLine[]> {
  const all: TaskLine[] = [];
  for (;;) {
    const after = all.at(-1)?.n ?? -1;
    const { items } = await server.read<TaskLines>(`/tasks/${id}/lines?after=${after}&limit=5000`);
    if (items.length === 0) return all;
    all.push(...items);
  }
}

const task = (id: string): Promise<TaskDetail> => server.read(`/tasks/${id}`);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

test("connections that break in the middle of requests: 20,000 lines are there once, in order", async () => {
  const handle = client().tasks.start({ type: "instance.migrate" });
  server.line.cutAfterBytes(150_000);
  for (const n of upTo(20_000)) {
    handle.line(`${n} ${"x".repeat(20)}`);
    if (n % 500 === 0) handle.progress(n / 200);
  }
  const mend = setTimeout(() => server.line.cutAfterBytes(undefined), 4_000);
  await handle.complete();
  clearTimeout(mend);
  const lines = await linesOf(handle.id);
  expect(lines.map(({ text }) => Number.parseInt(text, 10))).toEqual(upTo(20_000));
  expect(await task(handle.id)).toMatchObject({ status: "completed", lineCount: 20_000 });
});

test("answers that are lost: a task, its lines and its end are stored once although each is sent again", async () => {
  const seen = new Map<string, number>();
  const losing: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init);
    const what = `${init?.method} ${init?.body}`;
    seen.set(what, (seen.get(what) ?? 0) + 1);
    if (seen.get(what) === 1) throw new TypeError("the connection ended before the answer");
    return answer;
  };
  const handle = client({ fetch: losing }).tasks.start({ type: "instance.migrate" });
  for (const n of upTo(1_200)) handle.line(`line ${n}`);
  await handle.complete({ moved: true });
  expect(Math.min(...seen.values())).toBe(2);
  const detail = await task(handle.id);
  expect(detail).toMatchObject({ status: "completed", lineCount: 1_200, result: { moved: true } });
  expect(detail.happenings.map(({ happening }) => happening)).toEqual(["created", "started", "completed"]);
  expect((await linesOf(handle.id)).map(({ text }) => text)).toEqual(upTo(1_200).map((n) => `line ${n}`));
  expect(told).toEqual([]);
});

test("the server is killed and started again in the middle: nothing is missing and nothing double", async () => {
  const handle = client().tasks.start({ type: "instance.deploy" });
  const early = client().tasks.start({ type: "instance.deploy", title: "begun before" });
  const writing = (async () => {
    for (const n of upTo(5_000)) {
      handle.line(`line ${n}`);
      if (n % 100 === 0) await new Promise((next) => setTimeout(next, 40));
    }
  })();
  await new Promise((next) => setTimeout(next, 500));
  await server.kill();
  const late = client().tasks.start({ type: "instance.deploy", title: "begun while it was away" });
  late.line("nobody hears this yet");
  const ended = early.complete();
  await new Promise((next) => setTimeout(next, 500));
  await server.restart();
  await writing;
  await Promise.all([handle.complete(), late.complete(), ended]);
  expect((await linesOf(handle.id)).map(({ text }) => text)).toEqual(upTo(5_000).map((n) => `line ${n}`));
  expect(await task(late.id)).toMatchObject({ status: "completed", lineCount: 1 });
  expect(await task(early.id)).toMatchObject({ status: "completed" });
});

test("a client that is told to wait waits", async () => {
  const times: number[] = [];
  const busy: typeof fetch = async (input, init) => {
    times.push(Date.now());
    if (times.length === 1) return new Response("", { status: 429, headers: { "retry-after": "2" } });
    return fetch(input, init);
  };
  const handle = client({ fetch: busy }).tasks.start({ type: "instance.deploy" });
  await handle.flush();
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(1_990);
});

test("two that write to one task lose nothing", async () => {
  const one = client().tasks.start({ type: "instance.deploy" });
  await one.flush();
  const other = await client().tasks.attach(one.id);
  for (const n of upTo(700)) {
    one.line(`one ${n}`);
    other.line(`other ${n}`);
  }
  await Promise.all([one.flush(), other.flush()]);
  await one.complete();
  const lines = (await linesOf(one.id)).map(({ text }) => text);
  expect(lines.filter((text) => text.startsWith("one"))).toEqual(upTo(700).map((n) => `one ${n}`));
  expect(lines.filter((text) => text.startsWith("other"))).toEqual(upTo(700).map((n) => `other ${n}`));
});

test("a change that is refused is told, and the end of the task arrives all the same", async () => {
  const one = client().tasks.start({ type: "instance.deploy" });
  one.update({ title: "x".repeat(1_000) });
  one.line("before the end");
  await one.complete().catch(() => {});
  expect(await task(one.id)).toMatchObject({ status: "completed", lineCount: 1 });
  expect(told.map((error) => (error as { code?: string }).code)).toContain("invalid_request");
});
