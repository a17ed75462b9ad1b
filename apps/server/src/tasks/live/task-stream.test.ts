import type { AddressInfo } from "node:net";
import { createConnection, type Socket } from "node:net";
import type { Task, TaskLine } from "@daybook/contract";
import {
  addWorkspace,
  apiKey,
  openStream,
  type StreamMessage,
  sampleTask,
  signedInClient,
  type TestApp,
  type TestKey,
  type TestStream,
  testApp,
} from "@daybook/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { TaskRow } from "../task-row.ts";

let server: TestApp;
let base: string;
let key: TestKey;
const open: TestStream[] = [];
/** The server's ends of its connections. */
const sockets = new Set<Socket>();

beforeAll(async () => {
  server = await testApp();
  server.app.server.on("connection", (socket) => sockets.add(socket));
  await server.app.listen({ port: 0 });
  base = `http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}`;
  key = await apiKey(server.deps);
});
afterEach(() => {
  for (const stream of open.splice(0)) stream.close();
});
afterAll(() => server.close());

async function follow(path: string, headers: Record<string, string> = key.headers): Promise<TestStream> {
  const stream = await openStream(`${base}/api/v1/tasks/${path}`, headers);
  expect(stream.status).toBe(200);
  open.push(stream);
  return stream;
}

async function post(id: string, lines: { text: string }[]): Promise<void> {
  const url = `/api/v1/tasks/${id}/lines`;
  const answer = await server.app.inject({ method: "POST", url, headers: key.headers, payload: lines });
  expect(answer.statusCode, answer.body).toBe(201);
}

const change = ({ workspace_id: workspaceId, id }: TaskRow, progress: number): Promise<unknown> =>
  server.deps.db.query(
    `with moved as (update task set progress = $3 where workspace_id = $1 and id = $2)
     select pg_notify('daybook_task', $1::int || ' ' || $2::uuid)`,
    [workspaceId, id, progress],
  );

const taskOf = (message: StreamMessage): Task => JSON.parse(message.data);
const linesOf = (message: StreamMessage): TaskLine[] => JSON.parse(message.data);
const isLines = ({ event }: StreamMessage): boolean => event === "lines";

/** Reads lines until so many are there. */
async function takeLines(stream: TestStream, count: number): Promise<TaskLine[]> {
  const lines: TaskLine[] = [];
  while (lines.length < count) lines.push(...linesOf(await stream.until(isLines)));
  return lines;
}

test("a list stream tells of new and changed tasks, of this workspace and of what the filter asks for", async () => {
  const other = await addWorkspace(server.deps, "other");
  const [all, ofDana, deploys] = await Promise.all([
    follow("stream"),
    follow("stream?user=u-1&status=running"),
    follow("stream?type=instance.*&target=server/srv-7"),
  ]);
  await sampleTask(server.deps, { workspaceId: other });
  const task = await sampleTask(server.deps, { user: { id: "u-1" }, targets: [{ type: "server", id: "srv-7" }] });
  const first = (await all.until((message) => taskOf(message).id === task.id)) as StreamMessage;
  expect(first.event).toBe("task");
  expect(taskOf((await ofDana.next()) as StreamMessage).id).toBe(task.id);
  expect(taskOf((await deploys.next()) as StreamMessage).id).toBe(task.id);

  // A task that leaves the filter is told of too: its row has to go.
  await server.deps.db.query("update task set status = 2 where id = $1", [task.id]);
  await change(task, 100);
  const left = await ofDana.until((message) => taskOf(message).progress === 100);
  expect(taskOf(left).status).toBe("completed");

  const others = await sampleTask(server.deps, { type: "mail.send", targets: [] });
  await change(task, 99);
  await all.until((message) => taskOf(message).id === others.id);
  const next = await ofDana.until((message) => taskOf(message).progress === 99);
  expect(taskOf(next).id).toBe(task.id);
});

test("changes of a task within a moment are told as one, and the last of them is told", async () => {
  const task = await sampleTask(server.deps);
  const stream = await follow("stream");
  for (let progress = 1; progress <= 60; progress++) await change(task, progress);
  let told = 0;
  await stream.until((message) => {
    if (taskOf(message).id === task.id) told++;
    return taskOf(message).progress === 60;
  });
  expect(told).toBeLessThan(12);
});

test("lines are told in a list as the last line of their task", async () => {
  const task = await sampleTask(server.deps);
  const stream = await follow("stream");
  await post(task.id, [{ text: "Cloning the image" }]);
  const message = await stream.until((each) => taskOf(each).lastLine !== undefined);
  expect(taskOf(message)).toMatchObject({ id: task.id, lastLine: "Cloning the image", lineCount: 1 });
});

test("many tasks that are made at once are told of by the newest", async () => {
  const stream = await follow("stream");
  const task = await sampleTask(server.deps, { title: "one of many" });
  await server.deps.db.query("select pg_notify('daybook_task', $1::int || ' *')", [server.workspaceId]);
  await stream.until((message) => taskOf(message).id === task.id);
});

test("a task's stream begins with the task, and tells lines and changes", async () => {
  const task = await sampleTask(server.deps);
  await post(task.id, [{ text: "before" }]);
  const stream = await follow(`${task.id}/stream`);
  const first = (await stream.next()) as StreamMessage;
  expect(first.event).toBe("task");
  expect(taskOf(first).lineCount).toBe(1);
  await post(task.id, [{ text: "one" }, { text: "two" }]);
  const lines = await stream.until(isLines);
  expect(lines.id).toBe("2");
  expect(linesOf(lines).map(({ n, text }) => [n, text])).toEqual([
    [1, "one"],
    [2, "two"],
  ]);
  await change(task, 40);
  expect(taskOf(await stream.until(({ event, data }) => event === "task" && data.includes('"progress":40'))).id).toBe(
    task.id,
  );
});

test("a stream goes on behind the last line that the client has, without a gap and without repeating", async () => {
  const task = await sampleTask(server.deps);
  const numbered = (first: number, count: number) =>
    Array.from({ length: count }, (_, index) => ({ text: `line ${first + index}` }));
  await post(task.id, numbered(0, 3_000));
  const whole = await follow(`${task.id}/stream?after=-1`);
  const resumed = await follow(`${task.id}/stream`, { ...key.headers, "last-event-id": "2499" });
  const writing = (async () => {
    for (let from = 3_000; from < 6_000; from += 100) await post(task.id, numbered(from, 100));
  })();
  const [all, rest] = await Promise.all([takeLines(whole, 6_000), takeLines(resumed, 3_500)]);
  await writing;
  expect(all.map(({ n }) => n)).toEqual(Array.from({ length: 6_000 }, (_, n) => n));
  expect(rest.map(({ n }) => n)).toEqual(Array.from({ length: 3_500 }, (_, index) => 2_500 + index));
  expect(all.every(({ n, text }) => text === `line ${n}`)).toBe(true);
});

test("a client that takes nothing holds up nobody, costs little memory, and gets every line when it reads on", async () => {
  const task = await sampleTask(server.deps);
  const { port } = server.app.server.address() as AddressInfo;
  const socket = createConnection({ port, host: "127.0.0.1" });
  socket.write(
    `GET /api/v1/tasks/${task.id}/stream?after=-1 HTTP/1.1\r\nhost: x\r\nauthorization: ${key.headers.authorization}\r\n\r\n`,
  );
  await new Promise((resolve) => socket.once("data", resolve));
  socket.pause();
  const quick = await follow(`${task.id}/stream?after=-1`);
  const text = "x".repeat(1_000);
  const count = 30_000;
  const writing = (async () => {
    for (let from = 0; from < count; from += 2_000)
      await post(
        task.id,
        Array.from({ length: 2_000 }, (_, index) => ({ text: `${from + index} ${text}` })),
      );
  })();
  expect((await takeLines(quick, count)).at(-1)?.n).toBe(count - 1);
  await writing;
  const waiting = Math.max(...[...sockets].map((each) => each.writableLength));
  expect(waiting).toBeGreaterThan(0);
  expect(waiting).toBeLessThan(5 * 2 ** 20);

  const seen: number[] = [];
  let rest = "";
  await new Promise<void>((resolve) => {
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      rest += chunk.replace(/\r\n[0-9a-f]+\r\n/g, "");
      for (const [, n] of rest.matchAll(/"n":(\d+),/g)) seen.push(Number(n));
      rest = rest.slice(-20);
      if (seen.at(-1) === count - 1) resolve();
    });
    socket.resume();
  });
  socket.destroy();
  expect(new Set(seen).size).toBeGreaterThan(count * 0.999);
}, 60_000);

test("whoever may not see personal data gets tasks and lines with addresses masked", async () => {
  const support = await signedInClient(server, { role: "support" });
  const task = await sampleTask(server.deps, { title: "Mail dana@acme.example" });
  const stream = await follow(`${task.id}/stream`, support.headers);
  expect(taskOf((await stream.next()) as StreamMessage).title).toBe("Mail •••");
  await post(task.id, [{ text: "from 203.0.113.9" }]);
  expect(linesOf(await stream.until(isLines))[0]?.text).toBe("from •••");
});

test("streams end within 15 s of the end of what opened them", async () => {
  const revoked = await apiKey(server.deps);
  const signedOut = await signedInClient(server);
  const task = await sampleTask(server.deps);
  const streams = await Promise.all([
    follow("stream", revoked.headers),
    follow(`${task.id}/stream`, signedOut.headers),
  ]);
  const stays = await follow("stream");
  let ended = false;
  void stays.ended().then(
    () => {
      ended = true;
    },
    () => {},
  );
  const from = Date.now();
  await server.deps.db.query("update api_key set revoked_at = now() where id = $1", [revoked.id]);
  await signedOut.request("DELETE", "/sessions/current");
  for (const stream of streams) expect((await stream.ended()) - from).toBeLessThan(15_000);
  expect(ended).toBe(false);
}, 30_000);

test("a task of another workspace has no stream, and Last-Event-ID has to be a number", async () => {
  const other = await addWorkspace(server.deps, "third");
  const task = await sampleTask(server.deps, { workspaceId: other });
  expect((await openStream(`${base}/api/v1/tasks/${task.id}/stream`, key.headers)).status).toBe(404);
  const own = await sampleTask(server.deps);
  const headers = { ...key.headers, "last-event-id": "x" };
  expect((await openStream(`${base}/api/v1/tasks/${own.id}/stream`, headers)).status).toBe(400);
});

test("when the connection for notices breaks, lists are told to come back and tasks lose no line", async () => {
  const task = await sampleTask(server.deps);
  const list = await follow("stream");
  const stream = await follow(`${task.id}/stream?after=-1`);
  await post(task.id, [{ text: "before" }]);
  await takeLines(stream, 1);
  const { rows } = await server.deps.ownerDb.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name like 'daybook listens to daybook_%'`,
  );
  expect(rows.length).toBeGreaterThan(1);
  await post(task.id, [{ text: "meanwhile" }]);
  expect((await takeLines(stream, 1)).map(({ text }) => text)).toEqual(["meanwhile"]);
  await list.ended();
  const again = await follow("stream");
  await change(task, 50);
  await again.until((message) => taskOf(message).progress === 50);
});
