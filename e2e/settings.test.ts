import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openStand, type Stand, setUpOwner } from "./stand.ts";

// In the order of one sitting: each test goes on from where the one before ended.
describe.skipIf(chromiumPath === undefined)("settings", () => {
  let stand: Stand;
  let page: Page;

  beforeAll(async () => {
    stand = await openStand();
    await setUpOwner(stand);
    page = await stand.openSignedIn({ colorScheme: "light" });
    await page.goto(`${stand.server.address}/w/main/settings`);
    await page.getByRole("heading", { name: "Brand", exact: true }).waitFor();
  });
  afterAll(() => stand.close());
  afterEach(() => expect(stand.faults.splice(0)).toEqual([]));

  const section = (name: string) => page.getByRole("region", { name, exact: true });
  const save = async (name: string) => {
    await section(name).getByRole("button", { name: "Save" }).click();
    await section(name).getByText("Saved. It holds from now on.").waitFor();
  };

  test("the name and colour of a brand are on the page as soon as they are saved, and stay", async () => {
    const brand = section("Brand");
    await brand.getByLabel("Name", { exact: true }).fill("Acme Hosting");
    await brand.getByLabel("Accent colour", { exact: true }).fill("#0f766e");
    await save("Brand");
    const seen = async () => {
      await page.locator(".brand b", { hasText: "Acme Hosting" }).waitFor();
      return page.locator(".sidebar li a.on").evaluate((link) => getComputedStyle(link).color);
    };
    const colour = await seen();
    expect(colour).not.toBe("rgb(79, 70, 229)");
    await page.reload();
    await expect.poll(seen).toBe(colour);
  });

  test("a colour that white text cannot be read on is refused where it stands", async () => {
    const brand = section("Brand");
    await brand.getByLabel("Accent colour", { exact: true }).fill("#ffd400");
    await brand.getByText("White text can hardly be read on it").waitFor();
    await brand.getByRole("button", { name: "Save" }).click();
    await brand.getByRole("alert").getByText("has a contrast of 1.4 : 1 with white").waitFor();
    await brand.getByRole("button", { name: "Undo" }).click();
    expect(await brand.getByLabel("Accent colour", { exact: true }).inputValue()).toBe("#0f766e");
  });

  test("a logo is chosen as a file; another kind of file is refused", async () => {
    const logo = page.locator("input[type=file]");
    await logo.setInputFiles({ name: "logo.svg", mimeType: "image/svg+xml", buffer: Buffer.from("<svg/>") });
    await page.getByText("Choose a PNG.").waitFor();
    await logo.setInputFiles({ name: "logo.png", mimeType: "image/png", buffer: Buffer.from(pixel, "base64") });
    await page.getByAltText("The logo").waitFor();
    await save("Brand");
    await page.locator(".brand img").waitFor();
  });

  test("a field named here is struck out of the next event", async () => {
    await section("Redaction").getByLabel("Further field names").fill("loyaltyNumber\n");
    await save("Redaction");
    await stand.send([{ action: "user.updated", details: { loyaltyNumber: "L-77-secret", plan: "pro" } }]);
    const shown = await stand.daybook("search", "action:user.updated", "--json");
    expect(shown.out).toContain('"plan":"pro"');
    expect(shown.out).not.toContain("L-77-secret");
  });

  test("two factors cannot be required by somebody who has none, and the screen says so", async () => {
    await section("Signing in").getByLabel("Require two factors").click();
    await section("Signing in").getByRole("button", { name: "Save" }).click();
    await section("Signing in").getByRole("alert").getByText("Turn on two factors for your own account").waitFor();
    await section("Signing in").getByRole("button", { name: "Undo" }).click();
  });

  test("the default comes back, and the log tells each change", async () => {
    await section("Brand").getByRole("button", { name: "Back to the default of Name" }).click();
    await save("Brand");
    await page.locator(".brand b", { hasText: "Daybook" }).waitFor();
    const told = await stand.daybook("search", "action:settings.updated field:brandName", "--json");
    expect(told.out.trim().split("\n").at(0)).toContain('"old":"Acme Hosting"');
  });

  test("the live test says where this very request came from", async () => {
    const test = section("Where requests come from");
    await test.getByText("This request came from 127.0.0.1, directly.").waitFor();
    await page.setExtraHTTPHeaders({ "x-forwarded-for": "203.0.113.9" });
    await test.getByRole("button", { name: "Test again" }).click();
    await test.getByText("DAYBOOK_TRUSTED_PROXIES=127.0.0.1").waitFor();
    await test.getByText("not read", { exact: true }).waitFor();
  });
});

const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
