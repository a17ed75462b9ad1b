import { type ScheduleInput, scheduleInputSchema } from "@daybook/contract";
import { testDeps } from "@daybook/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Deps } from "../deps.ts";
import { followTasks } from "./follow.ts";
import { tellRuns } from "./run-teller.ts";
import { putSchedule } from "./schedule-store.ts";
import { nextTime } from "./schedule-times.ts";
import { tickAll } from "./tick.ts";
import { startWaiting } from "./waiting.ts";

const start = Date.parse("2026-03-10T10:00:30.000Z");
let now = start;
let deps: Deps;
let workspaceId: number;
let close: () => Promise<void>;

beforeAll(async () => {
  const made = await testDeps({ clock: () => now });
  ({ deps, close } = made);
  workspaceId = made.database.workspaceId;
});
afterAll(() => close());
beforeEach(async () => {
  now = start;
  await deps.ownerDb.query("truncate schedule, schedule_run, task, task_text, task_happening");
});

/** Stores a schedule that runs a task. */
async function schedule(name: string, input: Partial<ScheduleInput> = {}): Promise<void> {
  const given = { cron: "* * * * *", task: { type: "db.backup", payload: { of: name } }, ...input };
  const { paused, ...settings } = scheduleInputSchema.parse(given);
  const put = { workspaceId, name, kind: "task", source: "api", settings, paused } as const;
  await putSchedule(deps.db, put, nextTime(settings, now), now);
}

interface Run {
  name: string;
  due: string | null;
  state: number;
  reason: string | null;
  task: string | null;
}

async function runs(name = ""): Promise<Run[]> {
  const { rows } = await deps.db.query<Run>(
    `select run.name, to_char(run.due_at at time zone 'UTC', 'HH24:MI:SS') as due, run.state, run.reason, task.type as task
       from schedule_run as run left join task on task.workspace_id = run.workspace_id and task.id = run.task_id
      where ($1 = '' or run.name = $1) order by run.name, run.due_at`,
    [name],
  );
  return rows;
}

const states = async (name = ""): Promise<string[]> => (await runs(name)).map(({ due, state }) => `${due} ${state}`);

/** Brings the tasks under way to their end, as a worker would. */
async function finishTasks(status: 2 | 3, tookMs = 1_000): Promise<void> {
  const { rows } = await deps.db.query<{ workspace_id: number; id: string; schedule_name: string }>(
    `update task set status = $1::smallint, started_at = $2, finished_at = $3, error = case when $1::smallint = 3 then '{"message": "disk full"}'::jsonb end
      where status < 2 returning workspace_id, id, schedule_name`,
    [status, new Date(now), new Date(now + tookMs)],
  );
  await followTasks(deps.db, rows);
}

test("at its time a schedule makes a run and its task, once, however often anybody looks", async () => {
  await schedule("backup");
  now = start + 30_000;
  expect(await tickAll(deps, now)).toBe(1);
  expect(await tickAll(deps, now)).toBe(0);
  expect(await runs()).toEqual([{ name: "backup", due: "10:01:00", state: 1, reason: null, task: "db.backup" }]);
  const { rows } = await deps.db.query("select title, payload, schedule_name, status from task");
  expect(rows).toEqual([{ title: "backup", payload: { of: "backup" }, schedule_name: "backup", status: 0 }]);
});

test("a clock that goes back runs no time twice, and one that goes ahead catches up", async () => {
  await schedule("sync", { overlap: "allow", catchUp: "all" });
  const clock = [30, 90, 20, 50, 91, 400, 100, 399, 401, 460];
  for (const seconds of clock) await tickAll(deps, start + seconds * 1_000);
  const due = ["10:01:00", "10:02:00", "10:03:00", "10:04:00", "10:05:00", "10:06:00", "10:07:00", "10:08:00"];
  expect((await runs()).map((run) => run.due)).toEqual(due);
});

describe("a server that was down over some times", () => {
  const after = start + 5 * 60_000;

  test("leaves them out: skip", async () => {
    await schedule("a", { catchUp: "skip" });
    await tickAll(deps, after);
    expect(await states()).toEqual(["10:01:00 5", "10:02:00 5", "10:03:00 5", "10:04:00 5", "10:05:00 1"]);
  });

  test("makes up for them with one: once", async () => {
    await schedule("a", { cron: "*/2 * * * *" });
    await tickAll(deps, after + 15_000);
    expect(await states()).toEqual(["10:02:00 5", "10:04:00 1"]);
  });

  test("makes up for each, one after the other: all", async () => {
    await schedule("a", { catchUp: "all" });
    await tickAll(deps, after);
    expect(await states()).toEqual(["10:01:00 1", "10:02:00 0", "10:03:00 0", "10:04:00 0", "10:05:00 5"]);
    for (let round = 0; round < 3; round++) {
      await finishTasks(2);
      expect(await startWaiting(deps, after)).toBe(1);
      expect(await startWaiting(deps, after)).toBe(0);
    }
    await finishTasks(2);
    expect(await states()).toEqual(["10:01:00 2", "10:02:00 2", "10:03:00 2", "10:04:00 2", "10:05:00 5"]);
  });
});

test("a run ends with its task, and one that failed goes on record once", async () => {
  await schedule("a");
  await tickAll(deps, start + 30_000);
  now = start + 31_000;
  await finishTasks(3, 2_500);
  const { rows } = await deps.db.query("select state, reason, duration_ms, finished_at from schedule_run");
  expect(rows).toEqual([{ state: 3, reason: "disk full", duration_ms: 2_500, finished_at: new Date(now + 2_500) }]);
  expect(await tellRuns(deps)).toBe(1);
  expect(await tellRuns(deps)).toBe(0);
  const events = await deps.db.query(
    "select action, target_type, target_id, outcome, details::jsonb->>'error' as error, summary from event",
  );
  expect(events.rows).toEqual([
    ...[{ action: "schedule.run.failed", target_type: "schedule", target_id: "a", outcome: 1, error: "disk full" }].map(
      (event) => ({ ...event, summary: expect.stringContaining("failed") }),
    ),
  ]);
});

test("a run of more than twice the usual time is marked as slow, once there is a usual time", async () => {
  await schedule("a");
  const took = [5_000, 1_000, 1_000, 1_100, 1_200, 2_300, 11_000];
  for (const [index, ms] of took.entries()) {
    await tickAll(deps, start + 30_000 + index * 60_000);
    now = start + 30_000 + index * 60_000;
    await finishTasks(2, ms);
  }
  const { rows } = await deps.db.query<{ slow: boolean }>("select slow from schedule_run order by due_at");
  expect(rows.map(({ slow }) => slow)).toEqual([false, false, false, false, false, false, true]);
});

test("a task that cannot be made fails its own run and no other", async () => {
  await schedule("good");
  // Types of Daybook's own are not for schedules.
  await schedule("bad", { task: { type: "daybook.tasks.batch" } });
  await tickAll(deps, start + 30_000);
  expect(await states("good")).toEqual(["10:01:00 1"]);
  const [bad] = await runs("bad");
  expect(bad).toMatchObject({ state: 3, task: null, reason: expect.stringContaining("could not be made") });
});

test("a schedule whose times cannot be worked out fails alone, and is not tried again and again", async () => {
  await schedule("good");
  await schedule("broken");
  await deps.ownerDb.query("update schedule set settings = settings || '{\"cron\": \"* * *\"}' where name = 'broken'");
  await tickAll(deps, start + 30_000);
  expect(await states("good")).toEqual(["10:01:00 1"]);
  expect(await runs("broken")).toMatchObject([{ state: 3, reason: expect.stringContaining("has 3 fields") }]);
  await tickAll(deps, start + 90_000);
  expect(await states("broken")).toHaveLength(1);
});

test("several servers that tick at once share the work and double nothing", async () => {
  for (let index = 0; index < 40; index++) await schedule(`s${index}`, { cron: "*/10 * * * * *", overlap: "allow" });
  const ticks = [30, 30, 40, 40, 40, 50].map((seconds) => tickAll(deps, start + seconds * 1_000));
  await Promise.all(ticks);
  await tickAll(deps, start + 50_000);
  const { rows } = await deps.db.query<{ runs: number; tasks: number }>(
    "select (select count(*) from schedule_run)::int as runs, (select count(*) from task)::int as tasks",
  );
  expect(rows).toEqual([{ runs: 40 * 5, tasks: 40 * 5 }]);
});

test("ten thousand schedules of the same minute have their runs and tasks in one go", async () => {
  const settings = JSON.stringify(
    scheduleInputSchema.parse({ cron: "* * * * *", task: { type: "db.backup", payload: { a: 1 } } }),
  );
  await deps.ownerDb.query(
    `insert into schedule (workspace_id, name, kind, source, settings, created_at, next_run_at, start_at)
     select $1, 'backup-' || n, 0, 'api', $2, $3, $4, $4 from generate_series(1, 10000) as n`,
    [workspaceId, settings, new Date(start), new Date(start + 30_000)],
  );
  await deps.ownerDb.query("analyze schedule");
  expect(await tickAll(deps, start + 30_000)).toBe(10_000);
  const { rows } = await deps.db.query("select count(*)::int as tasks from task");
  expect(rows).toEqual([{ tasks: 10_000 }]);
});

test("a schedule whose task is none any more fails, and keeps no other from its runs", async () => {
  await schedule("backup");
  await schedule("broken");
  // As rules of an earlier version may have let it in.
  await deps.ownerDb.query(
    `update schedule set settings = jsonb_set(settings, '{task,title}', '"   "') where name = 'broken'`,
  );
  now = start + 30_000;
  await tickAll(deps, now);
  expect(await runs("backup")).toMatchObject([{ state: 1, task: "db.backup" }]);
  expect(await runs("broken")).toMatchObject([{ state: 3, task: null }]);
  expect((await runs("broken"))[0]?.reason).toContain("/title");
});
