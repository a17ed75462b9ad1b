import { AxeBuilder } from "@axe-core/playwright";
import type { CheckIn, Schedule, ScheduleInput } from "@daybook/contract";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openStand, type Stand, setUpOwner } from "./stand.ts";
import { type Caller, caller } from "./work-api.ts";

describe.skipIf(chromiumPath === undefined)("schedules in the console", { retry: 1 }, () => {
  let stand: Stand;
  let page: Page;
  let call: Caller;

  const set = (name: string, schedule: ScheduleInput) => call<Schedule>("PUT", `/schedules/${name}`, schedule);
  const checkIn = (name: string, said: CheckIn) => call("POST", `/schedules/${name}/check-ins`, said);
  const read = (name: string) => call<Schedule>("GET", `/schedules/${name}`);
  const show = async (path: string, seen: string) => {
    await page.goto(`${stand.server.address}/w/main/${path}`);
    await page.locator(seen).first().waitFor();
  };
  const row = (name: string) => page.locator(`[data-schedule="${name}"]`);
  const isClean = async (name: string) => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(
      violations.map(({ id, nodes }) => `${name}: ${id} ${nodes[0]?.html.slice(0, 160)}`),
      name,
    ).toEqual([]);
  };

  beforeAll(async () => {
    stand = await openStand();
    await setUpOwner(stand);
    call = await caller(stand);
    page = await stand.openSignedIn();
  }, 60_000);
  afterAll(() => stand.close());
  afterEach(() => expect(stand.faults.splice(0)).toEqual([]));

  test("a schedule is made in words that say what its expression means", async () => {
    await show("schedules", ".lens-bar, .state");
    await page.getByRole("button", { name: "New schedule" }).click();
    await page.getByLabel("Name", { exact: true }).fill("nightly-backup");
    const cron = page.getByLabel("Cron expression");
    await cron.fill("61 2 * * *");
    await page.locator(".schedule-form .fault").waitFor();
    await cron.fill("*/2 * * * *");
    await page.getByText("every two minutes").waitFor();
    expect(await page.locator(".next-times li").count()).toBe(10);
    await isClean("the form");
    await page.getByRole("button", { name: "Make the schedule" }).click();
    await row("nightly-backup").waitFor();
    expect(await row("nightly-backup").textContent()).toContain("new");
    expect((await read("nightly-backup")).kind).toBe("monitored");
  });

  test("runs are ticks that say how each went and lead to its output", async () => {
    for (let n = 0; n < 3; n++)
      await checkIn("nightly-backup", { state: "succeeded", durationMs: 900, output: `dumped db-${n}` });
    await checkIn("nightly-backup", { state: "failed", exitCode: 3, durationMs: 400, output: "disk full" });
    await show("schedules", `[data-schedule="nightly-backup"] .tick[data-run=failed]`);
    const ticks = row("nightly-backup").locator("a.tick");
    expect(await ticks.count()).toBe(4);
    expect(await ticks.last().getAttribute("title")).toMatch(/^failed · .* · exit code 3$/);
    expect(await row("nightly-backup").textContent()).toContain("down");
    expect(await row("nightly-backup").textContent()).toContain("75 %");
    await isClean("the list");
    await ticks.last().click();
    await page.locator('.runs [data-aimed="true"]').waitFor();
    expect(await page.locator('.runs [data-aimed="true"]').textContent()).toContain("disk full");
    expect(await page.getByText("daybook run nightly-backup").count()).toBe(1);
    await isClean("the page of one");
  });

  test("what Daybook runs is run now, and its times stay", async () => {
    await set("zones", { cron: "0 4 1 1 *", task: { type: "dns.sync", title: "Sync the zones" } });
    const { nextRunAt } = await read("zones");
    await show("schedules", `[data-schedule="zones"]`);
    await row("zones").getByRole("button", { name: "Run zones now" }).click();
    await expect.poll(async () => (await read("zones")).recentRuns.length).toBe(1);
    expect((await read("zones")).nextRunAt).toBe(nextRunAt);
    await page.goto(`${stand.server.address}/w/main/tasks?schedule=zones`);
    await page.getByText("Sync the zones").waitFor();
  });

  test("a schedule is paused and resumed where it stands", async () => {
    await show("schedules", `[data-schedule="nightly-backup"]`);
    await row("nightly-backup").getByRole("button", { name: "Pause nightly-backup" }).click();
    await row("nightly-backup").getByText("paused").waitFor();
    expect((await read("nightly-backup")).state).toBe("paused");
    await row("nightly-backup").getByRole("button", { name: "Resume nightly-backup" }).click();
    await row("nightly-backup").getByText("down").waitFor();
  });

  test("a schedule is changed on its page, and removed after a question", async () => {
    await show("schedules/zones", ".schedule-title");
    await page.getByRole("button", { name: "Change it" }).click();
    await page.getByLabel("Cron expression").fill("30 4 * * *");
    await page.getByLabel("Time zone", { exact: true }).selectOption("Europe/Amsterdam");
    await page.getByRole("button", { name: "Save" }).click();
    await page.locator(".schedule-figures").getByText("daily at 04:30 Europe/Amsterdam").waitFor();
    expect((await read("zones")).task?.type).toBe("dns.sync");
    await page.getByRole("button", { name: "Remove zones" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove the schedule" }).click();
    await page.locator(`[data-schedule="nightly-backup"]`).waitFor();
    expect(await row("zones").count()).toBe(0);
  });

  test("the next 24 hours have a line for each schedule", async () => {
    await set("hourly", { cron: "0 * * * *" });
    await show("schedules", ".upcoming li");
    const lane = page.locator(".upcoming li", { hasText: "hourly" });
    expect(await lane.getByRole("img").getAttribute("aria-label")).toMatch(/^24 runs, the next at \d\d:00$/);
  });

  test("a workspace of the demo company has every state, and no view is wider than a telephone", async () => {
    const filled = await stand.daybook("demo", "--events", "5000", "--days", "30");
    expect(filled.code, filled.err).toBe(0);
    const before = page;
    for (const [width, colorScheme] of [
      [390, "dark"],
      [1440, "light"],
    ] as const) {
      page = await stand.openSignedIn({ viewport: { width, height: 844 }, colorScheme });
      await page.goto(`${stand.server.address}/w/demo/schedules`);
      for (const state of ["down", "late", "new", "up", "paused"])
        await page.locator(`.state-mark[data-state=${state}]`).first().waitFor();
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      await isClean(`schedules ${width} ${colorScheme}`);
      await page.goto(`${stand.server.address}/w/demo/schedules/invoice-run`);
      await page.locator(".runs > li").first().waitFor();
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      await isClean(`a schedule ${width} ${colorScheme}`);
      await page.context().close();
    }
    page = before;
  }, 120_000);
});
