import type { NewTask, Task, TaskDetail } from "@daybook/contract";
import { apiKey, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { newId } from "../record/event-id.ts";
import { retryAfterMs } from "./callback/panel-call.ts";
import { defineTask } from "./define-task.ts";
import { Dispatcher } from "./dispatcher.ts";
import { startAll } from "./grouped-steps.ts";
import { TaskQueue } from "./queue.ts";
import { forSight } from "./task-sight.ts";
import { tellRound } from "./teller.ts";

let server: TestApp;
let headers: Record<string, string>;

beforeAll(async () => {
  server = await testApp();
  ({ headers } = await apiKey(server.deps));
  server.deps.tasks.types.define(defineTask("test.faults", z.object({}), async () => null));
});
afterAll(() => server.close());

async function call(method: "POST" | "PATCH", path: string, payload: object) {
  const reply = await server.app.inject({ method, url: `/api/v1${path}`, headers, payload });
  return { status: reply.statusCode, body: reply.json() };
}

async function make(order: NewTask): Promise<Task> {
  const { status, body } = await call("POST", "/tasks", order);
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}

async function tellAll(): Promise<void> {
  while ((await tellRound(server.deps)) > 0);
}

async function eventsOf(id: string): Promise<{ action: string; details: unknown; target_name: string | null }[]> {
  const { rows } = await server.deps.db.query(
    "select action, details, target_name from event where workspace_id = $1 and target_id = $2 order by seq",
    [server.workspaceId, id],
  );
  return rows;
}

test("a secret in title, target or node reaches neither the row nor what is searched", async () => {
  const secret = "AKIAIOSFODNN7EXAMPLE";
  const task = await make({
    type: "test.secret",
    title: `Sync with password=hunter2hunter2 of ${secret}`,
    node: `hv ${secret}`,
    user: { id: "7", name: `Dana ${secret}` },
    targets: [{ type: "server", id: "srv-1", name: `srv ${secret}` }],
  });
  await call("PATCH", `/tasks/${task.id}`, { status: "running", title: `Now ${secret}`, node: `hv ${secret}` });
  const { rows } = await server.deps.db.query<{ kept: string }>(
    "select task::text || task_text.body as kept from task join task_text on task_text.task_id = task.id where task.id = $1",
    [task.id],
  );
  expect(rows[0]?.kept).toContain("srv-1");
  expect(rows[0]?.kept).not.toContain(secret);
  expect(rows[0]?.kept).not.toContain("hunter2hunter2");
});

test("an event that the log does not take is told by its bare facts and keeps no other from being told", async () => {
  const bad = await make({ type: "test.told", title: "bad" });
  await server.deps.ownerDb.query("update task set title = repeat('x', 600) where id = $1", [bad.id]);
  const good = await make({ type: "test.told", title: "good" });
  await tellAll();
  expect(await eventsOf(good.id)).toMatchObject([{ action: "task.created", target_name: "good" }]);
  const [event] = await eventsOf(bad.id);
  expect(event).toMatchObject({ action: "task.created", target_name: null });
  expect(JSON.stringify(event?.details)).toContain("The rest is left out.");
});

test("what was told before the teller was killed, and looks different by now, counts as told", async () => {
  const { id } = await make({ type: "test.told", title: "before" });
  await tellAll();
  await server.deps.ownerDb.query("update task_happening set told = false where task_id = $1", [id]);
  await call("PATCH", `/tasks/${id}`, { title: "after" });
  const next = await make({ type: "test.told", title: "next" });
  await tellAll();
  expect(await eventsOf(id)).toMatchObject([{ action: "task.created", target_name: "before" }]);
  expect(await eventsOf(next.id)).toHaveLength(1);
});

test("claimed jobs that could not be begun are given out again at once, those of no use never", async () => {
  const { db, log, clock } = server.deps;
  const queue = new TaskQueue(db, log);
  const task = await make({ type: "test.faults", payload: {} });
  const stopped = await make({
    type: "test.faults",
    payload: {},
    runAt: new Date(Date.now() + 3_600_000).toISOString(),
  });
  let tries = 0;
  const dispatcher = new Dispatcher({
    ...{ queue, log, type: "test.faults", slots: 2 },
    run: async (jobs) => {
      if (++tries === 1) throw new Error("the database was away");
      return (await startAll(db, "test", clock(), jobs)).map(() => Promise.resolve());
    },
  });
  dispatcher.wake();
  const status = async (id: string) =>
    (await db.query<{ status: number }>("select status from task where id = $1", [id])).rows[0]?.status;
  await expect.poll(() => status(task.id), { timeout: 5_000, interval: 50 }).toBe(1);
  await dispatcher.stop();
  expect([tries >= 2, await status(stopped.id)]).toEqual([true, 0]);
  await queue.close();
});

test("without logs.personal every text of a task is masked, those of its attempts and of the panel's answer too", () => {
  const at = new Date(0).toISOString();
  const error = { message: "mail to dana@acme.example bounced" };
  const task = {
    ...{ id: newId(1), type: "t", title: "t", status: "failed", progress: 0, executor: "reported", targets: [] },
    ...{ attempt: 1, attemptsMax: 1, retryable: true, queuedAt: at, lineCount: 0, error },
    request: { act: "retry", state: "failed", askedAt: at, tries: 1, answer: "409: ask dana@acme.example" },
    attempts: [{ attempt: 1, status: "failed", queuedAt: at, error }],
    happenings: [
      { happening: "failed", at, attempt: 1, eventId: newId(1), by: "dana@acme.example", note: "192.0.2.7" },
    ],
  } as TaskDetail;
  const shown = JSON.stringify(forSight({ permissions: new Set(["tasks.read"]) }, task));
  expect(shown).not.toMatch(/dana@|192\.0\.2\.7/);
  expect(JSON.stringify(forSight({ permissions: new Set(["logs.personal"]) }, task))).toContain("dana@acme.example");
});

test("a result beyond what a task keeps is refused, and a hundred attempts are enough", async () => {
  const { id } = await make({ type: "test.large", status: "running" });
  const large = await call("PATCH", `/tasks/${id}`, { status: "completed", result: "x".repeat(70_000) });
  expect(large).toMatchObject({ status: 422, body: { code: "invalid_payload", errors: [{ pointer: "/result" }] } });
  await call("PATCH", `/tasks/${id}`, { status: "failed", error: "broken" });
  await server.deps.ownerDb.query("update task set attempt = 100 where id = $1", [id]);
  expect(await call("PATCH", `/tasks/${id}`, { status: "running" })).toMatchObject({ status: 409, body: { max: 100 } });
});

test("a panel that asks for years of patience is called again in a day, not at once", () => {
  const answer = { status: 503, headers: { "retry-after": "99999999999" }, text: "", isCut: false };
  expect(retryAfterMs(answer, 0)).toBe(86_400_000);
});

test("what PostgreSQL cannot hold, NUL and half characters, is replaced: no report is refused for it again and again", async () => {
  const odd = "a\u0000b\ud800c";
  const task = await make({
    ...{ type: "test.odd", title: odd, node: odd, user: { id: odd, name: odd }, project: odd, scheduleName: odd },
    ...{ targets: [{ type: "server", id: odd }], payload: { [odd]: odd }, actor: { type: "user", id: odd } },
    status: "running",
  });
  expect(task.title).toBe("a\ufffdb\ufffdc");
  const ended = await call("PATCH", `/tasks/${task.id}`, {
    ...{ status: "failed", title: odd, node: odd, result: [odd] },
    error: { message: odd, code: odd, details: { [odd]: odd } },
  });
  expect(ended).toMatchObject({ status: 200, body: { status: "failed", error: { message: "a\ufffdb\ufffdc" } } });
  // 64 KiB of letters of two units: the text that is searched is cut in the middle of one.
  await make({ type: "test.odd", title: "x", payload: `a${"😀".repeat(16_000)}${"b".repeat(300)}` });
  await tellAll();
  expect(await eventsOf(task.id)).toHaveLength(3);
  const set = { cron: "@daily", description: odd, task: { type: "test.odd", title: odd, payload: { [odd]: odd } } };
  const put = await server.app.inject({ method: "PUT", url: "/api/v1/schedules/odd", headers, payload: set });
  expect(put.json()).toMatchObject({ description: "a\ufffdb\ufffdc" });
});

test("a question with NUL in it is refused as one, not as a fault of ours", async () => {
  for (const part of ["q", "user", "type", "node", "target", "schedule"]) {
    const reply = await server.app.inject({ url: `/api/v1/tasks?${part}=a%00b`, headers });
    expect([part, reply.statusCode, reply.json().code]).toEqual([part, 400, "invalid_request"]);
  }
});

test("a task is found by a title and an error that it got later", async () => {
  const { id } = await make({ type: "test.words", title: "first" });
  await call("PATCH", `/tasks/${id}`, { status: "running", title: "quixotic" });
  await call("PATCH", `/tasks/${id}`, { title: "zephyrine" });
  await call("PATCH", `/tasks/${id}`, { status: "failed", error: "brontosaurus" });
  for (const q of ["quixotic", "zephyrine", "brontosaurus", "first"]) {
    const reply = await server.app.inject({ url: `/api/v1/tasks?q=${q}`, headers });
    expect([q, reply.json().items.map((task: Task) => task.id)]).toEqual([q, [id]]);
  }
});

test("it is on record where calls of a type went, and where they go now", async () => {
  const put = (endpoint: string) =>
    server.app.inject({ method: "PUT", url: "/api/v1/task-types/test.calls", headers, payload: { endpoint } });
  for (const host of ["one", "two"]) expect((await put(`https://${host}.example.com/run`)).statusCode).toBe(200);
  const { rows } = await server.deps.db.query<{ changes: string }>(
    "select changes from event where action = 'task.type.updated' and target_id = 'test.calls' order by seq",
  );
  expect(JSON.parse(rows[1]?.changes ?? "null")).toEqual([
    { field: "endpoint", old: "https://one.example.com/run", new: "https://two.example.com/run" },
  ]);
});
