import type { Task, TaskDetail } from "@daybook/contract";
import { apiKey, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { endpointCall } from "./callback/call-endpoint.ts";
import { defineTask } from "./define-task.ts";
import { queueOrphans } from "./lost.ts";
import { startTasks } from "./start-tasks.ts";

let server: TestApp;
let headers: Record<string, string>;
let work: { stop(): Promise<void> };
const started: string[] = [];

beforeAll(async () => {
  server = await testApp();
  ({ headers } = await apiKey(server.deps));
  const { types } = server.deps.tasks;
  types.define(
    defineTask("test.greet", z.object({ name: z.string() }), async ({ name }, { line, err, progress, task }) => {
      started.push(task.id);
      line(`hello ${name}`);
      progress(50);
      err("and goodbye");
      return { greeted: name };
    }),
  );
  types.define(
    defineTask(
      "test.flaky",
      z.object({ works: z.number() }),
      async ({ works }, { task }) => {
        if (task.attempt < works)
          throw Object.assign(new Error(`attempt ${task.attempt} of dana@acme.example broke`), { code: "broken" });
        return task.attempt;
      },
      { idempotent: true, retries: 2, backoffSeconds: 0 },
    ),
  );
  types.define(
    defineTask(
      "test.slow",
      z.object({}),
      (_, { signal }) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped")))),
      {
        timeoutSeconds: 1,
      },
    ),
  );
  types.define(
    defineTask("test.flood", z.object({}), async (_, { line }) => {
      for (let n = 0; n < 110_000; n++) line("x");
    }),
  );
  work = await startTasks({ ...server.deps, version: "test", callEndpoint: endpointCall(server.deps) });
});
afterAll(async () => {
  await work.stop();
  await server.close();
});

async function make(body: object): Promise<Task> {
  const reply = await server.app.inject({ method: "POST", url: "/api/v1/tasks", headers, payload: body });
  expect(reply.statusCode, reply.body).toBe(201);
  return reply.json();
}

async function read(id: string): Promise<TaskDetail> {
  return (await server.app.inject({ method: "GET", url: `/api/v1/tasks/${id}`, headers })).json();
}

async function until(id: string, status: Task["status"]): Promise<TaskDetail> {
  await expect.poll(async () => (await read(id)).status, { timeout: 10_000, interval: 30 }).toBe(status);
  return read(id);
}

async function toldOf(id: string): Promise<string[]> {
  const read = async () =>
    (
      await server.deps.db.query<{ action: string }>(
        "select action from event where workspace_id = $1 and target_type = 'task' and target_id = $2 order by occurred_at, seq",
        [server.workspaceId, id],
      )
    ).rows.map((row) => row.action);
  await expect
    .poll(async () => (await server.deps.db.query("select from task_happening where not told")).rowCount, {
      timeout: 5_000,
    })
    .toBe(0);
  return read();
}

describe("a task that Daybook runs", () => {
  test("is run by its handler, with lines, progress, result and events", async () => {
    const { id } = await make({
      type: "test.greet",
      payload: { name: "Lee" },
      targets: [{ type: "server", id: "srv-1" }],
    });
    const task = await until(id, "completed");
    expect(task).toMatchObject({
      progress: 100,
      result: { greeted: "Lee" },
      attempt: 1,
      executor: "handler",
      lineCount: 2,
    });
    expect(task.happenings.map((each) => each.happening)).toEqual(["created", "started", "completed"]);
    const lines = await server.app.inject({ method: "GET", url: `/api/v1/tasks/${id}/lines`, headers });
    expect(lines.json().items).toMatchObject([
      { stream: "out", text: "hello Lee" },
      { stream: "err", text: "and goodbye" },
    ]);
    expect(await toldOf(id)).toEqual(["task.created", "task.started", "task.completed"]);
    const found = await server.app.inject({ method: "GET", url: "/api/v1/events?q=target:server/srv-1", headers });
    expect(
      found
        .json()
        .items.map((event: { id: string }) => event.id)
        .sort(),
    ).toEqual(task.happenings.map((each) => each.eventId).sort());
  });

  test("is refused with a payload that does not fit, and where it does not is said", async () => {
    const reply = await server.app.inject({
      method: "POST",
      url: "/api/v1/tasks",
      headers,
      payload: { type: "test.greet", payload: { name: 5 } },
    });
    expect(reply.statusCode).toBe(422);
    expect(reply.json()).toMatchObject({ code: "invalid_payload", errors: [{ pointer: "/payload/name" }] });
  });

  test("is tried again as a new attempt of the same task, with what went wrong before", async () => {
    const { id } = await make({ type: "test.flaky", payload: { works: 3 } });
    const task = await until(id, "completed");
    expect(task.attempts).toMatchObject([
      { attempt: 1, status: "failed", error: { code: "broken" } },
      { attempt: 2, status: "failed" },
      { attempt: 3, status: "completed" },
    ]);
  });

  test("fails for good when its attempts are used up; by hand it is tried once more", async () => {
    const { id } = await make({ type: "test.flaky", payload: { works: 4 } });
    expect(await until(id, "failed")).toMatchObject({ attempt: 3, error: { code: "broken" } });
    const reply = await server.app.inject({ method: "POST", url: `/api/v1/tasks/${id}/retry-attempts`, headers });
    expect(reply.statusCode, reply.body).toBe(201);
    expect(await until(id, "completed")).toMatchObject({ attempt: 4, result: 4 });
  });

  test("ends when its time is up", async () => {
    const { id } = await make({ type: "test.slow", payload: {} });
    const task = await until(id, "failed");
    expect(task.error).toMatchObject({ code: "timed_out" });
    expect(await toldOf(id)).toEqual(["task.created", "task.started", "task.timed_out"]);
  });

  test("is cancelled only while it is pending", async () => {
    const runAt = new Date(Date.now() + 3_600_000).toISOString();
    const { id } = await make({ type: "test.greet", payload: { name: "Kim" }, runAt });
    const cancel = () => server.app.inject({ method: "POST", url: `/api/v1/tasks/${id}/cancellation`, headers });
    expect((await cancel()).json()).toMatchObject({ status: "cancelled" });
    expect(started).not.toContain(id);
    const again = await cancel();
    expect([again.statusCode, again.json().code]).toEqual([409, "task_not_pending"]);
  });

  test("in a race, either was cancelled and never began, or began and was not cancelled", async () => {
    const races = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const { id } = await make({ type: "test.greet", payload: { name: "race" } });
        const reply = await server.app.inject({ method: "POST", url: `/api/v1/tasks/${id}/cancellation`, headers });
        return { id, cancelled: reply.statusCode === 200 };
      }),
    );
    for (const { id, cancelled } of races) {
      await until(id, cancelled ? "cancelled" : "completed");
      expect(started.includes(id)).toBe(!cancelled);
    }
  });

  test("many are tried again at once by a task of its own", async () => {
    const made = await Promise.all(
      Array.from({ length: 5 }, () => make({ type: "test.flaky", payload: { works: 4 }, node: "hv-bulk" })),
    );
    for (const { id } of made) await until(id, "failed");
    const reply = await server.app.inject({
      method: "POST",
      url: "/api/v1/task-batches",
      headers,
      payload: { act: "retry", filter: { node: "hv-bulk" } },
    });
    expect(reply.statusCode, reply.body).toBe(202);
    expect(await until(reply.json().id, "completed")).toMatchObject({ result: { found: 5, done: 5, refused: 0 } });
    for (const { id } of made) await until(id, "completed");
  });

  test("is queued anew when its worker was killed between claiming the job and beginning the task", async () => {
    const runAt = new Date(Date.now() + 3_600_000).toISOString();
    const { id } = await make({ type: "test.greet", payload: { name: "orphan" }, runAt });
    const { ownerDb } = server.deps;
    const old = "now() - interval '1 minute'";
    await ownerDb.query(`update task set run_at = ${old} where id = $1`, [id]);
    await ownerDb.query(
      `update pgboss.job set state = 'active', started_on = ${old}, heartbeat_on = ${old} where id = (select job_id from task where id = $1)`,
      [id],
    );
    expect(await queueOrphans(server.deps)).toBe(1);
    await until(id, "completed");
    expect(started.filter((each) => each === id)).toHaveLength(1);
    expect(await queueOrphans(server.deps)).toBe(0);
  });

  test("of tasks that the filter does not show none is tried again", async () => {
    const { id } = await make({ type: "test.flaky", payload: { works: 9 }, node: "hv-other" });
    await until(id, "failed");
    const payload = { act: "retry", filter: { node: "hv-other", status: "completed,running" } };
    const reply = await server.app.inject({ method: "POST", url: "/api/v1/task-batches", headers, payload });
    expect(await until(reply.json().id, "completed")).toMatchObject({ result: { found: 0, done: 0 } });
    expect((await read(id)).attempt).toBe(3);
  });

  test("that writes faster than lines can be stored fills no memory, and says what is left out", async () => {
    const { id } = await make({ type: "test.flood", payload: {} });
    const { lineCount } = await until(id, "completed");
    expect(lineCount).toBe(100_001);
    const url = `/api/v1/tasks/${id}/lines?before=${lineCount}&limit=1`;
    const [last] = (await server.app.inject({ url, headers })).json().items;
    expect(last.text).toMatch(/^… \d+ lines were left out here/);
  });

  test("of Daybook's own types none can be made over the API", async () => {
    const payload = { type: "daybook.task-batch", payload: { act: "cancel", filter: {} } };
    const reply = await server.app.inject({ method: "POST", url: "/api/v1/tasks", headers, payload });
    expect(reply.statusCode).toBe(400);
  });
});
