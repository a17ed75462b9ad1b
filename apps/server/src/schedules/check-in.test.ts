import { apiKey, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cutMiddle } from "./check-in.ts";
import { loseTask } from "./check-in-task.ts";
import { tellRuns } from "./run-teller.ts";
import { noteLost, noteMissed } from "./watch.ts";

const day = 86_400_000;
/** The first time that is due after the schedule is made. */
const due = Date.parse("2026-03-10T02:00:00.000Z");
let now = due - 3_600_000;
let server: TestApp;
let headers: Record<string, string>;

beforeAll(async () => {
  server = await testApp({ clock: () => now });
  headers = (await apiKey(server.deps)).headers;
});
afterAll(() => server.close());
beforeEach(async () => {
  now = due - 3_600_000;
  await server.deps.ownerDb.query("truncate schedule, schedule_run, task, task_text, task_happening");
  await call("PUT", "/schedules/backup", { cron: "0 2 * * *", graceSeconds: 300 });
});

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every form
async function call(method: "GET" | "PUT" | "POST", path: string, payload?: object): Promise<any> {
  const reply = await server.app.inject({ method, url: `/api/v1${path}`, headers, ...(payload ? { payload } : {}) });
  expect(reply.statusCode, reply.body).toBeLessThan(300);
  return reply.json();
}

const checkIn = (payload: object) => call("POST", "/schedules/backup/check-ins", payload);
const schedule = () => call("GET", "/schedules/backup");
const runs = async () => (await call("GET", "/schedules/backup/runs")).items;

async function tasks(): Promise<{ title: string; status: number; ms: number | null }[]> {
  const { rows } = await server.deps.db.query(
    "select title, status, (extract(epoch from finished_at - started_at) * 1000)::int as ms from task order by id",
  );
  return rows;
}

test("start and finish are one run at its time, with its task, and the next time is due", async () => {
  now = due + 2_000;
  const begun = await checkIn({ state: "started" });
  expect(begun).toMatchObject({ state: "running", dueAt: "2026-03-10T02:00:00.000Z" });
  expect(await schedule()).toMatchObject({ state: "new", nextRunAt: "2026-03-11T02:00:00.000Z" });
  now += 61_000;
  const ended = await checkIn({ state: "succeeded", exitCode: 0, output: "all is well\n" });
  expect(ended).toMatchObject({
    id: begun.id,
    state: "succeeded",
    durationMs: 61_000,
    exitCode: 0,
    output: "all is well\n",
  });
  expect(await schedule()).toMatchObject({ state: "up", successRate: 1, lastRun: { state: "succeeded" } });
  expect(await tasks()).toEqual([{ title: "backup", status: 2, ms: 61_000 }]);
});

test("a finish alone is a run too, with the duration that it says", async () => {
  now = due + 30_000;
  const run = await checkIn({ state: "failed", exitCode: 3, durationMs: 20_000, output: "disk full" });
  expect(run).toMatchObject({ state: "failed", reason: "Exit code 3.", durationMs: 20_000, dueAt: expect.any(String) });
  expect(run.startedAt).toBe("2026-03-10T02:00:10.000Z");
  expect((await schedule()).stateReason).toBe("The run of 2026-03-10 02:00 UTC failed: Exit code 3.");
  expect(await tellRuns(server.deps)).toBe(1);
});

test("the output may come as plain text, as curl sends it", async () => {
  now = due + 1_000;
  const url = "/api/v1/schedules/backup/check-ins";
  const curl = { ...headers, "content-type": "application/x-www-form-urlencoded" };
  const reply = await server.app.inject({
    ...{ method: "POST", url: `${url}?state=succeeded&exitCode=0`, headers: curl },
    payload: "line one\nline two password=hunter2-secret\n",
  });
  expect(reply.statusCode).toBe(201);
  expect(reply.json()).toMatchObject({ state: "succeeded", output: expect.stringContaining("line one\nline two") });
  expect(reply.json().output).not.toContain("hunter2");
  const noBody = await server.app.inject({ method: "POST", url: `${url}?state=started`, headers });
  expect(noBody.json()).toMatchObject({ state: "running" });
  const bare = await server.app.inject({ method: "POST", url, headers: curl, payload: '{"state":"succeeded"}' });
  expect(bare.json()).toMatchObject({ state: "succeeded" });
  const without = await server.app.inject({ method: "POST", url, headers: curl, payload: "hello" });
  expect(without.statusCode).toBe(400);
  expect(without.json().detail).toContain("?state=succeeded");
});

test("runs with ids of the sender overlap and are told apart; a check-in that is sent twice changes nothing", async () => {
  const [one, two] = ["0198f0c2-0000-4000-8000-000000000001", "0198f0c2-0000-4000-8000-000000000002"];
  now = due;
  await checkIn({ state: "started", runId: one });
  await checkIn({ state: "started", runId: one });
  now += 1_000;
  await checkIn({ state: "started", runId: two });
  now += 1_000;
  await checkIn({ state: "succeeded", runId: one });
  await checkIn({ state: "failed", runId: one });
  now += 1_000;
  await checkIn({ state: "succeeded", runId: two });
  const found = await runs();
  expect(
    found.map((run: { id: string; state: string; durationMs: number }) => [run.id, run.state, run.durationMs]),
  ).toEqual([
    [two, "succeeded", 2_000],
    [one, "succeeded", 2_000],
  ]);
  // The second came at no time that was due.
  expect(found.map((run: { dueAt?: string }) => run.dueAt)).toEqual([undefined, "2026-03-10T02:00:00.000Z"]);
  expect(await tasks()).toHaveLength(2);
});

describe("when nothing comes", () => {
  test("the schedule is late, then down, before anything was noted", async () => {
    now = due + 60_000;
    expect((await schedule()).state).toBe("late");
    now = due + 301_000;
    expect((await schedule()).state).toBe("down");
    expect(await runs()).toEqual([]);
  });

  test("the run is noted as missed and put on record, once", async () => {
    expect(await noteMissed(server.deps.db, due + 299_000)).toBe(0);
    expect(await noteMissed(server.deps.db, due + 300_000)).toBe(1);
    expect(await noteMissed(server.deps.db, due + 300_000)).toBe(0);
    now = due + 300_000;
    expect(await runs()).toMatchObject([{ state: "missed", reason: "Nothing checked in by 2026-03-10 02:05 UTC." }]);
    expect(await schedule()).toMatchObject({ state: "down", nextRunAt: "2026-03-11T02:00:00.000Z" });
    const told = await tellRuns(server.deps);
    const { rows } = await server.deps.db.query("select outcome from event where action = 'schedule.run.missed'");
    expect([told, rows]).toEqual([1, [{ outcome: 1 }]]);
  });

  test("one that comes after all takes the missed time, and says how late it was", async () => {
    await noteMissed(server.deps.db, due + 300_000);
    now = due + 600_000;
    await checkIn({ state: "started" });
    now += 5_000;
    await checkIn({ state: "succeeded" });
    expect(await runs()).toMatchObject([
      { state: "succeeded", dueAt: "2026-03-10T02:00:00.000Z", reason: "It began 10 minutes after its time." },
    ]);
    expect((await schedule()).state).toBe("up");
  });

  test("one that was sent later counts for the time at which it happened", async () => {
    await noteMissed(server.deps.db, due + 300_000);
    now = due + 7_200_000;
    await checkIn({ state: "succeeded", at: "2026-03-10T02:00:40.000Z", durationMs: 30_000 });
    const [run] = await runs();
    expect(run).toMatchObject({ state: "succeeded", dueAt: "2026-03-10T02:00:00.000Z" });
    expect(run.startedAt).toBe("2026-03-10T02:00:10.000Z");
    expect(run.reason).toBeUndefined();
  });

  test("times that were passed over are missed when the next run begins", async () => {
    now = due + 2 * day + 1_000;
    await checkIn({ state: "succeeded" });
    expect(
      (await runs()).map((run: { dueAt: string; state: string }) => `${run.dueAt.slice(0, 10)} ${run.state}`),
    ).toEqual([...["2026-03-12 succeeded", "2026-03-11 missed", "2026-03-10 missed"]]);
  });
});

test("a run a little before its time is that of its time; one far off came of itself", async () => {
  now = due - 20_000;
  expect(await checkIn({ state: "succeeded" })).toMatchObject({ dueAt: "2026-03-10T02:00:00.000Z" });
  now = due + 10 * 3_600_000;
  const run = await checkIn({ state: "succeeded" });
  expect(run.dueAt).toBeUndefined();
  expect(run.reason).toBe("It came at no due time.");
  expect(await schedule()).toMatchObject({ state: "up", nextRunAt: "2026-03-11T02:00:00.000Z" });
});

test("a run that is not heard of again is lost, with its task; and found again when it comes after all", async () => {
  await call("PUT", "/schedules/backup", { cron: "0 2 * * *", maxRunSeconds: 600 });
  now = due;
  await checkIn({ state: "started" });
  expect(await noteLost(server.deps.db, due + 600_000)).toEqual([]);
  const [lost] = await noteLost(server.deps.db, due + 601_000);
  expect(lost).toBeDefined();
  if (lost !== undefined) await loseTask(server.deps.db, lost, due + 601_000);
  now = due + 601_000;
  expect(await schedule()).toMatchObject({ state: "down", lastRun: { state: "lost" } });
  expect(await tasks()).toMatchObject([{ status: 3 }]);
  const [run] = await runs();
  now = due + 700_000;
  expect(await checkIn({ state: "succeeded", runId: run.id })).toMatchObject({
    state: "succeeded",
    durationMs: 700_000,
  });
});

test("a run that begins while another is under way gives that one up, unless ids tell them apart", async () => {
  now = due;
  await checkIn({ state: "started" });
  now = due + day;
  await checkIn({ state: "started" });
  expect(await runs()).toMatchObject([{ state: "running" }, { state: "lost" }]);
});

test("schedules that Daybook runs take no check-ins, and unknown ones say so", async () => {
  await call("PUT", "/schedules/own", { cron: "@daily", task: { type: "x.y" } });
  const post = (name: string) =>
    server.app.inject({
      ...{ method: "POST", url: `/api/v1/schedules/${name}/check-ins`, headers },
      payload: { state: "started" },
    });
  expect((await post("own")).json().code).toBe("conflict");
  expect((await post("unknown")).json()).toMatchObject({
    status: 404,
    detail: "There is no schedule unknown in this workspace.",
  });
});

test("of a long output the middle is cut", () => {
  const text = `start\n${"ä".repeat(100_000)}\nend`;
  const cut = cutMiddle(text, 64 * 1024);
  expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(64 * 1024);
  expect(cut).toMatch(/^start\nä+\n\[\d+ bytes are left out here\]\nä+\nend$/);
});

test.each([
  [
    "deleted",
    async () => void (await server.app.inject({ method: "DELETE", url: "/api/v1/schedules/backup", headers })),
  ],
  [
    "made one that Daybook runs",
    () => call("PUT", "/schedules/backup", { cron: "0 2 * * *", task: { type: "db.backup" } }),
  ],
])(
  "a run under way and its task come to an end when the schedule is %s: nobody could end them later",
  async (_, change) => {
    now = due;
    await checkIn({ state: "started" });
    expect(await tasks()).toMatchObject([{ status: 1 }]);
    now += 60_000;
    await change();
    expect(await tasks()).toMatchObject([{ status: 3, ms: 60_000 }]);
    const { rows } = await server.deps.db.query("select state, reason from schedule_run");
    expect(rows).toEqual([{ state: 6, reason: expect.stringContaining("It was not heard of again: the schedule") }]);
  },
);

test("times that cannot be are refused", async () => {
  for (const payload of [
    { state: "failed", at: "1960-01-01T00:00:00Z" },
    { state: "failed", durationMs: 1e15 },
  ]) {
    const url = "/api/v1/schedules/backup/check-ins";
    const reply = await server.app.inject({ method: "POST", url, headers, payload });
    expect(reply.statusCode, reply.body).toBe(400);
  }
});
