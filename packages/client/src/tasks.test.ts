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

test("a task is started, says how far it is, prints, and completes with its result", async () => {
  const handle = client().tasks.start({
    type: "instance.deploy",
    title: "Deploy mc-01",
    targets: [{ type: "server", id: "srv-1", name: "mc-01" }],
    user: { id: "77", name: "Dana" },
    payload: { image: "debian-13" },
  });
  handle.line("pulling the image");
  handle.progress(40.4);
  handle.err("the mirror is slow\nthe mirror is very slow\n");
  handle.update({ node: "hv-3" });
  await handle.complete({ ip: "192.0.2.10" });
  expect(await task(handle.id)).toMatchObject({
    type: "instance.deploy",
    title: "Deploy mc-01",
    status: "completed",
    progress: 100,
    node: "hv-3",
    user: { id: "77", name: "Dana" },
    payload: { image: "debian-13" },
    result: { ip: "192.0.2.10" },
    lineCount: 3,
  });
  expect(await linesOf(handle.id)).toMatchObject([
    { n: 0, stream: "out", text: "pulling the image" },
    { n: 1, stream: "err", text: "the mirror is slow" },
    { n: 2, stream: "err", text: "the mirror is very slow" },
  ]);
  expect(told).toEqual([]);
});

test("a task fails with an Error, a text, or message, code and details", async () => {
  const { tasks } = client();
  const start = () => tasks.start({ type: "instance.backup" });
  const [first, second, third] = [start(), start(), start()];
  await first.fail(Object.assign(new Error("no space left"), { code: "ENOSPC" }));
  await second.fail("the disk is gone");
  await third.fail({ message: "refused", code: "quota", details: { gb: 20 } });
  expect((await task(first.id)).error).toEqual({ message: "no space left", code: "ENOSPC" });
  expect((await task(second.id)).error).toEqual({ message: "the disk is gone" });
  expect(await task(third.id)).toMatchObject({
    status: "failed",
    error: { message: "refused", code: "quota", details: { gb: 20 } },
  });
});

test("what is said in quick succession is sent together", async () => {
  let requests = 0;
  const counting: typeof fetch = (...args) => {
    requests++;
    return fetch(...args);
  };
  const handle = client({ fetch: counting }).tasks.start({ type: "instance.deploy" });
  await handle.flush();
  requests = 0;
  for (const percent of upTo(100)) handle.progress(percent);
  for (const n of upTo(400)) handle.line(`line ${n}`);
  await expect.poll(async () => (await task(handle.id)).lineCount, { timeout: 5_000 }).toBe(400);
  await handle.complete();
  // The lines, the last progress, the end.
  expect(requests).toBe(3);
  expect(await task(handle.id)).toMatchObject({ status: "completed", lineCount: 400 });
});

test("a task that is refused says so, and nothing more is sent of it", async () => {
  const handle = client().tasks.start({ type: "Not A Type" });
  handle.line("into the void");
  await expect(handle.complete()).rejects.toMatchObject({ code: "invalid_request", status: 400 });
  expect(told.length).toBeGreaterThan(0);
});

test("a task that was ended elsewhere aborts the signal, and completing it is refused", async () => {
  const handle = client().tasks.start({ type: "instance.deploy" });
  await handle.flush();
  await server.send("PATCH", `/tasks/${handle.id}`, { status: "cancelled" });
  handle.progress(50);
  await expect.poll(() => handle.signal.aborted, { timeout: 5_000 }).toBe(true);
  await expect(handle.complete()).rejects.toMatchObject({ code: "task_finished" });
  expect((await task(handle.id)).status).toBe("cancelled");
});

test("another process goes on with a task, and a failed one is run again with lines of its own", async () => {
  const queued = client().tasks.start({ type: "instance.deploy", status: "pending" });
  queued.line("queued");
  await queued.flush();
  const first = await client().tasks.attach(queued.id);
  first.update({ status: "running" });
  first.line("attempt 1");
  await first.fail("no host");
  const second = await client().tasks.attach(queued.id);
  second.update({ status: "running" });
  second.line("attempt 2");
  await second.flush();
  const third = await client().tasks.attach(queued.id);
  third.line("attempt 2, another process");
  await third.complete();
  expect(await task(queued.id)).toMatchObject({ status: "completed", attempt: 2, lineCount: 4 });
  expect((await linesOf(queued.id)).map(({ text, attempt }) => [text, attempt])).toEqual([
    ["queued", 1],
    ["attempt 1", 1],
    ["attempt 2", 2],
    ["attempt 2, another process", 2],
  ]);
});

test("a wrapped function is a task: its result, its failure, and its caller does not wait for Daybook", async () => {
  const daybook = client();
  const ids: string[] = [];
  const deploy = daybook.wrap(
    (server: string) => ({ type: "instance.deploy", targets: [{ type: "server", id: server }] }),
    async (handle, server: string) => {
      ids.push(handle.id);
      handle.line(`deploying ${server}`);
      if (server === "srv-9") throw Object.assign(new Error("no such server"), { code: "not_found" });
      return { server };
    },
  );
  expect(await deploy("srv-1")).toEqual({ server: "srv-1" });
  await expect(deploy("srv-9")).rejects.toThrow("no such server");
  server.line.cut();
  expect(await deploy("srv-2")).toEqual({ server: "srv-2" });
  server.line.mend();
  await daybook.close();
  const [first = "", second = "", third = ""] = ids;
  expect(await task(first)).toMatchObject({ status: "completed", result: { server: "srv-1" }, lineCount: 1 });
  expect(await task(second)).toMatchObject({
    status: "failed",
    error: { message: "no such server", code: "not_found" },
  });
  expect(await task(third)).toMatchObject({ status: "completed", targets: [{ type: "server", id: "srv-2" }] });
});

test("a result that is too large does not keep the task from completing, and the output says so", async () => {
  const handle = client().tasks.start({ type: "instance.deploy" });
  await handle.complete({ list: "x".repeat(70_000) });
  const detail = await task(handle.id);
  expect(detail.status).toBe("completed");
  expect(detail.result ?? null).toBeNull();
  expect(detail.lastLine).toContain("more than 64 KiB");
});

test("after its end a task takes nothing more from here, and a second end is refused", async () => {
  const handle = client().tasks.start({ type: "instance.deploy" });
  await handle.complete();
  handle.line("too late");
  expect(told.map(({ message }) => message)).toEqual([`The task ${handle.id} is ended: a line came too late.`]);
  await expect(handle.fail("after all")).rejects.toMatchObject({ code: "task_finished" });
});

test("closing sends the lines of tasks that go on", async () => {
  const daybook = client();
  const handle = daybook.tasks.start({ type: "instance.deploy" });
  handle.line("last words");
  await daybook.close();
  expect(await linesOf(handle.id)).toMatchObject([{ text: "last words" }]);
  expect((await task(handle.id)).status).toBe("running");
});
