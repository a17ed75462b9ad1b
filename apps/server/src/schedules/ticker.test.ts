import { setTimeout as sleep } from "node:timers/promises";
import { type ScheduleInput, scheduleInputSchema } from "@daybook/contract";
import { testDeps } from "@daybook/testkit";
import pino from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Deps } from "../deps.ts";
import { putSchedule } from "./schedule-store.ts";
import { nextTime } from "./schedule-times.ts";
import { Ticker } from "./ticker.ts";

let deps: Deps;
let workspaceId: number;
let close: () => Promise<void>;
let ticker: Ticker | undefined;

beforeAll(async () => {
  const made = await testDeps();
  ({ deps, close } = made);
  workspaceId = made.database.workspaceId;
});
afterAll(() => close());
beforeEach(async () => {
  await deps.ownerDb.query("truncate schedule, schedule_run, task, task_text, task_happening");
});
afterEach(() => ticker?.stop());

async function schedule(name: string, input: Partial<ScheduleInput> = {}): Promise<void> {
  const { paused, ...settings } = scheduleInputSchema.parse({ cron: "* * * * * *", ...input });
  const kind = settings.task === undefined ? "monitored" : "task";
  const put = { workspaceId, name, kind, source: "api", settings, paused } as const;
  await putSchedule(deps.db, put, nextTime(settings, Date.now()), Date.now());
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; !(await holds()); await sleep(25))
    if (Date.now() > end) throw new Error("it did not come to this");
}

const count = async (where: string): Promise<number> => {
  const { rows } = await deps.db.query<{ count: number }>(
    `select count(*)::int as count from schedule_run where ${where}`,
  );
  return rows[0]?.count ?? 0;
};

test("it wakes for each time, and for a schedule that is made meanwhile", async () => {
  ticker = new Ticker(deps);
  await ticker.start();
  await sleep(300);
  await schedule("often", { task: { type: "x.y" }, overlap: "allow" });
  await until(async () => (await count("state = 1")) >= 3);
  const { rows } = await deps.db.query<{ late: number }>(
    "select extract(epoch from created_at - due_at)::float8 as late from schedule_run",
  );
  // The machine may be busy; a ticker that only looked every second would be half a second late on average.
  const late = rows.map((row) => row.late).sort((a, b) => a - b);
  expect(late[0]).toBeGreaterThanOrEqual(0);
  expect(late[0]).toBeLessThan(0.4);
});

test("a missed check-in is noted and put on record without anybody asking", async () => {
  await schedule("monitored", { cron: "* * * * * *", graceSeconds: 1 });
  ticker = new Ticker(deps);
  await ticker.start();
  const told = async (): Promise<boolean> => {
    const { rows } = await deps.db.query("select from event where action = 'schedule.run.missed'");
    return rows.length >= 2;
  };
  await until(told);
  expect(await count("state = 4")).toBeGreaterThanOrEqual(2);
});

test("a run whose task ended while nobody followed is seen within seconds", async () => {
  await schedule("once", { cron: "* * * * * *", task: { type: "x.y" } });
  ticker = new Ticker(deps);
  await ticker.start();
  await until(async () => (await count("state = 1")) === 1);
  await deps.db.query("update task set status = 2, started_at = now(), finished_at = now()");
  await until(async () => (await count("state = 2")) >= 1);
});

test("a clock of this machine that is wrong is said, and changes nothing: times are those of the database", async () => {
  const lines: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void lines.push(line) });
  const real = Date.now;
  // Only what the ticker reads is wrong: this process has one clock.
  Date.now = () => real() + 3_600_000;
  try {
    ticker = new Ticker({ ...deps, log });
    await ticker.round();
    await ticker.round();
  } finally {
    Date.now = real;
  }
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
    "the clock of this machine differs from the database's; schedules follow the latter",
  ]);
});
