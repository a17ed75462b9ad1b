import { setTimeout as sleep } from "node:timers/promises";
import { signedInClient, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startWork, type Work } from "../app.ts";
import { HouseKeeping } from "./house-keeping.ts";
import { tellRuns } from "./run-teller.ts";

let now = Date.parse("2026-03-10T01:00:10.000Z");
const start = now;
let server: TestApp;
let work: Work | undefined;

beforeAll(async () => {
  server = await testApp({ clock: () => now });
});
afterAll(() => server.close());
beforeEach(async () => {
  now = start;
  await server.deps.ownerDb.query("truncate schedule, schedule_run");
});
afterEach(async () => {
  await work?.stop();
  work = undefined;
});

const call = async (method: "GET" | "POST" | "PATCH" | "DELETE", path: string, body?: object) => {
  const owner = await signedInClient(server);
  return owner.request(method, path, body);
};

const tidy = { name: "tidy up", run: async () => {} };

test("a round is a run of its schedule, with duration, state and next time", async () => {
  const keeping = new HouseKeeping(server.deps);
  await keeping.watch({ name: "tidy up", run: () => sleep(30) });
  const schedule = (await call("GET", "/schedules/daybook.tidy-up")).json();
  expect(schedule).toMatchObject({
    ...{ kind: "builtin", source: "builtin", state: "up", description: "House-keeping of Daybook: tidy up." },
    nextRunAt: "2026-03-10T01:01:00.000Z",
    lastRun: { state: "succeeded", dueAt: "2026-03-10T01:00:00.000Z" },
  });
  expect(schedule.lastRun.durationMs).toBeGreaterThanOrEqual(25);
  now += 10 * 60_000;
  expect((await call("GET", "/schedules/daybook.tidy-up")).json().state).toBe("down");
});

test("rounds of several servers in one minute are one run, and of rounds every second one a minute is kept", async () => {
  const servers = [new HouseKeeping(server.deps), new HouseKeeping(server.deps)];
  for (let round = 0; round < 3; round++) for (const keeping of servers) await keeping.watch(tidy);
  const { rows } = await server.deps.db.query("select state from schedule_run");
  expect(rows).toEqual([{ state: 2 }]);
});

test("a round that failed is seen, thrown on, and told once however often it fails", async () => {
  const keeping = new HouseKeeping(server.deps);
  await keeping.watch(tidy);
  const broken = { name: "tidy up", run: () => Promise.reject(new Error("disk full")) };
  for (let minute = 0; minute < 3; minute++) {
    await expect(keeping.watch(broken)).rejects.toThrow("disk full");
    now += 60_000;
  }
  const { rows } = await server.deps.db.query("select state, reason from schedule_run order by due_at");
  expect(rows).toEqual(Array(3).fill({ state: 3, reason: "disk full" }));
  expect(await tellRuns(server.deps)).toBe(1);
});

test("the last two hundred runs are kept", async () => {
  const keeping = new HouseKeeping(server.deps);
  await server.deps.ownerDb.query(
    `insert into schedule_run (workspace_id, id, name, due_at, state, created_at)
     select $1, gen_random_uuid(), 'daybook.tidy-up', at, 2, at from generate_series($2::timestamptz, $2::timestamptz + interval '500 minutes', '1 minute') as at`,
    [server.workspaceId, new Date(start - 86_400_000)],
  );
  for (let minute = 0; minute < 20; minute++) {
    now += 60_000;
    await keeping.watch({ name: "tidy up", run: () => Promise.reject(new Error("x")) }).catch(() => {});
  }
  const { rows } = await server.deps.db.query("select count(*)::int as kept from schedule_run");
  expect(rows).toEqual([{ kept: 200 }]);
});

test("house-keeping can be run now, and neither paused nor deleted", async () => {
  const keeping = new HouseKeeping(server.deps);
  let count = 0;
  await keeping.watch({ name: "tidy up", run: async () => void count++ });
  const asked = await call("POST", "/schedules/daybook.tidy-up/runs");
  expect(asked.json()).toMatchObject({ state: "waiting" });
  // Another server does not know the chore, and leaves it.
  await new HouseKeeping(server.deps).runRequested();
  expect(count).toBe(1);
  await keeping.runRequested();
  await keeping.runRequested();
  expect(count).toBe(2);
  const runs = (await call("GET", "/schedules/daybook.tidy-up/runs")).json().items;
  expect(runs.map((run: { state: string }) => run.state)).toEqual(["succeeded", "succeeded"]);
  for (const refused of [
    await call("PATCH", "/schedules/daybook.tidy-up", { paused: true }),
    await call("DELETE", "/schedules/daybook.tidy-up"),
  ])
    expect(refused.json()).toMatchObject({ status: 409, code: "schedule_read_only" });
});

test("a server shows all of its house-keeping, and runs it when asked", async () => {
  work = await startWork(server.deps);
  const names = async (): Promise<string[]> =>
    (await call("GET", "/schedules")).json().items.map((item: { name: string }) => item.name);
  const wanted = [
    ...["daybook.create-partitions", "daybook.seal-past-partitions", "daybook.split-the-hot-partition"],
    ...["daybook.sign-the-logs", "daybook.merge-new-terms", "daybook.count-by-actor-target-and-address"],
    ...["daybook.forget-old-sessions-and-failures", "daybook.forget-old-viewer-tokens"],
  ];
  const missing = async (): Promise<string[]> => {
    const there = await names();
    return wanted.filter((name) => !there.includes(name));
  };
  for (let tries = 0; tries < 100 && (await missing()).length > 0; tries++) await sleep(100);
  expect(await missing()).toEqual([]);
  await call("POST", "/schedules/daybook.sign-the-logs/runs");
  const state = async (): Promise<string> =>
    (await call("GET", "/schedules/daybook.sign-the-logs/runs")).json().items[0].state;
  for (let tries = 0; tries < 100 && (await state()) !== "succeeded"; tries++) await sleep(50);
  expect(await state()).toBe("succeeded");
});
