import { totpCode } from "@daybook/server/access/totp.ts";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openStand, owner, type Stand } from "./stand.ts";

// In the order of a first day: each test goes on from where the one before ended.
describe.skipIf(chromiumPath === undefined)("the way in", () => {
  let stand: Stand;
  let page: Page;

  beforeAll(async () => {
    stand = await openStand();
    page = await stand.open();
  });
  afterAll(() => stand.close());
  afterEach(() => expect(stand.faults.splice(0)).toEqual([]));

  const signIn = async (window: Page, password = owner.password) => {
    await window.goto(`${stand.server.address}/sign-in`);
    await window.getByLabel("E-mail").fill(owner.email);
    await window.getByLabel("Password").fill(password);
    await window.getByRole("button", { name: "Sign in" }).click();
  };
  const heading = (window: Page, name: string) => window.getByRole("heading", { name, exact: true }).waitFor();

  test("before setup, the sign-in page says where the link is", async () => {
    await page.goto(stand.server.address);
    await page.waitForURL(/\/sign-in/);
    await page.getByText("Open the setup link").waitFor();
  });

  test("the setup link refuses an easy password and then leads into the console, signed in", async () => {
    await page.goto(stand.setupLink);
    await page.getByLabel("Name").fill(owner.name);
    await page.getByLabel("E-mail").fill(owner.email);
    await page.getByLabel("Password").fill("passwordpassword");
    await page.getByRole("button", { name: "Create the account" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("Password").fill(owner.password);
    await page.getByRole("button", { name: "Create the account" }).click();
    await page.waitForURL(/\/w\/main\/activity/);
    await page.getByText("signed in").first().waitFor();
    const hint = page.getByRole("region", { name: "Command that sends a first event" });
    expect(await hint.textContent()).toContain(`curl ${stand.server.address}/api/v1/events`);
  });

  test("the link works once", async () => {
    const other = await stand.open();
    await other.goto(stand.setupLink);
    await other.getByLabel("Name").fill("Mallory");
    await other.getByLabel("E-mail").fill("mallory@evil.example");
    await other.getByLabel("Password").fill("another seven lamps here");
    await other.getByRole("button", { name: "Create the account" }).click();
    await expect.poll(() => other.getByRole("alert").textContent()).toContain("There is an owner already");
    await other.context().close();
  });

  test("an API key is shown once, with a command that works as it stands", async () => {
    await page.getByRole("navigation").getByRole("link", { name: "API keys" }).click();
    await page.getByRole("button", { name: "New key" }).click();
    await page.getByLabel("Name").fill("panel");
    await page.getByRole("button", { name: "Make the key" }).click();
    const command = page.getByRole("region", { name: "Command that uses the key" });
    const text = (await command.textContent()) ?? "";
    const [, key = ""] = /Bearer (dbk_\S+)"/.exec(text) ?? [];
    const [, body = ""] = /-d '([^']+)'/.exec(text) ?? [];
    const response = await fetch(`${stand.server.address}/api/v1/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body,
    });
    expect(response.status).toBe(201);
    await page.getByRole("button", { name: "I have copied it" }).click();
    expect(await page.content()).not.toContain(key);
    await page.getByRole("button", { name: "Revoke panel" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
    await page.getByText("revoked").waitFor();
  });

  test("a session elsewhere is ended from the account", async () => {
    const other = await stand.open({
      userAgent: "Mozilla/5.0 (Windows NT 10.0; rv:144.0) Gecko/20100101 Firefox/144.0",
    });
    await signIn(other);
    await other.waitForURL(/\/activity/);
    await page.getByRole("link", { name: "Account" }).click();
    await page.getByRole("button", { name: "End the session of Firefox 144 on Windows" }).click();
    await page.getByRole("button", { name: "End session" }).click();
    await expect.poll(() => page.getByRole("button", { name: /^End the session/ }).count()).toBe(0);
    await other.reload();
    await other.waitForURL(/\/sign-in\?next=\/w\/main\/activity/);
    await other.context().close();
  });

  test("two factors are turned on by QR code or secret, and asked for at the next sign-in", async () => {
    await page.getByRole("button", { name: "Turn on" }).click();
    await expect.poll(() => page.locator(".qr path").getAttribute("d")).toMatch(/^M/);
    const secret = ((await page.locator(".secret").textContent()) ?? "").replaceAll(" ", "");
    await page.getByLabel("Code", { exact: true }).fill("000000");
    await page.locator("form").getByRole("button", { name: "Turn on" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("Code", { exact: true }).fill(totpCode(secret, Date.now()));
    await page.locator("form").getByRole("button", { name: "Turn on" }).click();
    await page.getByText("On. Signing in asks for a code").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(/\/sign-in/);

    await signIn(page);
    await heading(page, "Second factor");
    // A code counts once: the one of the next half minute, which clocks that go fast have already.
    await page.getByLabel(/^Code/).fill(totpCode(secret, Date.now() + 30_000));
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(/\/w\/main\/activity/);
  });

  test("after some wrong passwords it says how long to wait, and counts down", async () => {
    const other = await stand.open();
    for (let attempt = 0; attempt < 8; attempt++) {
      await signIn(other, `wrong ${attempt}`);
      await other.getByRole("alert").waitFor();
      if (await other.getByText("Too many failed attempts").isVisible()) break;
    }
    const wait = async () => Number(/(\d+) s/.exec((await other.getByRole("alert").textContent()) ?? "")?.[1]);
    const first = await wait();
    expect(first).toBeGreaterThan(5);
    await expect.poll(wait, { timeout: 5_000 }).toBeLessThan(first);
    expect(await other.getByRole("button", { name: "Sign in" }).isDisabled()).toBe(true);
    await other.context().close();
  });
});
