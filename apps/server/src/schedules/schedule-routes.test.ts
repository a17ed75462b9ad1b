import { apiKey, signedInClient, type TestApp, type TestKey, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { tickAll } from "./tick.ts";
import { startWaiting } from "./waiting.ts";

let now = Date.parse("2026-03-10T01:00:00.000Z");
const start = now;
let server: TestApp;
let key: TestKey;

beforeAll(async () => {
  server = await testApp({ clock: () => now });
  key = await apiKey(server.deps, { name: "panel" });
});
afterAll(() => server.close());
beforeEach(async () => {
  now = start;
  await server.deps.ownerDb.query("truncate schedule, schedule_run, task, task_text, task_happening");
});

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every form
async function call(method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE", path: string, body?: object): Promise<any> {
  const { headers } = key;
  const sent = { method, url: `/api/v1${path}`, headers, ...(body ? { payload: body } : {}) };
  const reply = await server.app.inject(sent);
  return reply.body === "" ? { status: reply.statusCode } : { ...reply.json(), status: reply.statusCode };
}

const nightly = { cron: "0 2 * * *", timeZone: "Europe/Berlin", task: { type: "db.backup" } };

test("a schedule is set, read and set again", async () => {
  const made = await call("PUT", "/schedules/nightly", nightly);
  expect(made).toMatchObject({
    status: 201,
    name: "nightly",
    kind: "task",
    state: "new",
    source: "api",
    inWords: "daily at 02:00 Europe/Berlin",
    nextRunAt: "2026-03-11T01:00:00.000Z",
    overlap: "skip",
    catchUp: "once",
    recentRuns: [],
  });
  const again = await call("PUT", "/schedules/nightly", { ...nightly, timeZone: "UTC", description: "Databases" });
  expect(again).toMatchObject({ status: 200, nextRunAt: "2026-03-10T02:00:00.000Z", description: "Databases" });
});

test("what is no cron expression is refused with what was meant", async () => {
  const refused = await call("PUT", "/schedules/nightly", { cron: "61 * * * *" });
  expect(refused).toMatchObject({ status: 422, code: "invalid_schedule", errors: [{ pointer: "/cron" }] });
  expect((await call("PUT", "/schedules/upcoming", nightly)).code).toBe("invalid_schedule");
});

test("a change keeps a time that is due and was not run yet", async () => {
  await call("PUT", "/schedules/nightly", nightly);
  now = Date.parse("2026-03-11T01:00:30.000Z");
  const changed = await call("PUT", "/schedules/nightly", { ...nightly, graceSeconds: 60 });
  expect(changed.nextRunAt).toBe("2026-03-11T01:00:00.000Z");
});

test("a paused schedule has no next time; resumed, it makes up for nothing", async () => {
  await call("PUT", "/schedules/nightly", nightly);
  const paused = await call("PATCH", "/schedules/nightly", { paused: true });
  expect(paused).toMatchObject({ paused: true, state: "paused", stateReason: "Paused since 2026-03-10 01:00 UTC." });
  expect(paused.nextRunAt).toBeUndefined();
  now = Date.parse("2026-03-13T05:00:00.000Z");
  expect(await tickAll(server.deps, now)).toBe(0);
  const resumed = await call("PATCH", "/schedules/nightly", { paused: false });
  expect(resumed.nextRunAt).toBe("2026-03-14T01:00:00.000Z");
});

test("a list has the last twenty runs of each, and pages by name", async () => {
  for (const name of ["a", "b", "c"])
    await call("PUT", `/schedules/${name}`, { cron: "* * * * *", task: { type: "x.y" }, overlap: "allow" });
  for (let minute = 1; minute <= 25; minute++) {
    now = start + minute * 60_000;
    await tickAll(server.deps, now);
  }
  const first = await call("GET", "/schedules?limit=2");
  expect(first.items.map((item: { name: string }) => item.name)).toEqual(["a", "b"]);
  expect(first.total).toEqual({ value: 3, relation: "eq" });
  expect(first.items[0].recentRuns).toHaveLength(20);
  expect(first.items[0].recentRuns[0].dueAt).toBe("2026-03-10T01:25:00.000Z");
  const second = await call("GET", `/schedules?limit=2&cursor=${first.nextCursor}`);
  expect(second.items.map((item: { name: string }) => item.name)).toEqual(["c"]);
  expect(second.nextCursor).toBeNull();
});

describe("run now", () => {
  test("makes a run without moving the schedule", async () => {
    await call("PUT", "/schedules/nightly", nightly);
    const run = await call("POST", "/schedules/nightly/runs");
    expect(run).toMatchObject({ status: 201, state: "running", reason: "Asked for by panel." });
    expect(run.dueAt).toBeUndefined();
    const task = await call("GET", `/tasks/${run.taskId}`);
    expect(task).toMatchObject({ type: "db.backup", scheduleName: "nightly", happenings: [{ by: "panel" }] });
    expect((await call("GET", "/schedules/nightly")).nextRunAt).toBe("2026-03-11T01:00:00.000Z");
  });

  test("shows the last lines that its task has written", async () => {
    await call("PUT", "/schedules/nightly", nightly);
    const { taskId } = await call("POST", "/schedules/nightly/runs");
    await call("PATCH", `/tasks/${taskId}`, { status: "running" });
    for (const part of [1, 2])
      await call(
        "POST",
        `/tasks/${taskId}/lines`,
        Array.from({ length: 15 }, (_, n) => ({ text: `line ${part}.${n + 1}` })),
      );
    const [run] = (await call("GET", "/schedules/nightly/runs")).items;
    const lines = run.output.split("\n");
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([20, "line 1.11", "line 2.15"]);
  });

  test("follows the overlap policy while a run is under way", async () => {
    await call("PUT", "/schedules/nightly", nightly);
    await call("POST", "/schedules/nightly/runs");
    expect(await call("POST", "/schedules/nightly/runs")).toMatchObject({ status: 409, code: "conflict" });
    await call("PUT", "/schedules/nightly", { ...nightly, overlap: "queue" });
    expect(await call("POST", "/schedules/nightly/runs")).toMatchObject({ state: "waiting" });
    expect(await startWaiting(server.deps, now)).toBe(0);
    const [running] = (await call("GET", "/tasks")).items;
    await call("PATCH", `/tasks/${running.id}`, { status: "completed" });
    expect(await startWaiting(server.deps, now)).toBe(1);
    const states = (await call("GET", "/schedules/nightly/runs")).items.map((run: { state: string }) => run.state);
    expect(states.sort()).toEqual(["running", "succeeded"]);
  });

  test("is not for what runs elsewhere", async () => {
    await call("PUT", "/schedules/elsewhere", { cron: "@daily" });
    expect(await call("POST", "/schedules/elsewhere/runs")).toMatchObject({ status: 409 });
  });
});

test("what is deleted is gone, and its runs stay", async () => {
  await call("PUT", "/schedules/nightly", nightly);
  await call("POST", "/schedules/nightly/runs");
  expect((await call("DELETE", "/schedules/nightly")).status).toBe(204);
  expect((await call("GET", "/schedules/nightly")).status).toBe(404);
  expect((await call("GET", "/schedules/nightly/runs")).items).toHaveLength(1);
});

test("upcoming runs are those of the next hours, the soonest first", async () => {
  await call("PUT", "/schedules/nightly", nightly);
  await call("PUT", "/schedules/hourly", { cron: "30 * * * *" });
  await call("PUT", "/schedules/paused", { cron: "* * * * *", paused: true });
  const { items, total } = await call("GET", "/schedules/upcoming?hours=24");
  expect(items).toHaveLength(25);
  expect(total).toEqual({ value: 25, relation: "eq" });
  expect(items[0]).toEqual({ name: "hourly", at: "2026-03-10T01:30:00.000Z", kind: "monitored" });
  expect(items.at(-1)).toEqual({ name: "nightly", at: "2026-03-11T01:00:00.000Z", kind: "task" });
});

test("upcoming runs are bounded, and none is missing before the last", async () => {
  for (let index = 0; index < 6; index++) await call("PUT", `/schedules/s${index}`, { cron: "* * * * *" });
  const { items, total } = await call("GET", "/schedules/upcoming?hours=168");
  expect(total).toEqual({ value: 5_000, relation: "gte" });
  const counts = new Map<string, number>();
  for (const { at } of items) counts.set(at, (counts.get(at) ?? 0) + 1);
  expect(new Set([...counts.values()].slice(0, -1))).toEqual(new Set([6]));
});

test("a preview says what an expression means and when it is due", async () => {
  const preview = await call("GET", "/schedules/preview?cron=*/2+*+*+*+*&timeZone=Europe/Berlin");
  expect(preview.inWords).toBe("every two minutes");
  expect(preview.nextRuns).toHaveLength(10);
  expect(preview.nextRuns[0]).toBe("2026-03-10T01:02:00.000Z");
  expect(await call("GET", "/schedules/preview?cron=nonsense")).toMatchObject({
    status: 422,
    code: "invalid_schedule",
  });
});

test("those who may not see personal data see no addresses in reasons and outputs", async () => {
  await call("PUT", "/schedules/elsewhere", { cron: "@daily" });
  const payload = { state: "failed", output: "mail to dana@acme.example from 203.0.113.9 refused" };
  await call("POST", "/schedules/elsewhere/check-ins", payload);
  const task = { type: "mail.report", payload: { to: "dana@acme.example", apiKey: "sk_live_0123456789abcdef" } };
  await call("PUT", "/schedules/report", { cron: "@daily", task });
  const support = await signedInClient(server, { role: "support" });
  const shown = (await support.request("GET", "/schedules/report")).body;
  expect(shown).toContain("mail.report");
  expect(shown).not.toMatch(/dana@acme|sk_live/);
  expect((await call("GET", "/schedules/report")).task.payload).toEqual({
    to: "dana@acme.example",
    apiKey: "[redacted]",
  });
  const masked = (await support.request("GET", "/schedules/elsewhere/runs")).json().items[0].output;
  expect(masked).not.toContain("dana@acme.example");
  expect(masked).not.toContain("203.0.113.9");
  expect((await call("GET", "/schedules/elsewhere/runs")).items[0].output).toBe(payload.output);
});
