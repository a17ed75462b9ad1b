import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openStand, type Stand, setUpOwner } from "./stand.ts";

/** The demo company, smaller: enough of every kind of event. */
const demo = ["demo", "--events", "6000", "--days", "30"];

describe.skipIf(chromiumPath === undefined)("the log screens", { retry: 1 }, () => {
  let stand: Stand;
  let page: Page;

  beforeAll(async () => {
    stand = await openStand();
    await setUpOwner(stand);
    const filled = await stand.daybook(...demo);
    expect(filled.code, filled.err).toBe(0);
    page = await stand.openSignedIn();
  });
  afterAll(() => stand.close());
  afterEach(() => expect(stand.faults.splice(0)).toEqual([]));

  const show = async (path: string) => {
    await page.goto(`${stand.server.address}/w/demo/${path}`);
    await page.locator("#events [data-event]").first().waitFor();
  };
  /** Frequent actors and targets are counted in the background, a few seconds after they were stored. */
  const counted = async () => {
    const asked = `${stand.server.address}/api/v1/search/suggestions?workspace=demo&key=actor&prefix=Ingrid`;
    await expect
      .poll(async () => (await page.request.get(asked)).text(), { timeout: 60_000, interval: 500 })
      .toContain("Ingrid Solheim");
  };
  const address = () => new URL(page.url()).searchParams;
  const heads = () => page.locator("#events .head .cell").allTextContents();
  const cells = (column: string) => page.locator(`#events [data-column=${column}]`).allTextContents();

  test("the audit log has what staff do and nothing else, and its filters narrow it", async () => {
    await counted();
    await show("audit-log?range=30d");
    expect(await page.locator(".base-query").textContent()).toContain("kind:administrative");
    const all = await page.locator(".caption").textContent();
    await page.getByRole("button", { name: "Without reading" }).click();
    await expect.poll(() => address().get("q")).toBe("-action:log.*");
    await page.locator("[popovertarget=quick-actor]").click();
    await page.getByRole("combobox", { name: "Actor" }).fill("Ingrid");
    await page.getByRole("option", { name: /Ingrid Solheim/ }).waitFor();
    await page.keyboard.press("Enter");
    await expect.poll(() => address().get("q")).toMatch(/^-action:log\.\* actor:staff\//);
    await expect.poll(async () => new Set(await cells("who")).size).toBe(1);
    expect((await cells("who"))[0]).toContain("Ingrid Solheim");
    expect(await page.locator(".caption").textContent()).not.toBe(all);
    await page.getByRole("button", { name: "Any Actor" }).click();
    await expect.poll(() => address().get("q")).toBe("-action:log.*");
  });

  test("the evidence is every administrative event of the range, whatever is searched", async () => {
    await show("audit-log?range=30d&q=actor:Ingrid*");
    await page.keyboard.press("e");
    const download = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: /^CSV of this range/ }).click();
    const [head = "", ...rows] = (await readFile(await (await download).path(), "utf8")).trim().split("\n");
    const kind = head.split(",").indexOf("kind");
    expect(kind).toBeGreaterThan(0);
    expect(rows.length).toBeGreaterThan(await page.locator("#events [data-event]").count());
    expect(rows.filter((row) => row.includes(",administrative,")).length).toBe(rows.length);
  });

  test("the server logs show one server's life with owner, result, old and new", async () => {
    await counted();
    await show("server-logs?range=30d");
    expect(await heads()).toEqual(["Time ↓", "Server", "Owner", "Who", "Operation", "Result", "Old → new", "Error"]);
    await page.locator("[popovertarget=quick-target]").click();
    await page.locator(".quick-list [role=option]").first().waitFor();
    const picked = (await page.locator(".quick-list [role=option] .cut").first().textContent()) ?? "";
    await page.keyboard.press("Enter");
    await expect.poll(() => address().get("q")).toMatch(/^target:(server|pod)\//);
    // An invoice or a ticket has the server among its further targets: "+1".
    const servers = async () => new Set((await cells("target")).filter((text) => !/ \+\d+$/.test(text)));
    await expect.poll(async () => (await servers()).size).toBe(1);
    expect([...(await servers())][0]).toContain(picked);
    await show("server-logs?range=30d&q=field:*");
    await expect.poll(async () => (await cells("change"))[0]).toContain("→");
    await page.getByRole("button", { name: "Only failed" }).click();
    await expect.poll(() => address().get("q")).toBe("field:* outcome:failure,denied");
  });

  test("the logins show who came from where, with what and why not", async () => {
    await show("logins?range=30d&q=reason:invalid_password");
    expect(await heads()).toEqual([
      "Time ↓",
      "User",
      "IP address",
      "Country",
      "Network",
      "Browser and system",
      "Method",
      "Outcome",
      "Reason",
    ]);
    expect((await cells("reason"))[0]).toBe("invalid password");
    expect((await cells("network"))[0]).toMatch(/^AS\d+ /);
    expect((await cells("country")).join()).toMatch(/Romania|Canada|Netherlands|Germany/);
    expect(await page.getByRole("link", { name: "Brute force" }).getAttribute("href")).toBe(
      "/w/demo/logins/brute-force",
    );
  });

  test("a search stays where its fault is, although the screen asks for more", async () => {
    await show("logins");
    await page.locator("#search").fill("outcom:failure");
    await page.keyboard.press("Enter");
    expect(await page.locator(".at-fault").textContent()).toBe("outcom");
  });

  test("columns, density and zone are chosen with the keys, and kept with the person", async () => {
    await show("logins");
    await page.keyboard.press("c");
    await page.getByRole("checkbox", { name: "Browser and system" }).uncheck();
    await page.getByRole("checkbox", { name: "Severity" }).check();
    await page.keyboard.press("Escape");
    expect(await heads()).not.toContain("Browser and system");
    expect(await heads()).toContain("Severity");
    const tall = (await page.locator("#events [data-event]").first().boundingBox())?.height ?? 0;
    const kept = page.waitForResponse((response) => response.url().endsWith("/me/display") && response.ok());
    await page.keyboard.press("d");
    await kept;
    await expect
      .poll(async () => (await page.locator("#events [data-event]").first().boundingBox())?.height)
      .toBeLessThan(tall);
    const other = await stand.openSignedIn();
    await other.goto(page.url());
    await expect.poll(() => other.locator("#events .head .cell").allTextContents()).toContain("Severity");
    expect(await other.locator("[data-compact=true]").count()).toBe(1);
    await other.context().close();
    await page.keyboard.press("d");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("usual columns");
    await page.keyboard.press("Enter");
    await expect.poll(heads).toContain("Browser and system");
  });

  test("columns are put in another order with keys, buttons and the mouse, and the order is kept", async () => {
    await show("activity?range=30d");
    expect(await heads()).toEqual(["Time ↓", "Who", "What", "Target", "From", "Outcome"]);
    await page.keyboard.press("c");
    const order = page.getByRole("list", { name: "Columns in their order" });
    await page.getByRole("checkbox", { name: "Outcome" }).focus();
    await page.keyboard.press("Alt+ArrowUp");
    await page.keyboard.press("Alt+ArrowUp");
    await expect.poll(heads).toEqual(["Time ↓", "Who", "What", "Outcome", "Target", "From"]);
    await page.getByRole("status").getByText("Outcome is column 4 of 6 now.").waitFor({ state: "attached" });
    expect(
      await page.getByRole("checkbox", { name: "Outcome" }).evaluate((box) => box === document.activeElement),
    ).toBe(true);
    const down = page.getByRole("button", { name: "Move Time down" });
    await down.click();
    await expect.poll(heads).toEqual(["Who", "Time ↓", "What", "Outcome", "Target", "From"]);
    const up = page.getByRole("button", { name: "Move Who up" });
    expect(await up.getAttribute("aria-disabled")).toBe("true");
    const grip = (head: string) => order.getByRole("listitem").filter({ hasText: head }).locator(".grip");
    const end = await grip("Who").boundingBox();
    await grip("From").hover();
    await page.mouse.down();
    await page.mouse.move((end?.x ?? 0) + 4, (end?.y ?? 0) + 2, { steps: 5 });
    const kept = page.waitForResponse((response) => response.url().endsWith("/me/display") && response.ok());
    await page.mouse.up();
    const moved = ["From", "Who", "Time ↓", "What", "Outcome", "Target"];
    await expect.poll(heads).toEqual(moved);
    await kept;
    const other = await stand.openSignedIn();
    await other.goto(page.url());
    await expect.poll(() => other.locator("#events .head .cell").allTextContents()).toEqual(moved);
    await other.context().close();

    await page.keyboard.press("Escape");
    await page.keyboard.press("s");
    await page.getByLabel("Name").fill("From first");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect.poll(() => address().has("view")).toBe(true);
    const saved = `activity?view=${address().get("view")}`;
    await page.keyboard.press("c");
    await page.getByRole("button", { name: "Back to the usual ones" }).click();
    await expect.poll(heads).toEqual(["Time ↓", "Who", "What", "Target", "From", "Outcome"]);
    await show(saved);
    await expect.poll(heads).toEqual(moved);
    await page.keyboard.press("c");
    await page.getByRole("button", { name: "Move Who up" }).click();
    await expect.poll(() => address().get("columns")).toBe("who,from,time,what,outcome,target");
  });

  test("a view is saved, listed, opened, changed, shared and deleted", async () => {
    await show("logins?range=30d&q=outcome:failure");
    await page.keyboard.press("s");
    await page.getByLabel("Name").fill("Failed sign-ins");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    const inSidebar = page.locator(".sidebar").getByRole("link", { name: "Failed sign-ins" });
    await inSidebar.waitFor();
    await expect.poll(() => address().has("view")).toBe(true);
    const id = address().get("view");
    await show("activity");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("failed sign-ins");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/logins\?/);
    await expect.poll(() => Object.fromEntries(address())).toEqual({ q: "outcome:failure", range: "30d", view: id });

    await page.getByRole("button", { name: "90 d" }).click();
    await page.locator(".open-view", { hasText: "changed" }).waitFor();
    await page.getByRole("button", { name: "Update" }).click();
    await expect.poll(() => page.locator(".open-view").textContent()).not.toContain("changed");
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByRole("checkbox", { name: /^Shared/ }).check();
    await page.locator(".open-view", { hasText: "shared by you" }).waitFor();

    await page.goto(`${stand.server.address}/w/demo/logins?view=${id}`);
    await expect.poll(() => address().get("range")).toBe("90d");
    expect(address().get("q")).toBe("outcome:failure");
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Yes, delete it" }).click();
    await expect.poll(() => inSidebar.count()).toBe(0);
    expect(address().has("view")).toBe(false);

    await show("audit-log?q=action:log.view.*");
    await expect.poll(async () => (await cells("what")).length).toBe(2);
  });

  test("new events belong to the screens whose query they fulfil", async () => {
    await page.goto(`${stand.server.address}/w/main/logins?q=actor:night-*`);
    await page.getByText(/No sign-in|No events here/).waitFor();
    const actor = { type: "user" as const, id: "night-1", name: "night-1" };
    await stand.send([
      { action: "server.created", actor, targets: [{ type: "server", id: "s", name: "s" }] },
      { action: "auth.login", actor },
    ]);
    await expect.poll(() => page.locator("#events [data-event]").count()).toBe(1);
    expect((await cells("who"))[0]).toContain("night-1");
    await page.goto(`${stand.server.address}/w/main/server-logs?q=actor:night-*`);
    await expect.poll(() => cells("action").then(() => cells("what"))).toEqual(["created s"]);
  });

  test("opening the screens is not recorded as searching; a click on a filter is", async () => {
    const searched = async () => {
      const asked = `${stand.server.address}/api/v1/events?workspace=main&q=action:log.searched`;
      const { items } = (await (await page.request.get(asked)).json()) as { items: { details: { query: string } }[] };
      return items.map(({ details }) => details.query);
    };
    for (const [screen, button] of [
      ["audit-log", "Without reading"],
      ["server-logs", "Only failed"],
      ["logins", "Only failed"],
    ] as const) {
      await page.goto(`${stand.server.address}/w/main/${screen}`);
      await page.locator("#events [data-event], main .state").first().waitFor();
      await page.getByRole("button", { name: button }).click();
      await expect.poll(() => address().get("q")).toBeTruthy();
    }
    const clicked = ["-action:log.*", "outcome:failure,denied", "outcome:failure,denied"];
    const bases = ["kind:administrative", "target:server/*,instance/*,vm/*,pod/*", "action:auth.login"];
    await expect
      .poll(async () => (await searched()).filter((query) => !/night-|log.searched/.test(query)))
      .toEqual(bases.map((base, place) => `${clicked[place]} ${base}`).reverse());
  });

  test("a link takes the columns along", async () => {
    await show("server-logs?columns=time,what,project");
    expect(await heads()).toEqual(["Time ↓", "Operation", "Project"]);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.keyboard.press("y");
    await expect
      .poll(() => page.evaluate(() => navigator.clipboard.readText()))
      .toBe(`${stand.server.address}/w/demo/server-logs?columns=time%2Cwhat%2Cproject`);
  });

  test("on a phone every screen has two lines a row and no more width than the phone", async () => {
    const phone = await stand.openSignedIn({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    for (const screen of ["audit-log", "server-logs", "logins"]) {
      await phone.goto(`${stand.server.address}/w/demo/${screen}?range=30d`);
      await phone.locator(".row.two-line").first().waitFor();
      expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    }
    expect(await phone.locator(".row.two-line .lead").first().textContent()).not.toBe("");
    await phone.context().close();
  });
});
