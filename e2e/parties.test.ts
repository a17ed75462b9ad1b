import { readFile } from "node:fs/promises";
import type { Attacks } from "@daybook/contract";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openStand, type Stand, setUpOwner } from "./stand.ts";

/** The demo company, smaller; one of its stories is a brute force that gets in. */
const demo = ["demo", "--events", "6000", "--days", "30"];

describe.skipIf(chromiumPath === undefined)("pages of parties, trace and brute force", { retry: 1 }, () => {
  let stand: Stand;
  let page: Page;
  let attacks: Attacks;

  beforeAll(async () => {
    stand = await openStand();
    await setUpOwner(stand);
    const filled = await stand.daybook(...demo);
    expect(filled.code, filled.err).toBe(0);
    page = await stand.openSignedIn();
    const words = new URLSearchParams({ workspace: "demo", from: "2000-01-01", limit: "200" });
    const answer = await page.request.get(`${stand.server.address}/api/v1/logins/attacks?${words}`);
    attacks = (await answer.json()) as Attacks;
  });
  afterAll(() => stand.close());
  afterEach(() => expect(stand.faults.splice(0)).toEqual([]));

  const show = async (path: string, seen: string) => {
    await page.goto(`${stand.server.address}/w/demo/${path}`);
    await page.locator(seen).first().waitFor();
  };
  const address = () => new URL(page.url());
  const theOneThatGotIn = () => {
    const [first] = attacks.items;
    if (first?.succeededAt === undefined) throw new Error("no attack of the demo company succeeded");
    return first;
  };

  test("brute force lists the addresses, the one that got in first, and by account whose it was", async () => {
    const first = theOneThatGotIn();
    await show("logins/brute-force?range=all", ".attacks tbody tr");
    const rows = page.locator(".attacks tbody tr");
    expect(await rows.count()).toBe(attacks.groups);
    expect(await rows.first().locator("th").textContent()).toContain(first.value);
    expect(await rows.first().locator(".attack-in").count()).toBe(1);
    expect(await page.locator(".attack-sum").textContent()).toContain(`${attacks.succeeded} then got in`);
    await page.getByRole("button", { name: "By account" }).click();
    await expect.poll(() => address().searchParams.get("by")).toBe("account");
    await page.locator(`.attacks th [title="${first.succeededAs}"]`).waitFor();
  });

  test("the block list is saved for nftables, and that is recorded", async () => {
    await show("logins/brute-force?range=all", ".attacks tbody tr");
    await page.locator("[popovertarget=block-list]").click();
    const download = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: /nftables/ }).click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(/^daybook-demo-block-list-.*\.nft$/);
    const text = await readFile(await file.path(), "utf8");
    for (const { value } of attacks.items) expect(text).toContain(value);
    await show("activity?q=action:log.exported", "[data-event]");
    expect(await page.locator("#events").textContent()).toContain("exported");
  });

  test("from the attack to the trace of the sign-in, to the event, to the page of the address", async () => {
    const first = theOneThatGotIn();
    await show("logins/brute-force?range=all", ".attacks tbody tr");
    await page.locator("tbody .attack-in").first().click();
    await page.locator(".trace-line [data-here=true]").waitFor();
    expect(address().pathname).toBe(`/w/demo/trace/${first.successId}`);
    const sameActor = page.getByRole("button", { name: /same actor/ });
    const all = await page.locator(".trace-line > li").count();
    expect(all).toBeGreaterThan(2);
    await sameActor.click();
    await expect.poll(() => page.locator(".trace-line > li").count()).toBeLessThan(all);
    await page.getByRole("link", { name: "Open the event" }).click();
    await page.getByRole("link", { name: `Page of ${first.value}` }).click();
    await page.locator(".party-title").waitFor();
    expect(address().pathname).toBe(`/w/demo/addresses/${first.value}`);
    expect(await page.locator(".party-title").textContent()).toBe(first.value);
  });

  test("an actor has everything they did and that happened to them in one timeline, and each part alone", async () => {
    const name = theOneThatGotIn().succeededAs ?? "";
    await show(`actors/${name}`, "[data-event]");
    const caption = () => page.locator(".caption").textContent();
    const all = await caption();
    const did = page.getByRole("button", { name: /^Did/ });
    const number = /[\d,]+/.exec((await did.textContent()) ?? "")?.[0];
    await did.click();
    await expect.poll(() => address().searchParams.get("part")).toBe("did");
    await expect.poll(caption).toMatch(new RegExp(`^${number} events`));
    expect(await caption()).not.toBe(all);
    const who = page.locator("#events [data-column=who]");
    await expect.poll(async () => new Set(await who.allTextContents()).size).toBe(1);
    await page.goBack();
    await expect.poll(caption).toBe(all);
  });

  test("a range narrows the timeline, and a row opens the event beside it", async () => {
    const { value } = theOneThatGotIn();
    await show(`addresses/${value}`, "[data-event]");
    expect(await page.getByRole("button", { name: "All", exact: true }).getAttribute("aria-pressed")).toBe("true");
    await page.getByRole("button", { name: "7 d", exact: true }).click();
    await expect.poll(() => address().searchParams.get("range")).toBe("7d");
    await page.locator("[data-event] .what").first().click();
    await page.getByRole("complementary", { name: "Event" }).waitFor();
    expect(address().pathname).toBe(`/w/demo/addresses/${value}`);
    await page.keyboard.press("Escape");
    await page.getByRole("complementary", { name: "Event" }).waitFor({ state: "detached" });
  });

  test("the palette leads to the page of an address that is typed", async () => {
    const { value } = theOneThatGotIn();
    await show("activity", "[data-event]");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Command or search" }).fill(value);
    await page.getByRole("option", { name: new RegExp(`^Page of ${value.replaceAll(".", "\\.")}`) }).click();
    await page.locator(".party-title").waitFor();
    expect(address().pathname).toBe(`/w/demo/addresses/${value}`);
  });

  test("what the log does not have is said", async () => {
    await show("targets/server/there-is-none", ".state");
    expect(await page.locator(".state").textContent()).toContain("server/there-is-none");
  });

  test("nothing is wider than a telephone", async () => {
    const narrow = await stand.openSignedIn({ viewport: { width: 390, height: 844 } });
    const { value, succeededAs, successId } = theOneThatGotIn();
    const views = [
      ["logins/brute-force?range=all", ".attacks tbody tr"],
      ["logins/brute-force?range=all&by=account", ".attacks tbody tr"],
      [`addresses/${value}`, "[data-event]"],
      [`actors/${succeededAs}`, "[data-event]"],
      [`trace/${successId}`, ".trace-line"],
    ] as const;
    for (const [path, seen] of views) {
      await narrow.goto(`${stand.server.address}/w/demo/${path}`);
      await narrow.locator(seen).first().waitFor();
      expect(await narrow.evaluate("document.documentElement.scrollWidth"), path).toBeLessThanOrEqual(390);
    }
    await narrow.context().close();
  });
});
