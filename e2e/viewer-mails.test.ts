import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openStand, type Stand } from "./stand.ts";

describe.skipIf(chromiumPath === undefined)("a customer's mails above their activity", { retry: 1 }, () => {
  let stand: Stand;
  let key: string;

  beforeAll(async () => {
    stand = await openStand();
    const scopes = "viewer_tokens:create,mail:send";
    const made = await stand.daybook("keys", "create", "--name", "panel", "--scope", scopes, "--json");
    key = (JSON.parse(made.out) as { key: string }).key;
    for (let n = 0; n < 8; n++) await report(`Invoice ${n}`, { id: "77" });
    await report("Invoice for somebody else", { id: "88" });
    const { id } = await report("Your server with a name that is so long that it fits in no row of a phone", {
      id: "77",
    });
    const answer = "550 5.1.1 internal reason";
    await call("PATCH", `/mail/messages/${id}`, { status: "bounced", class: "recipient_refused", answer });
  });
  afterAll(() => stand?.close());
  afterEach(() => expect(stand.faults.splice(0)).toEqual([]));

  async function call(method: "POST" | "PATCH", path: string, body: object): Promise<Record<string, string>> {
    const response = await fetch(`${stand.server.address}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    expect(response.status, text).toBeLessThan(300);
    return JSON.parse(text);
  }

  const report = (subject: string, user: { id: string }) =>
    call("POST", "/mail/messages", {
      ...{ delivery: "external", subject, user },
      ...{ from: "billing@host.example", to: `person${user.id}@acme.example` },
    });

  async function show(width = 1440, options = "mails"): Promise<Page> {
    const { token } = await call("POST", "/viewer-tokens", { scope: { ownerId: "77" }, minutes: 60 });
    const page = await stand.open({ viewport: { width, height: 800 }, reducedMotion: "reduce" });
    await page.goto(`${stand.server.address}/viewer/frame?${options}#token=${token}`);
    return page;
  }

  test("shows the newest with whether they went out, and further ones when asked", async () => {
    const page = await show();
    const mails = page.getByRole("region", { name: "Your mails" });
    const rows = mails.getByRole("listitem");
    await rows.first().waitFor();
    expect(await rows.count()).toBe(5);
    expect(await rows.first().textContent()).toMatch(
      /not delivered.*Your server with a name.*to person77@acme\.example/,
    );
    expect(await rows.nth(1).textContent()).toMatch(/✓ sentInvoice 7/);
    await mails.getByRole("button", { name: "Load more mails" }).click();
    await expect.poll(() => rows.count()).toBe(9);
    expect(await mails.getByRole("button").count()).toBe(0);
    expect(await rows.nth(5).evaluate((row) => row === (row.getRootNode() as ShadowRoot).activeElement)).toBe(true);
    expect(await mails.textContent()).not.toMatch(/somebody else|internal reason|refused/);
    await page.context().close();
  });

  test("shows nothing of them without the attribute", async () => {
    const page = await show(1440, "");
    await page.locator("section.mails, .notice, button.row").first().waitFor();
    expect(await page.locator("section.mails").count()).toBe(0);
    await page.context().close();
  });

  for (const width of [1440, 320])
    test(`axe finds nothing at ${width} px, and nothing sticks out`, async () => {
      const page = await show(width);
      await page.locator("section.mails li").first().waitFor();
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        // The frame is a part of a page, which has the heading.
        const axe = new AxeBuilder({ page }).setLegacyMode(true).disableRules("page-has-heading-one");
        const { violations } = await axe.analyze();
        expect(violations.map(({ id, nodes }) => `${colorScheme} ${id} ${nodes[0]?.html.slice(0, 120)}`)).toEqual([]);
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      await page.context().close();
    });
});
