import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { scheduleInputSchema } from "@daybook/contract";
import { type RunningDaybook, startDaybook, type TestDatabase, testDatabase } from "@daybook/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

const data = mkdtempSync(join(tmpdir(), "daybook-servers-"));
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database.close();
  rmSync(data, { recursive: true, force: true });
});
beforeEach(async () => {
  await database.ownerDb.query("truncate schedule, schedule_run, task, task_text, task_happening");
});

/** A server that works in the background, as a process of its own. */
const startWorker = (): Promise<RunningDaybook> =>
  startDaybook({
    env: { DATABASE_URL: database.url, DAYBOOK_DATA: data, DAYBOOK_ROLE: "worker" },
    ready: /(works in the background)/,
  });

async function addSchedules(count: number, input: object, name = "s"): Promise<void> {
  const settings = JSON.stringify(scheduleInputSchema.parse({ cron: "* * * * * *", task: { type: "x.y" }, ...input }));
  await database.ownerDb.query(
    `insert into schedule (workspace_id, name, kind, source, settings, created_at, next_run_at, start_at)
     select $1, $4 || n, 0, 'api', $2, now(), date_trunc('second', now()) + interval '1 second', date_trunc('second', now()) + interval '1 second'
       from generate_series(1, $3::int) as n`,
    [database.workspaceId, settings, count, name],
  );
}

/** Of each schedule: how many runs it has, and how many seconds lie between the first and the last. */
async function spans(): Promise<{ runs: number; seconds: number; tasks: number }[]> {
  const { rows } = await database.ownerDb.query(
    `select count(*)::int as runs, (extract(epoch from max(due_at) - min(due_at)) + 1)::int as seconds,
            count(task.id)::int as tasks
       from schedule_run as run left join task on task.workspace_id = run.workspace_id and task.id = run.task_id
      where run.name like 's%' group by run.name`,
  );
  return rows;
}

async function latest(): Promise<number> {
  const { rows } = await database.ownerDb.query<{ at: Date | null }>("select max(due_at) as at from schedule_run");
  return rows[0]?.at?.getTime() ?? 0;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds()); await sleep(100))
    if (Date.now() > end) throw new Error(`it did not come to this: ${what}`);
}

test("two servers and 500 schedules of every second: each time has one run and one task, though a server is killed", async () => {
  const [one, two] = await Promise.all([startWorker(), startWorker()]);
  await addSchedules(500, { overlap: "allow", catchUp: "all" });
  const began = Date.now();
  await until("some seconds are ticked", async () => (await latest()) > began + 3_000);
  await one.kill();
  const killed = Date.now();
  await until("the other goes on", async () => (await latest()) > killed + 3_000);
  const again = await startWorker();
  await sleep(2_000);
  // What is due by now is worked off before they stop.
  await database.ownerDb.query("update schedule set start_at = null where start_at > now()");
  await sleep(1_000);
  await Promise.all([two.stop(), again.stop()]);

  const found = await spans();
  expect(found).toHaveLength(500);
  for (const { runs, seconds, tasks } of found) {
    expect(runs).toBe(seconds);
    expect(tasks).toBe(runs);
    expect(runs).toBeGreaterThanOrEqual(6);
  }
  const { rows } = await database.ownerDb.query(
    "select count(*)::int as tasks from task where schedule_name like 's%'",
  );
  expect(rows[0]).toEqual({ tasks: found.reduce((sum, { runs }) => sum + runs, 0) });
});

test("a server that was killed and comes back follows the catch-up policy", async () => {
  const first = await startWorker();
  for (const catchUp of ["once", "skip", "all"]) await addSchedules(1, { cron: "* * * * *", catchUp }, catchUp);
  await first.kill();
  // As if it had been down since a quarter of an hour: with the database's clock, only the schedule can be moved.
  const { rows } = await database.ownerDb.query<{ minute: Date }>(
    `update schedule set next_run_at = date_trunc('minute', now()) - interval '15 minutes',
       start_at = date_trunc('minute', now()) - interval '15 minutes' where kind = 0 returning next_run_at as minute`,
  );
  await database.ownerDb.query("delete from schedule_run");
  const second = await startWorker();
  const states = async (name: string): Promise<Record<number, number>> => {
    const found = await database.ownerDb.query<{ state: number; count: number }>(
      "select state, count(*)::int as count from schedule_run where name = $1 and due_at < $2::timestamptz + interval '15 minutes' group by state",
      [name, rows[0]?.minute],
    );
    return Object.fromEntries(found.rows.map(({ state, count }) => [state, count]));
  };
  await until("all are considered", async () => {
    const left = await database.ownerDb.query("select from schedule where kind = 0 and start_at < now()");
    return left.rowCount === 0;
  });
  await second.stop();
  // The run of this minute is in time, and does for the others.
  expect(await states("once1")).toEqual({ 5: 15 });
  expect(await states("skip1")).toEqual({ 5: 15 });
  expect(await states("all1")).toEqual({ 1: 1, 0: 14 });
});
