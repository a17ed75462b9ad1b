import { taskStatuses } from "@daybook/contract";
import { testDeps } from "@daybook/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Deps } from "../../deps.ts";
import { toSchedule } from "../../schedules/schedule-row.ts";
import { listSchedules } from "../../schedules/schedule-store.ts";
import { listTasks } from "../../tasks/task-list.ts";
import { tellRound } from "../../tasks/teller.ts";
import { storyDefaults } from "../story.ts";
import { fillSchedules } from "./fill-schedules.ts";
import { fillWork, hasWork } from "./fill-work.ts";

const nowMs = Date.parse("2026-11-20T10:21:00Z");
const story = { ...storyDefaults, days: 30, events: 5_000, untilMs: nowMs };
const workspace = { id: 1, seed: story.seed, story };

let deps: Deps;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ deps, close } = await testDeps({ clock: () => nowMs }));
  expect(await hasWork(deps.db, workspace.id)).toBe(false);
  await fillWork(deps, workspace);
  await fillSchedules(deps, workspace);
}, 60_000);
afterAll(() => close());

const find = (filter: object) => listTasks(deps.db, workspace.id, { filter, limit: 200, usual: new Map(), nowMs });

describe("the work of the demo company", () => {
  it("has tasks in every state, with lines, reasons and second attempts", async () => {
    expect(await hasWork(deps.db, workspace.id)).toBe(true);
    for (const status of taskStatuses) expect((await find({ status })).rows.length, status).toBeGreaterThan(0);
    const failed = (await find({ status: "failed", type: "instance.*" })).rows;
    expect(failed.every((row) => row.error !== null && row.line_count > 0)).toBe(true);
    expect(failed.some((row) => row.attempt > 1)).toBe(true);
  });

  it("has one that hangs, and says where", async () => {
    const stuck = (await find({ status: "running" })).rows.filter((row) => /hypervisor/.test(row.last_line ?? ""));
    expect(stuck).toHaveLength(1);
    expect(nowMs - Number(stuck[0]?.started_at)).toBeGreaterThan(6 * 3_600_000);
  });

  it("has schedules up, late, down, paused and new, with twenty runs", async () => {
    const rows = await listSchedules(deps.db, workspace.id, { limit: 100 }, nowMs);
    const schedules = rows.map((row) => toSchedule(row, nowMs, true));
    expect(new Set(schedules.map((each) => each.state))).toEqual(new Set(["up", "late", "down", "paused", "new"]));
    const backup = schedules.find((each) => each.name === "nightly-backup");
    expect(backup?.recentRuns).toHaveLength(20);
    expect(backup?.recentRuns.some((run) => run.slow)).toBe(true);
    expect(backup?.recentRuns.some((run) => run.state === "failed")).toBe(true);
  });

  it("is in the log, each step as an event", async () => {
    while ((await tellRound(deps)) > 0);
    const { rows } = await deps.ownerDb.query<{ action: string }>(
      "select distinct action from event where workspace_id = $1 and action like 'task.%'",
      [workspace.id],
    );
    const actions = rows.map((row) => row.action);
    for (const step of ["created", "started", "completed", "failed", "cancelled", "retried"])
      expect(actions).toContain(`task.${step}`);
  });
});
