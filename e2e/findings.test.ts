import { AxeBuilder } from "@axe-core/playwright";
import type { Finding } from "@daybook/contract";
import {
  type RunningDaybook,
  startDaybook,
  type TestDatabase,
  temporaryDirectory,
  testDatabase,
} from "@daybook/testkit";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openStand, type Stand, setUpOwner } from "./stand.ts";
import { type Caller, caller } from "./work-api.ts";

describe.skipIf(chromiumPath === undefined)("findings in the console", { retry: 0 }, () => {
  let database: TestDatabase;
  let stand: Stand;
  let call: Caller;
  let worker: RunningDaybook | undefined;

  beforeAll(async () => {
    database = await testDatabase();
    stand = await openStand(chromiumPath, { DATABASE_URL: database.url, DAYBOOK_ROLE: "api" });
    await setUpOwner(stand);
    call = await caller(stand);
  }, 60_000);
  afterAll(async () => {
    await worker?.stop();
    await stand.close();
    await database.close();
  });

  const codes = async (): Promise<string[]> =>
    (await call<{ items: Finding[] }>("GET", "/health/findings")).items.map(({ code }) => code);

  async function show(page: Page, screen: string) {
    await page.goto(`${stand.server.address}/w/main/${screen}`);
    const banner = page.getByRole("region", { name: "Findings" }).locator("details");
    await banner.first().waitFor();
    return banner;
  }

  test("without a worker both screens say so with the command that mends it, until one is there", async () => {
    expect(await codes()).toEqual([]);
    await call("POST", "/task-batches", { act: "retry", filter: { node: "hv-none" } });
    await expect.poll(codes, { timeout: 30_000, interval: 1_000 }).toEqual(["no_worker"]);

    for (const [width, colorScheme] of [[1440, "light"] as const, [390, "dark"] as const]) {
      const page = await stand.openSignedIn({ viewport: { width, height: 900 }, colorScheme });
      for (const screen of ["tasks", "schedules"]) {
        const banner = await show(page, screen);
        expect(await banner.count()).toBe(1);
        expect(await banner.locator("summary").textContent()).toMatch(
          /No worker is alive[\s\S]*1 task waits, the oldest for \d+ s/,
        );
        await banner.locator("summary").click();
        await banner.getByText("started with the role api").waitFor();
        expect(await banner.locator("pre").textContent()).toContain("systemctl start daybook-worker");
        const { violations } = await new AxeBuilder({ page }).include(".findings").analyze();
        expect(
          violations.map(({ id }) => id),
          `${screen} at ${width}`,
        ).toEqual([]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overflow, `${screen} at ${width} px is too wide`).toBeLessThanOrEqual(0);
      }
      await page.context().close();
    }

    const page = await stand.openSignedIn();
    const banner = await show(page, "tasks");
    const env = { DATABASE_URL: database.url, DAYBOOK_DATA: temporaryDirectory(), DAYBOOK_ROLE: "worker" };
    worker = await startDaybook({ env, ready: /(works in the background)/ });
    await banner.first().waitFor({ state: "detached", timeout: 40_000 });
    expect(await codes()).toEqual([]);
    expect(stand.faults).toEqual([]);
  }, 120_000);
});
