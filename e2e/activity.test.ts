import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { activityLog, logEvents, logFailures, logProject, stormHoursAgo } from "./activity-log.ts";
import { chromiumPath, openStand, type Stand, setUpOwner } from "./stand.ts";

describe.skipIf(chromiumPath === undefined)("the Activity screen", { retry: 1 }, () => {
  let stand: Stand;
  let page: Page;

  beforeAll(async () => {
    stand = await openStand();
    await setUpOwner(stand);
    await stand.send(activityLog(Date.now()));
    page = await stand.openSignedIn();
  });
  afterAll(() => stand.close());
  afterEach(() => expect(stand.faults.splice(0)).toEqual([]));

  const show = async (search = "") => {
    await page.goto(`${stand.server.address}/w/main/activity${search}`);
    await firstRow().waitFor();
  };
  const firstRow = () => page.locator("#events [role=row][data-event]").first();
  const caption = () => page.locator(".caption").textContent();
  const address = () => new URL(page.url()).searchParams;

  test("a search is typed with completion of key and value, and its terms are coloured", async () => {
    await show();
    await page.keyboard.press("/");
    await page.keyboard.type("outc");
    await page.getByRole("option", { name: /^outcome:/ }).waitFor();
    await page.keyboard.press("Tab");
    await page.getByRole("option", { name: "denied" }).waitFor();
    await page.keyboard.type("den");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/q=outcome:denied/);
    await expect.poll(caption).toContain("10 events");
    expect(await page.locator(".tok").textContent()).toBe("outcome:denied");
    await expect.poll(() => page.locator(".pill.denied").count()).toBe(10);
  });

  test("values of the log are offered as they occur", async () => {
    await show();
    await page.locator("#search").fill("action:resou");
    const option = page.getByRole("option", { name: /server\.resources\.updated/ });
    await option.click();
    await page.waitForURL(/q=action:server\.resources\.updated/);
    await expect.poll(caption).toContain("1 event ");
  });

  test("a wrong key is shown where it is, with what was meant, and mended by a click", async () => {
    await show();
    await page.locator("#search").fill("mc outcom:failure");
    await page.keyboard.press("Enter");
    const note = page.getByRole("alert");
    expect(await note.textContent()).toContain("no key 'outcom'");
    expect(await page.locator(".at-fault").textContent()).toBe("outcom");
    await note.getByRole("button", { name: /outcome/ }).click();
    await page.waitForURL(/q=mc\+outcome:failure/);
  });

  test("a facet filters by a click, excludes by a shift-click, and is taken back", async () => {
    await show();
    const failure = page.locator(".facets").getByRole("button", { name: /^failure/ });
    await failure.click();
    await expect.poll(() => address().get("q")).toBe("outcome:failure");
    await expect.poll(caption).toContain(`${logFailures} events`);
    await failure.click({ modifiers: ["Shift"] });
    await expect.poll(() => address().get("q")).toBe("-outcome:failure");
    await page.getByRole("button", { name: "Clear the search" }).click();
    await expect.poll(() => address().get("q")).toBeNull();
  });

  test("dragging over the bars narrows the range to them, and the back button widens it again", async () => {
    await show();
    const box = await page.locator(".plot").boundingBox();
    if (!box) throw new Error("there is no histogram");
    const at = (hoursAgo: number) => box.x + box.width * (1 - hoursAgo / (7 * 24));
    await page.mouse.move(at(stormHoursAgo + 6), box.y + 30);
    await page.mouse.down();
    await page.mouse.move(at(stormHoursAgo - 6), box.y + 30, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => address().has("from") && address().has("to")).toBe(true);
    await expect.poll(caption).toContain("30 failed");
    await expect.poll(() => page.getByRole("button", { name: "Not live" }).isDisabled()).toBe(true);
    await page.goBack();
    await expect.poll(() => address().has("from")).toBe(false);
  });

  test("the bars are chosen with the keys as well", async () => {
    await show("?q=outcome:denied");
    await page.locator(".plot").focus();
    for (const key of ["End", "Shift+ArrowLeft", "Shift+ArrowLeft"]) await page.keyboard.press(key);
    expect(await page.locator(".brushed.chosen").count()).toBe(1);
    await page.keyboard.press("Enter");
    await expect.poll(() => address().has("from")).toBe(true);
  });

  test("the panel tells one event in full, and its proof is checked in the browser", async () => {
    await show();
    await page.getByText("mc-lobby-04").first().click();
    const panel = page.getByRole("complementary", { name: "Event" });
    await expect.poll(() => panel.locator("h2").textContent()).toContain("Dana Whitfield");
    await expect.poll(() => panel.locator(".proof").getAttribute("data-state")).toBe("verified");
    expect(await panel.locator(".proof").textContent()).toContain(`of the log`);
    const changes = await panel.locator(".changes").textContent();
    expect(changes).toContain("4096");
    expect(changes).toContain("value never stored");
    expect(changes).not.toContain("secret");
    expect(await panel.locator(".json").textContent()).toContain("T-20418");
    await panel.getByRole("link", { name: "Everything on mc-lobby-04" }).click();
    await expect.poll(() => address().get("q")).toBe("target:server/srv-lobby");
    expect(address().get("range")).toBe("all");
  });

  test("an address opens the same view in another window", async () => {
    await show("?q=outcome:failure&range=30d&order=asc");
    await firstRow().click();
    await expect.poll(() => address().has("event")).toBe(true);
    const title = await page.locator(".panel h2").textContent();
    const other = await stand.openSignedIn();
    await other.goto(page.url());
    await expect.poll(() => other.locator(".panel h2").textContent()).toBe(title);
    expect(await other.locator("#search").inputValue()).toBe("outcome:failure");
    expect(await other.locator("[aria-pressed=true]", { hasText: "30 d" }).count()).toBe(1);
    expect(await other.locator("[aria-sort]").getAttribute("aria-sort")).toBe("ascending");
    await other.context().close();
  });

  test("everything works from the keyboard", async () => {
    await show("?q=action:server.*");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("events");
    await page.keyboard.press("Enter");
    await page.locator(".panel h2").waitFor();
    const first = address().get("event");
    await page.keyboard.press("j");
    await expect.poll(() => address().get("event")).not.toBe(first);
    await page.keyboard.press("k");
    await expect.poll(() => address().get("event")).toBe(first);
    await page.keyboard.press("Escape");
    await expect.poll(() => address().has("event")).toBe(false);
    for (const key of ["ArrowLeft", "f"]) await page.keyboard.press(key);
    await expect.poll(() => address().get("q")).toMatch(/^action:server\.\* actor:\w+\//);
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("30 days");
    await page.keyboard.press("Enter");
    await expect.poll(() => address().get("range")).toBe("30d");
    await page.keyboard.press("e");
    await page.getByRole("menuitem", { name: /CSV/ }).waitFor();
    await page.keyboard.press("Escape");
  });

  test("an export is the file of what is shown", async () => {
    await show("?q=outcome:denied");
    await page.getByRole("button", { name: "Export" }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: /^NDJSON/ }).click();
    const lines = (await readFile(await (await download).path(), "utf8")).trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { outcome: string }).outcome)).toEqual(Array(10).fill("denied"));
  });

  test("a new event is announced under the pointer, shown on a press, and waits while paused", async () => {
    const say = (name: string) => stand.send([{ action: "server.created", actor: { type: "system", id: name, name } }]);
    const names = () => page.locator(".row .actor .cut").allTextContents();
    const announced = page.locator(".new-rows");
    await page.goto(`${stand.server.address}/w/main/activity?q=actor:night-*`);
    await page.getByText("No events here").waitFor();
    await say("night-1");
    await expect.poll(names).toEqual(["night-1"]);

    await page.locator(".table").hover();
    await say("night-2");
    await expect.poll(() => announced.textContent()).toBe("↑ 1 new");
    expect(await names()).toEqual(["night-1"]);
    await page.keyboard.press("n");
    await expect.poll(names).toEqual(["night-2", "night-1"]);

    await page.keyboard.press("p");
    await page.getByRole("button", { name: "Paused" }).waitFor();
    await say("night-3");
    await page.waitForTimeout(400);
    expect(await announced.count()).toBe(0);
    await page.keyboard.press("p");
    await announced.click();
    await expect.poll(names).toEqual(["night-3", "night-2", "night-1"]);
  });

  test("the table holds every event, and reads on while it is scrolled", async () => {
    await show(`?range=all&q=project:${logProject}`);
    await expect.poll(caption).toContain(`${logEvents} events`);
    const grid = page.locator("#events");
    expect(await grid.getAttribute("aria-rowcount")).toBe("-1");
    await grid.focus();
    await page.keyboard.press("End");
    await expect.poll(() => grid.getAttribute("aria-rowcount")).toBe(`${logEvents + 1}`);
    await page.keyboard.press("End");
    await page.locator(`[aria-rowindex="${logEvents + 1}"]`).waitFor();
    expect(await page.locator("#events [data-event]").count()).toBeLessThan(70);
  });

  test("a phone gets two lines a row, the menu in a sheet and the panel on the whole screen", async () => {
    const phone = await stand.openSignedIn({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    await phone.goto(`${stand.server.address}/w/main/activity?q=project:${logProject}`);
    await phone.locator(".row.two-line").first().tap();
    const panel = phone.getByRole("dialog", { name: "Event" });
    await panel.locator("h2").waitFor();
    expect(await panel.boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 844 });
    await panel.getByRole("button", { name: "Close" }).tap();
    await panel.waitFor({ state: "detached" });
    await phone.getByRole("button", { name: "Filters" }).tap();
    await phone
      .getByRole("dialog", { name: "Filters" })
      .getByRole("button", { name: /^denied/ })
      .tap();
    await phone.getByRole("button", { name: "Show the events" }).tap();
    await expect.poll(() => phone.locator(".pill.denied").count()).toBe(10);
    const wide = await phone.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBe(390);
    await phone.getByRole("button", { name: "Open the menu" }).tap();
    await phone.getByRole("link", { name: "Integrity" }).tap();
    await phone.getByRole("heading", { name: "The log now" }).waitFor();
    await phone.context().close();
  });
});
