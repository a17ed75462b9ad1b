import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type MailStand, openMailStand } from "./mail-stand.ts";
import { chromiumPath } from "./stand.ts";

// In the order of one sitting: each test goes on from where the one before ended.
describe.skipIf(chromiumPath === undefined)("addresses of mail in the console", () => {
  let on: MailStand;
  let page: Page;

  beforeAll(async () => {
    on = await openMailStand();
    page = on.page;
  }, 60_000);
  afterAll(() => on.close());
  afterEach(() => expect(on.stand.faults.splice(0)).toEqual([]));

  test("the page of an address says why it got nothing, and lets it get mail again", async () => {
    const first = await on.send({ to: "gone@north.example", subject: "First" });
    await on.settled(first.id, "bounced");
    const second = await on.send({ to: "gone@north.example", subject: "Second" });
    await on.settled(second.id, "suppressed");
    await on.show(`mail-log?mail=${second.id}`, ".mail-head");
    await on.panel().getByRole("link", { name: "gone@north.example" }).first().click();
    const answer = page.locator(".address-answer p");
    await answer.waitFor();
    expect(await answer.textContent()).toMatch(/suppression list/);
    expect(await page.getByRole("region", { name: "Suppression" }).textContent()).toContain("came back for good");
    await on.row(first.id).waitFor();
    await on.row(second.id).waitFor();
    await on.isClean("the page of an address");
    await page.getByRole("button", { name: "Reactivate gone@north.example" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Reactivate" }).click();
    await page.getByRole("region", { name: "Suppression" }).waitFor({ state: "detached" });
  });

  test("an address is put on the suppression list by hand, found there and taken off it", async () => {
    await on.show("mail-suppressions", ".state");
    await page.getByRole("button", { name: "Add an address" }).click();
    await page.getByLabel("Address", { exact: true }).fill("Never@South.example");
    await page.getByLabel("Why").fill("asked on the phone");
    await page.getByRole("button", { name: "Send nothing to it" }).click();
    const line = page.locator('[data-address="never@south.example"]');
    await line.waitFor();
    expect(await line.textContent()).toContain("put on the list by hand by Dana Whitfield");
    const { id } = await on.send({ to: "never@south.example" });
    await on.settled(id, "suppressed");
    await page.locator("#suppression-search").fill("nobody");
    await page.getByText("No address on the list fits.").waitFor();
    await page.locator("#suppression-search").fill("phone");
    await line.waitFor();
    await on.isClean("the suppression list");
    await line.getByRole("button", { name: /^Reactivate/ }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Reactivate" }).click();
    await line.waitFor({ state: "detached" });
  });
});
