import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Task } from "@daybook/contract";
import {
  type FindingStage,
  findingStage,
  type RunningDaybook,
  startDaybook,
  temporaryDirectory,
} from "@daybook/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { endpointCall } from "../../tasks/callback/call-endpoint.ts";
import { defineTask } from "../../tasks/define-task.ts";
import { startTasks } from "../../tasks/start-tasks.ts";

let stage: FindingStage;

beforeAll(async () => {
  stage = await findingStage({ role: "api" });
  stage.deps.tasks.types.define(defineTask("test.render", z.object({}), async () => {}));
});
afterAll(() => stage.close());

/** A task that Daybook itself runs. */
const makeTask = () => stage.ask("POST", "/task-batches", { act: "retry", filter: { node: "hv-none" } });

const startWorkerHere = () => startTasks({ ...stage.deps, version: "test", callEndpoint: endpointCall(stage.deps) });

/** A worker as a process of its own, as an operator starts it; its clock is off by so much. */
function startWorkerProcess(clockAheadMs = 0, settings: Record<string, string> = {}): Promise<RunningDaybook> {
  const shift = `const now=Date.now;Date.now=()=>now()+${clockAheadMs}`;
  return startDaybook({
    env: {
      DATABASE_URL: stage.database.url,
      DAYBOOK_DATA: temporaryDirectory(),
      DAYBOOK_ROLE: "worker",
      ...settings,
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(shift)}`,
    },
    ready: /works in the background/,
  });
}

async function untilAlive(): Promise<void> {
  await expect
    .poll(async () => (await stage.deps.db.query("select from task_worker")).rowCount, { timeout: 20_000 })
    .toBeGreaterThan(0);
}

describe("without a worker", () => {
  test("waiting tasks are found with how long they wait and how to start one, until one runs them", async () => {
    expect(await stage.find()).toEqual([]);
    await makeTask();
    expect(await stage.find("no_worker")).toEqual([]);
    stage.advance(3 * 60_000);
    const [finding] = await stage.find("no_worker");
    expect(finding).toMatchObject({ severity: "critical", screens: ["tasks", "schedules"] });
    expect(finding?.found).toMatch(/1 task waits, the oldest for 3 minutes \(daybook\.task-batch\)/);
    expect(finding?.found).toContain("No worker is registered: none was started");
    expect(finding?.mend).toContain("started with the role api");
    expect(finding?.command).toContain("systemctl start daybook-worker");
    expect(finding?.command).toContain("daybook start --role worker");

    const work = await startWorkerHere();
    await expect.poll(() => stage.find("no_worker"), { timeout: 10_000 }).toEqual([]);
    stage.advance(-3 * 60_000);
    await expect
      .poll(async () => (await stage.ask<{ items: { status: string }[] }>("GET", "/tasks")).items[0]?.status, {
        timeout: 10_000,
      })
      .toBe("completed");
    await work.stop();
    await makeTask();
    stage.advance(60_000);
    const [again] = await stage.find("no_worker");
    expect(again?.found).toMatch(/No worker is registered: the last one was stopped; the last sign of it is of \d{4}-/);
    stage.advance(-60_000);
  });

  test("the log falls behind on tasks until a worker tells it", async () => {
    await makeTask();
    expect(await stage.find("teller_behind")).toEqual([]);
    stage.advance(70_000);
    const [finding] = await stage.find("teller_behind");
    expect(finding).toMatchObject({ severity: "warning", command: expect.stringContaining("start daybook-worker") });
    expect(finding?.found).toMatch(/changes? of tasks (is|are) not in the log yet/);
    stage.advance(20 * 60_000);
    expect((await stage.find("teller_behind"))[0]?.severity).toBe("critical");
    const work = await startWorkerHere();
    await expect.poll(() => stage.find("teller_behind"), { timeout: 10_000 }).toEqual([]);
    await work.stop();
    stage.advance(-20 * 60_000 - 70_000);
  });
});

describe("a worker process", () => {
  test("that was stopped leaves Daybook's own house-keeping undone, which is found until one is there", async () => {
    await stage.deps.db.query("update task set status = 4 where status = 0");
    const worker = await startWorkerProcess();
    const chores = async () => (await stage.deps.db.query("select from schedule where kind = 2")).rowCount;
    await expect.poll(chores, { timeout: 20_000 }).toBeGreaterThan(0);
    await worker.stop();
    expect(await stage.find("no_worker")).toEqual([]);
    await stage.database.ownerDb.query("update schedule set next_run_at = next_run_at - interval '10 minutes'");
    const [finding] = await stage.find("no_worker");
    expect(finding).toMatchObject({ severity: "warning" });
    expect(finding?.found).toMatch(/house-keeping .* has been due since .*, for (9|10) minutes/);
    const work = await startWorkerHere();
    expect(await stage.find("no_worker")).toEqual([]);
    await work.stop();
  });

  test("that was killed with a task in its hands is found, until another one gives the task back", async () => {
    const commands = join(temporaryDirectory(), "commands.json");
    writeFileSync(commands, JSON.stringify({ "test.sleep": { command: ["sleep", "30"], idempotent: true } }));
    stage.deps.tasks.types.define(defineTask("test.sleep", z.unknown(), async () => {}, { idempotent: true }));
    const worker = await startWorkerProcess(0, { DAYBOOK_COMMANDS_FILE: commands });
    const { id } = await stage.ask<Task>("POST", "/tasks", { type: "test.sleep" });
    const status = async () => (await stage.ask<Task>("GET", `/tasks/${id}`)).status;
    await expect.poll(status, { timeout: 20_000 }).toBe("running");
    await worker.kill();
    await stage.deps.db.query("update task set heartbeat_at = heartbeat_at - interval '40 s' where id = $1", [id]);
    await stage.deps.db.query("update task_worker set seen_at = seen_at - interval '40 s'");
    const [finding] = await stage.find("no_worker");
    expect(finding?.found).toMatch(
      /^1 running task belongs to a worker that was last heard of at .* The last heartbeat came/,
    );
    expect(await stage.find("task_stuck")).toEqual([]);
    const work = await startWorkerHere();
    await expect.poll(status, { timeout: 20_000 }).toBe("completed");
    expect(await stage.find("no_worker")).toEqual([]);
    await work.stop();
    await stage.deps.db.query("delete from task_worker");
  });

  test("that was killed is found with its last heartbeat, until another one is alive", async () => {
    const worker = await startWorkerProcess();
    await untilAlive();
    await worker.kill();
    await makeTask();
    stage.advance(40_000);
    const [finding] = await stage.find("no_worker");
    expect(finding?.found).toMatch(
      /The last heartbeat came at \d{4}-\S+ \S+ UTC from \S+:\d+:\w+, which ended without/,
    );
    const work = await startWorkerHere();
    await expect.poll(() => stage.find("no_worker"), { timeout: 10_000 }).toEqual([]);
    stage.advance(-40_000);
    await work.stop();
    await stage.deps.db.query("delete from task_worker");
  });

  test("that does not know a type leaves its tasks, which is found until one does; so is its wrong clock", async () => {
    const worker = await startWorkerProcess(5_000);
    await untilAlive();
    await stage.ask("POST", "/tasks", { type: "test.render", payload: {} });
    const [skew] = await stage.find("clock_skew");
    expect(skew).toMatchObject({
      severity: "warning",
      found: expect.stringMatching(/It is (4\.9|5\.0|5\.1) s ahead of/),
    });
    stage.advance(15_000);
    const [finding] = await stage.find("handler_missing");
    expect(finding).toMatchObject({
      about: "test.render",
      severity: "critical",
      link: "/tasks?status=pending&type=test.render",
    });
    expect(finding?.found).toMatch(
      /1 task waits, .*1 worker is alive and take daybook\.mail_delivery and daybook\.task-batch/,
    );
    expect(await stage.find("no_worker")).toEqual([]);
    stage.advance(-15_000);
    await worker.stop();

    const work = await startWorkerHere();
    stage.advance(15_000);
    await expect.poll(() => stage.find("handler_missing"), { timeout: 10_000 }).toEqual([]);
    expect(await stage.find("clock_skew")).toEqual([]);
    stage.advance(-15_000);
    await work.stop();
  });
});
