import { type FindingStage, findingStage } from "@daybook/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Ticker } from "../../schedules/ticker.ts";
import { tellRound } from "../../tasks/teller.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
let stage: FindingStage;
/** It ticks when it is told to, at the time of the stage. */
let ticker: Ticker;

beforeAll(async () => {
  stage = await findingStage({ role: "api" });
  ticker = new Ticker(stage.deps, { now: stage.now });
});
afterAll(() => stage.close());
beforeEach(async () => {
  await stage.database.ownerDb.query("truncate schedule, schedule_run, task, task_text, task_happening");
});

const put = (name: string, schedule: object) =>
  stage.ask("PUT", `/schedules/${name}`, { cron: "*/5 * * * *", graceSeconds: 60, ...schedule });
const checkIn = (name: string) => stage.ask("POST", `/schedules/${name}/check-ins`, { state: "succeeded" });
/** Findings by code and what they are about. What happened to tasks is told before, as a worker does all the time. */
async function found(): Promise<string[]> {
  await tellRound(stage.deps);
  return (await stage.find()).map(({ code, about }) => (about === undefined ? code : `${code} ${about}`));
}

describe("the ticker", () => {
  test("is found dead when nothing was started although it was due, and alive again when it ticks", async () => {
    await put("sync", { task: { type: "db.sync" }, cron: "* * * * *" });
    await put("report", { task: { type: "db.report" }, cron: "* * * * *" });
    await put("nightly", { cron: "0 0 1 1 *" });
    expect(await found()).toEqual([]);
    stage.advance(3 * minute);
    const [finding] = await stage.find("ticker_dead");
    expect(finding).toMatchObject({ severity: "critical", screens: ["schedules", "tasks"] });
    expect(finding?.found).toMatch(
      /2 schedules of 3 are due and were not looked at, the first for .* \((sync and report|report and sync)\)/,
    );
    expect(finding?.command).toContain("daybook start --role worker");
    await ticker.round();
    expect(await stage.find("ticker_dead")).toEqual([]);
  });

  test("is found dead by monitored schedules alone", async () => {
    await put("backup", {});
    stage.advance(15 * minute);
    expect(await found()).toEqual(["ticker_dead"]);
    await ticker.round();
    expect(await found()).toEqual(["schedule_never_ran backup"]);
  });
});

describe("a schedule that never ran", () => {
  test("because nothing checks in has the line for the crontab, until something does", async () => {
    await put("nightly-backup", { cron: "*/5 * * * *", timeZone: "Europe/Berlin" });
    expect(await found()).toEqual([]);
    stage.advance(20 * minute);
    await ticker.round();
    const [finding] = await stage.find("schedule_never_ran");
    expect(finding).toMatchObject({ about: "nightly-backup", severity: "warning", link: "/schedules/nightly-backup" });
    expect(finding?.found).toMatch(
      /It was made 20 minutes ago, at .* It has been due [34] times and nothing has checked in\. It is due next at/,
    );
    expect(finding?.command).toBe(
      "CRON_TZ=Europe/Berlin\n*/5 * * * * daybook run nightly-backup -- /path/to/your/command",
    );
    await checkIn("nightly-backup");
    expect(await found()).toEqual([]);
  });

  test("because Daybook does not run its type says so, until the panel reports it", async () => {
    await put("usage", { task: { type: "usage.collect" }, cron: "0 * * * *" });
    stage.advance(60 * minute);
    await ticker.round();
    stage.advance(2 * minute);
    const [finding] = await stage.find("schedule_never_ran");
    expect(finding?.found).toContain("Its task (type usage.collect) was made");
    expect(finding?.found).toContain("Daybook runs no tasks of this type");
    expect(finding?.mend).toContain("/task-types/usage.collect");
    const { items } = await stage.ask<{ items: { id: string }[] }>("GET", "/tasks?schedule=usage");
    await stage.ask("PATCH", `/tasks/${items[0]?.id}`, { status: "running" });
    expect(await found()).toEqual([]);
  });

  test("because it is paused or was not due yet is no fault", async () => {
    await put("yearly", { cron: "0 0 1 1 *" });
    await put("off", { paused: true });
    stage.advance(day);
    await ticker.round();
    expect(await found()).toEqual([]);
  });
});

describe("monitored schedules that ran", () => {
  test("one that is missed is down, and up again with its next check-in", async () => {
    await put("a", {});
    await put("b", {});
    await checkIn("a");
    await checkIn("b");
    stage.advance(12 * minute);
    await checkIn("b");
    await ticker.round();
    const [finding] = await stage.find("schedule_down");
    expect(await found()).toEqual(["schedule_down a"]);
    expect(finding?.found).toMatch(/It was missed [12] times? in a row\. It last ran 12 minutes ago/);
    expect(finding?.command).toBe("*/5 * * * * daybook run a -- /path/to/your/command");
    await checkIn("a");
    expect(await found()).toEqual([]);
  });

  test("all of which are missed are one finding: the cron, until one checks in", async () => {
    for (const name of ["a", "b", "c"]) {
      await put(name, {});
      await checkIn(name);
    }
    await put("new", {});
    stage.advance(12 * minute);
    await ticker.round();
    const [finding] = await stage.find("cron_silent");
    expect(await found()).toEqual(["cron_silent"]);
    expect(finding?.found).toMatch(
      /4 schedules did not check in when they were due: a, b, c and 1 more\. The last check-in of any came at/,
    );
    expect(finding?.command?.split("\n")).toHaveLength(4);
    await checkIn("b");
    expect(await found()).toEqual(["schedule_never_ran new", "schedule_down a", "schedule_down c"]);
  });

  test("one that fails three times in a row is down", async () => {
    await put("backup", { cron: "* * * * *" });
    for (let run = 0; run < 3; run++) {
      expect(await found()).toEqual([]);
      await stage.ask("POST", "/schedules/backup/check-ins", { state: "failed", exitCode: 2, output: "disk full" });
      stage.advance(minute);
    }
    const [finding] = await stage.find("schedule_down");
    expect(finding).toMatchObject({ title: "backup fails each time", found: expect.stringContaining("Exit code 2") });
    // While the next run is under way nothing is known to be better.
    await stage.ask("POST", "/schedules/backup/check-ins", { state: "started" });
    expect(await found()).toEqual(["schedule_down backup"]);
    await checkIn("backup");
    expect(await found()).toEqual([]);
  });
});
