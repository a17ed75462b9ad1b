import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openStand, type Stand, setUpOwner } from "./stand.ts";

/** Three weeks of a public host's auth.log, with the answers known: see the truth.json beside it. */
const sample = fileURLToPath(new URL("../../shared/data/ssh-auth-ec2/auth.log", import.meta.url));

// The sample data lies beside the checkout, not in it; without it there is nothing to look at.
describe.skipIf(chromiumPath === undefined || !existsSync(sample))("a real log in the console", { retry: 1 }, () => {
  let stand: Stand;
  let page: Page;

  beforeAll(async () => {
    stand = await openStand();
    await setUpOwner(stand);
    const imported = await stand.daybook("import", "sshd", sample, "--year", "2017", "--json");
    expect(imported.code).toBe(0);
    page = await stand.openSignedIn();
  });
  afterAll(() => stand.close());

  const caption = () => page.locator(".caption").textContent();

  test("nothing of it is in the last week, and one click shows all of it", async () => {
    await page.goto(`${stand.server.address}/w/main/activity?q=action:auth.login+outcome:failure`);
    await page.getByRole("button", { name: "Show all time" }).click();
    await expect.poll(caption).toContain("1,042 failed");
  });

  test("who got in after trying, from where, is found in three steps", async () => {
    await page.goto(`${stand.server.address}/w/main/activity?range=all&q=action:auth.login+ip:24.151.103.17`);
    await page
      .locator(".facets")
      .getByRole("button", { name: /^success/ })
      .click();
    await expect.poll(caption).toContain("47 events");
    await page.locator("[data-event] .what").first().click();
    await page.locator(".panel h2").waitFor();
    expect(await page.locator(".panel .facts").textContent()).toContain("elastic_user_0");
    await expect.poll(() => page.locator(".proof").getAttribute("data-state")).toBe("verified");
    expect(stand.faults).toEqual([]);
  });
});
