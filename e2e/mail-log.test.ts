import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type MailStand, openMailStand, refusals } from "./mail-stand.ts";
import { chromiumPath } from "./stand.ts";

// In the order of one sitting: each test goes on from where the one before ended.
describe.skipIf(chromiumPath === undefined)("the mail log in the console", () => {
  let on: MailStand;
  let page: Page;

  beforeAll(async () => {
    on = await openMailStand();
    page = on.page;
  }, 60_000);
  afterAll(() => on.close());
  afterEach(() => expect(on.stand.faults.splice(0)).toEqual([]));

  test("an empty log says what would appear and how to send the first", async () => {
    await on.show("mail-log", ".state");
    expect(await page.locator(".state").textContent()).toContain("No mail yet");
    expect(await page.locator(".copy-block pre").first().textContent()).toContain("/api/v1/mail/messages");
    await on.isClean("no mail");
  });

  test("a mail appears while one looks, and is sent in its row", async () => {
    await on.show("mail-log", ".state");
    on.mailServer.behave({ refuse: refusals, delayMs: 6_000 });
    const { id } = await on.send({ to: "dana@north.example", user: { id: "u-7", name: "Dana" } });
    await on.row(id).getByText("queued").waitFor();
    await on.row(id).getByText("sent", { exact: true }).waitFor();
    on.mailServer.behave({ refuse: refusals });
    expect(await on.row(id).textContent()).toContain("dana@north.example");
  });

  test("a refused mail says why, in words and as the mail server said it", async () => {
    const { id } = await on.send({ to: "full@north.example", subject: "Invoice 17" });
    await on.settled(id, "failed");
    await on.show("mail-log", `[data-mail="${id}"]`);
    expect(await on.row(id).textContent()).toContain("spam refused");
    await on.row(id).click();
    await on.panel().getByText("It was refused as spam, or for the sender's reputation.").first().waitFor();
    expect(on.address().searchParams.get("mail")).toBe(id);
    const attempt = on.panel().locator(".mail-attempts li");
    expect(await attempt.textContent()).toContain("554 5.7.1 Message refused: spam");
    expect(await attempt.textContent()).toContain("by config");
    expect(await on.panel().locator(".happenings li").allTextContents()).toEqual([
      expect.stringContaining("Queued by panel"),
      expect.stringContaining("Failed"),
    ]);
    await on.isClean("a failed mail in the panel");
    await page.keyboard.press("Escape");
    await on.panel().waitFor({ state: "detached" });
  });

  test("tabs, words, a type in its row and the search narrow the list, and the address keeps them", async () => {
    const external = { delivery: "external", to: "lee@south.example" } as const;
    const [invoice, welcome] = await Promise.all([
      on.send({ ...external, subject: "Invoice 18", template: "invoice" }),
      on.send({ ...external, subject: "Welcome", template: "welcome", targets: [{ type: "server", id: "srv-9" }] }),
    ]);
    await on.show("mail-log", `[data-mail="${welcome.id}"]`);
    await on.row(invoice.id).getByRole("button", { name: "invoice" }).click();
    await on.row(welcome.id).waitFor({ state: "detached" });
    expect(on.address().searchParams.get("template")).toBe("invoice");
    await page.getByRole("button", { name: "Clear: Type" }).click();
    await page.getByRole("button", { name: /^failed \d/i }).click();
    await on.row(invoice.id).waitFor({ state: "detached" });
    expect(on.address().searchParams.get("status")).toBe("failed");
    expect(await page.locator("[data-mail]").count()).toBe(1);
    await page.getByRole("button", { name: /^all \d/i }).click();
    await page.locator("[popovertarget=filter-server]").click();
    await page.locator("#filter-server input").fill("server/srv-9");
    await page.keyboard.press("Enter");
    await on.row(invoice.id).waitFor({ state: "detached" });
    await on.row(welcome.id).waitFor();
    await page.goto(on.at("mail-log?address=@south.example"));
    await on.row(invoice.id).waitFor();
    expect(await page.locator("[data-mail]").count()).toBe(2);
    await page.goto(on.at("mail-log"));
    await on.row(welcome.id).waitFor();
    await page.locator("#mail-search").fill("invoice 18");
    await on.row(welcome.id).waitFor({ state: "detached" });
    await expect.poll(() => on.address().searchParams.get("q")).toBe("invoice 18");
  });

  test("the keys move over the rows, open and close", async () => {
    await on.show("mail-log", "[data-mail]");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    const current = page.locator('[data-mail][data-cursor="true"]');
    await expect.poll(() => current.count()).toBe(1);
    const id = await current.getAttribute("data-mail");
    await page.keyboard.press("Enter");
    await on.panel().waitFor();
    expect(on.address().searchParams.get("mail")).toBe(id);
    await page.keyboard.press("k");
    await expect.poll(() => on.address().searchParams.get("mail")).not.toBe(id);
    await page.keyboard.press("Escape");
    await on.panel().waitFor({ state: "detached" });
  });

  test("over a list that is being read new mails are announced, and shown when asked for", async () => {
    await on.show("mail-log", "[data-mail]");
    await page.locator("[data-mail]").first().hover();
    const { id } = await on.send({ to: "late@south.example" });
    const news = page.getByRole("button", { name: /1 new/ });
    await news.waitFor();
    expect(await on.row(id).count()).toBe(0);
    await news.click();
    await on.row(id).waitFor();
  });

  test("the figures lead to their rows", async () => {
    await expect
      .poll(async () => (await on.call<{ total: { failed: number } }>("GET", "/mail/stats")).total.failed)
      .toBe(1);
    await on.show("mail-log", ".share-name");
    await page.getByRole("region", { name: "Charts" }).getByRole("button", { name: "1 failed" }).click();
    await expect.poll(() => on.address().searchParams.get("status")).toBe("failed");
    await on.show("mail-log", ".share-name");
    await page.getByRole("button", { name: "south.example", exact: true }).click();
    await expect.poll(() => on.address().searchParams.get("address")).toBe("@south.example");
    await on.show("mail-log", ".share-name");
    const chart = page.getByRole("slider", { name: /^Mails that did not come through/ });
    await chart.focus();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await expect.poll(() => on.address().searchParams.get("status")).toBe("failed,bounced,suppressed");
    expect(on.address().searchParams.get("from")).not.toBeNull();
  });

  test("a mail is sent again to another address, as a new one that names the first", async () => {
    const { id } = await on.send({ to: "dana@west.example", subject: "Once more" });
    await on.settled(id, "sent");
    await on.show(`mail-log?mail=${id}`, ".mail-head");
    await page.getByRole("button", { name: "Send again" }).click();
    await page.getByRole("dialog").getByLabel("To").fill("dana@home.example");
    await page.getByRole("dialog").getByRole("button", { name: "Send again" }).click();
    await page.getByText("Sent again to dana@home.example").waitFor();
    await expect.poll(() => on.mailServer.mails.some(({ to }) => to[0] === "dana@home.example")).toBe(true);
    await page.getByRole("link", { name: "the new mail" }).click();
    await page.getByRole("link", { name: "an earlier mail" }).click();
    await page.getByRole("link", { name: "to dana@home.example" }).waitFor();
    expect(on.address().pathname).toContain(id);
  });

  test("on a phone the list has two lines a row and a mail fills the screen", async () => {
    const phone = await on.stand.openSignedIn({ viewport: { width: 390, height: 844 } });
    await phone.goto(on.at("mail-log"));
    await phone.locator("[data-mail].two-line").first().click();
    await phone.getByRole("dialog", { name: "Mail" }).locator(".mail-head").waitFor();
    const wide = () => phone.evaluate(() => document.documentElement.scrollWidth);
    expect(await wide()).toBe(390);
    for (const [path, seen] of [
      ["mail-suppressions", ".lead"],
      ["settings/mail", "[data-provider]"],
      ["mail-addresses/full@north.example", "[data-mail]"],
    ] as const) {
      await phone.goto(on.at(path));
      await phone.locator(seen).first().waitFor();
      expect(await wide(), path).toBe(390);
    }
    await phone.context().close();
  });
});
