import { readFile } from "node:fs/promises";
import { totpCode } from "@daybook/server/access/totp.ts";
import { type TestDatabase, testDatabase } from "@daybook/testkit";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openStand, owner, type Stand, setUpOwner } from "./stand.ts";

const sam = { name: "Sam Ortiz", email: "sam@acme.example", password: "eleven boats on the canal" };

// In the order of one sitting: each test goes on from where the one before ended.
describe.skipIf(chromiumPath === undefined)("team, roles and workspaces", () => {
  let database: TestDatabase;
  let stand: Stand;
  let page: Page;
  let samsPage: Page;

  beforeAll(async () => {
    database = await testDatabase();
    stand = await openStand(chromiumPath, { DATABASE_URL: database.url });
    await setUpOwner(stand);
    page = await stand.openSignedIn();
    samsPage = await stand.open();
  });
  afterAll(async () => {
    await stand.close();
    await database.close();
  });
  afterEach(() => expect(stand.faults.splice(0)).toEqual([]));

  const open = (window: Page, screen: string) => window.goto(`${stand.server.address}/w/main/${screen}`);
  const member = () => page.getByRole("listitem").filter({ hasText: sam.email });
  const more = async (item: string) => {
    await page.getByRole("button", { name: `More about ${sam.name}` }).click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  const link = (window: Page, name: string) => window.getByRole("navigation").getByRole("link", { name, exact: true });
  /** As if everybody had signed in long ago: the next sensitive act asks who is there. */
  const letStepUpsEnd = () =>
    database.ownerDb.query("update session set stepped_up_until = now() - interval '1 minute'");

  test("an invitation is a link to hand on, which leads the invited person in", async () => {
    await open(page, "team");
    await page.getByRole("button", { name: "Invite" }).click();
    await page.getByLabel("E-mail").fill(sam.email);
    await page.getByLabel("Name").fill(sam.name);
    await page.getByRole("combobox", { name: "Role", exact: true }).selectOption("support");
    await page.getByRole("button", { name: "Make the invitation" }).click();
    const address = await page.getByRole("region", { name: `Link for ${sam.name}`, exact: true }).textContent();
    await member().getByText("invited").waitFor();

    await samsPage.goto(address?.trim() ?? "");
    await samsPage.getByLabel("New password").fill(sam.password);
    await samsPage.getByRole("button", { name: "Save the password" }).click();
    await samsPage.getByRole("link", { name: "Sign in" }).click();
    await samsPage.getByLabel("E-mail").fill(sam.email);
    await samsPage.getByLabel("Password").fill(sam.password);
    await samsPage.getByRole("button", { name: "Sign in" }).click();
    await samsPage.waitForURL(/\/w\/main\/activity/);
  });

  test("support is shown the screens of support, and told so at the address of another", async () => {
    await link(samsPage, "Account").waitFor();
    await expect.poll(() => link(samsPage, "Team").count()).toBe(0);
    await open(samsPage, "team");
    await samsPage.getByText("You may not see this").waitFor();
  });

  test("a role of its own is made after confirming that it is oneself; the act then goes on by itself", async () => {
    await letStepUpsEnd();
    await open(page, "roles");
    await page.getByRole("button", { name: "New role" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("night-shift");
    await page.getByRole("checkbox", { name: /Read checkpoints and proofs/ }).check();
    await page.getByRole("button", { name: "Make the role" }).click();
    const dialog = page.getByRole("dialog", { name: "Confirm that it is you" });
    await dialog.getByLabel("Your password").fill("not the password");
    await dialog.getByRole("button", { name: "Confirm" }).click();
    await dialog.getByRole("alert").waitFor();
    await dialog.getByLabel("Your password").fill(owner.password);
    await dialog.getByRole("button", { name: "Confirm" }).click();
    await page.getByRole("button", { name: "Change night-shift" }).waitFor();
    await dialog.waitFor({ state: "detached" });
  });

  test("a change of role holds for the member at once", async () => {
    await open(page, "team");
    await page.getByLabel(`Role of ${sam.name}`).selectOption("night-shift");
    await expect.poll(() => page.getByLabel(`Role of ${sam.name}`).inputValue()).toBe("night-shift");
    await expect
      .poll(async () => {
        await open(samsPage, "activity");
        await link(samsPage, "Account").waitFor();
        return link(samsPage, "Integrity").count();
      })
      .toBe(1);
  });

  test("giving up the question leaves everything as it was", async () => {
    await letStepUpsEnd();
    await page.getByLabel(`Role of ${sam.name}`).selectOption("auditor");
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("alert").waitFor();
    await expect.poll(() => page.getByLabel(`Role of ${sam.name}`).inputValue()).toBe("night-shift");
    await page.getByLabel(`Role of ${sam.name}`).selectOption("auditor");
    await page.getByRole("dialog").getByLabel("Your password").fill(owner.password);
    await page.getByRole("dialog").getByRole("button", { name: "Confirm" }).click();
    await expect.poll(() => page.getByLabel(`Role of ${sam.name}`).inputValue()).toBe("auditor");
  });

  test("an export of personal data asks who is there first, and begins by itself once that is known", async () => {
    await letStepUpsEnd();
    await open(page, "activity");
    await page.locator("#events [data-event]").first().waitFor();
    const downloads: string[] = [];
    page.on("download", (download) => downloads.push(download.suggestedFilename()));
    const choose = async () => {
      await page.getByRole("button", { name: "Export" }).click();
      await page.getByRole("menuitem", { name: /^CSV/ }).click();
    };
    const dialog = page.getByRole("dialog", { name: "Confirm that it is you" });
    await choose();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "detached" });
    expect((await stand.daybook("search", "action:log.exported", "--json")).out).toContain(`"items":[]`);
    await choose();
    await dialog.getByLabel("Your password").fill(owner.password);
    const begun = page.waitForEvent("download");
    await dialog.getByRole("button", { name: "Confirm" }).click();
    const file = await readFile(await (await begun).path(), "utf8");
    expect(file).toContain(owner.email);
    expect(downloads).toHaveLength(1);
  });

  test("an auditor sees staff, roles, keys and settings, and nothing that would change them", async () => {
    const main = samsPage.getByRole("main");
    const changing = main.getByRole("button", {
      name: /Invite|New|More about|Change|Delete|Rotate|Revoke|Save|Choose/,
    });
    await stand.daybook("keys", "create", "--name", "the panel", "--scope", "events:write");
    await open(samsPage, "activity");
    for (const [screen, name, shown] of [
      ["team", "Team", owner.email],
      ["roles", "Roles", "night-shift"],
      ["api-keys", "API keys", "the panel"],
      ["settings", "Settings", "Accent colour"],
    ] as const) {
      await link(samsPage, name).click();
      await samsPage.waitForURL(new RegExp(`/${screen}$`));
      await main.getByText(shown).first().waitFor();
      await main.getByText(/^Your role sees .* and does not change them\.$/).waitFor();
      expect(await changing.count(), screen).toBe(0);
      const enabled = main.locator("input:enabled, select:enabled, textarea:enabled");
      expect(await enabled.count(), screen).toBe(0);
    }
  });

  test("the two factors of a lost phone are turned off by who manages staff", async () => {
    await open(samsPage, "account");
    await samsPage.getByRole("button", { name: "Turn on" }).click();
    const secret = ((await samsPage.locator(".secret").textContent()) ?? "").replaceAll(" ", "");
    await samsPage.getByLabel("Code", { exact: true }).fill(totpCode(secret, Date.now()));
    await samsPage.locator("form").getByRole("button", { name: "Turn on" }).click();
    await samsPage.getByRole("button", { name: "I have kept them" }).click();
    await open(page, "team");
    await member().getByText("two factors").waitFor();
    await more("Turn off two factors");
    await page.getByRole("alertdialog").getByRole("button", { name: "Turn off" }).click();
    await member().getByText("password alone").waitFor();
    await page.getByRole("button", { name: `More about ${sam.name}` }).click();
    await page.getByRole("menuitem", { name: "Disable" }).waitFor();
    expect(await page.getByRole("menuitem", { name: "Turn off two factors" }).count()).toBe(0);
    await page.keyboard.press("Escape");
    const told = await stand.daybook("search", "action:auth.two_factor.reset", "--json");
    expect(told.out).toContain(sam.name);
  });

  test("where two factors are required, whoever lacks them is led to turn them on", async () => {
    const asks = async () => {
      await open(samsPage, "integrity");
      await samsPage.getByRole("main").getByRole("heading", { level: 2 }).first().waitFor();
      return samsPage.getByText("This workspace asks for two factors").isVisible();
    };
    await stand.daybook("settings", "set", "requireTwoFactors", "yes");
    await expect.poll(asks, { timeout: 10_000 }).toBe(true);
    await samsPage.getByRole("link", { name: "To your account" }).click();
    await samsPage.getByRole("button", { name: "Turn on" }).waitFor();
    await stand.daybook("settings", "set", "requireTwoFactors");
    await expect.poll(asks, { timeout: 10_000 }).toBe(false);
  });

  test("somebody who is disabled is out with the next request, and in again when enabled", async () => {
    await more("Disable");
    await page.getByRole("alertdialog").getByRole("button", { name: "Disable" }).click();
    await member().getByText("disabled").waitFor();
    await open(samsPage, "activity");
    await samsPage.getByText("You may not see this").first().waitFor();
    await more("Enable");
    await page.getByRole("alertdialog").getByRole("button", { name: "Enable" }).click();
    await expect.poll(() => member().getByText("disabled").count()).toBe(0);
  });

  test("who is removed is gone from the list, and stays on record", async () => {
    await more("Remove from the workspace");
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
    await expect.poll(() => member().count()).toBe(0);
    const told = await stand.daybook("search", "action:staff.deleted", "--json");
    expect(told.out).toContain(sam.name);
  });

  test("a workspace is made, renamed, and opened from the menu", async () => {
    await open(page, "workspaces");
    await page.getByRole("button", { name: "New workspace" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Acme Cloud & Co.");
    expect(await page.getByLabel("Short name").inputValue()).toBe("acme-cloud-co");
    await page.getByRole("button", { name: "Make the workspace" }).click();
    await page.getByRole("button", { name: "Rename Acme Cloud & Co." }).click();
    await page.getByLabel("Name", { exact: true }).fill("Acme Cloud");
    await page.getByRole("button", { name: "Rename", exact: true }).click();
    await page.getByRole("link", { name: "Acme Cloud" }).click();
    await page.waitForURL(/\/w\/acme-cloud-co\/activity/);
  });

  test("recovery codes are shown once, let in without the phone, and each counts once", async () => {
    await open(page, "account");
    await page.getByRole("button", { name: "Turn on" }).click();
    const secret = ((await page.locator(".secret").textContent()) ?? "").replaceAll(" ", "");
    await page.getByLabel("Code", { exact: true }).fill(totpCode(secret, Date.now()));
    await page.locator("form").getByRole("button", { name: "Turn on" }).click();
    const codes = page.getByRole("region", { name: "Your recovery codes" });
    const code = (await codes.getByRole("listitem").first().textContent()) ?? "";
    expect(await codes.getByRole("listitem").count()).toBe(10);
    await codes.getByRole("button", { name: "I have kept them" }).click();
    expect(await page.content()).not.toContain(code);

    const other = await stand.open();
    const signIn = async () => {
      await other.goto(`${stand.server.address}/sign-in`);
      await other.getByLabel("E-mail").fill(owner.email);
      await other.getByLabel("Password").fill(owner.password);
      await other.getByRole("button", { name: "Sign in" }).click();
      await other.getByLabel(/^Code/).fill(code);
      await other.getByRole("button", { name: "Sign in" }).click();
    };
    await signIn();
    await other.waitForURL(/\/activity/);
    await open(other, "account");
    await other.getByText("9 are left.").waitFor();
    await other.context().clearCookies();
    await signIn();
    await other.getByRole("alert").waitFor();
    await other.context().close();
  });
});
