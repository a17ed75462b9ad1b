import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AxeBuilder } from "@axe-core/playwright";
import type { EventInput } from "@daybook/contract";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openStand, type Stand } from "./stand.ts";

let number = 0;

/** An event of a server that belongs to `ownerId`. */
function power(ownerId: string, name: string, more: Partial<EventInput> = {}): EventInput {
  number += 1;
  return {
    occurredAt: new Date(Date.now() - 3_600_000 + number * 1000).toISOString(),
    action: "server.power.start",
    actor: { type: "user", id: ownerId, name: `Owner ${ownerId}` },
    targets: [{ type: "server", id: name, name, ownerId }],
    ...more,
  };
}

describe.skipIf(chromiumPath === undefined)("the activity component on a page of another origin", { retry: 1 }, () => {
  let stand: Stand;
  let panel: Server;
  let panelAddress: string;
  let key: string;

  beforeAll(async () => {
    stand = await openStand();
    const made = await stand.daybook("keys", "create", "--name", "panel", "--scope", "viewer_tokens:create", "--json");
    key = (JSON.parse(made.out) as { key: string }).key;
    panel = createServer((_request, response) => {
      const { address } = stand.server;
      // Nothing inline, no eval, no styles of its own: what a careful panel sends.
      const policy = `default-src 'none'; script-src ${address}; connect-src ${address}; frame-src ${address}; img-src data:`;
      response.writeHead(200, { "content-type": "text/html", "content-security-policy": policy });
      response.end(
        `<!doctype html><html lang="en"><title>Panel</title><meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">` +
          `<script type="module" src="${address}/viewer/daybook-activity.js"></script><body><main><h1>Panel</h1></main>`,
      );
    });
    await new Promise<void>((resolve) => panel.listen(0, "127.0.0.1", resolve));
    panelAddress = `http://127.0.0.1:${(panel.address() as AddressInfo).port}/`;
    const many = Array.from({ length: 30 }, (_, at) => power("77", `mine-${at}`));
    await stand.send([
      ...many,
      power("88", "foreign-1"),
      power("77", "mine-failed", { outcome: "failure", reason: "disk_full" }),
      power("77", "mine-resized", {
        action: "server.resources.updated",
        changes: [{ field: "memoryMb", old: 1024, new: 2048 }],
      }),
    ]);
  });
  afterAll(async () => {
    panel?.close();
    panel?.closeAllConnections();
    await stand?.close();
  });
  afterEach(() => {
    // The panel is another host to the stand: that the pages are served from there is what is tested.
    const faults = stand.faults.splice(0).filter((fault) => !fault.startsWith(`request to ${panelAddress}`));
    expect(faults).toEqual([]);
  });

  async function mint(): Promise<{ id: string; token: string }> {
    const response = await fetch(`${stand.server.address}/api/v1/viewer-tokens`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ scope: { ownerId: "77" }, minutes: 60 }),
    });
    expect(response.status).toBe(201);
    return (await response.json()) as { id: string; token: string };
  }

  async function show(attributes: Record<string, string> = {}, width = 1440): Promise<Page> {
    const page = await stand.open({ viewport: { width, height: 800 }, reducedMotion: "reduce" });
    await page.goto(panelAddress);
    await put(page, { token: (await mint()).token, ...attributes });
    return page;
  }

  const put = (page: Page, attributes: Record<string, string>) =>
    page.evaluate((given) => {
      const view = document.createElement("daybook-activity");
      for (const [name, value] of Object.entries(given)) view.setAttribute(name, value);
      view.addEventListener("daybook-token-expired", () => document.body.setAttribute("data-expired", "yes"));
      document.querySelector("main")?.append(view);
    }, attributes);

  test("shows the customer's rows, opens a change, loads more, and never a foreign event", async () => {
    const page = await show();
    const rows = page.locator("button.row");
    await rows.first().waitFor();
    expect(await rows.count()).toBe(25);
    const changed = rows.filter({ hasText: "mine-resized" });
    await changed.click();
    expect(await changed.getAttribute("aria-expanded")).toBe("true");
    expect(await page.locator(".changes").textContent()).toContain("1024→ 2048");
    await page.getByRole("button", { name: "Load more" }).click();
    await rows.filter({ hasText: "mine-0" }).waitFor();
    expect(await rows.count()).toBe(32);
    expect(await page.locator("daybook-activity .list").textContent()).not.toContain("foreign");
    await page.context().close();
  });

  test("filters by outcome, kind and words; words that look like a query are words", async () => {
    const page = await show();
    const rows = page.locator("button.row");
    await page.getByLabel("Outcome").selectOption({ label: "failed" });
    await expect.poll(() => rows.count()).toBe(1);
    expect(await rows.first().textContent()).toContain("mine-failed");
    await page.getByRole("button", { name: "Clear filters" }).click();
    await expect.poll(() => rows.count()).toBe(25);
    await page.getByLabel("Kind of action").selectOption({ label: "Resources" });
    await expect.poll(() => rows.count()).toBe(1);
    await page.getByRole("button", { name: "Clear filters" }).click();
    await page.getByRole("searchbox").fill('owner:88 "');
    await page.getByText("Nothing matches these filters").waitFor();
    await page.getByRole("searchbox").fill("foreign");
    await page.getByText("Nothing matches these filters").waitFor();
    await page.context().close();
  });

  test("tells of new rows, and not of new foreign ones", async () => {
    const page = await show();
    await page.locator(".live.open").waitFor();
    await page.locator("button.row").first().waitFor();
    const at = new Date().toISOString();
    await stand.send([power("88", "foreign-2", { occurredAt: at }), power("77", "mine-live", { occurredAt: at })]);
    await page.getByRole("button", { name: "1 new" }).click();
    expect(await page.locator("button.row").first().textContent()).toContain("mine-live");
    expect(await page.locator("daybook-activity .list").textContent()).not.toContain("foreign");
    await page.context().close();
  });

  test("says that a token has ended, tells the page, and goes on with a new one", async () => {
    const page = await stand.open();
    await page.goto(panelAddress);
    await put(page, { token: `${(await mint()).token.slice(0, -1)}!` });
    await page.getByText("This view has expired").waitFor();
    expect(await page.locator("body").getAttribute("data-expired")).toBe("yes");
    expect(await page.getByRole("searchbox").isVisible()).toBe(false);
    const { token } = await mint();
    await page.locator("daybook-activity").evaluate((view, fresh) => view.setAttribute("token", fresh), token);
    await page.locator("button.row").first().waitFor();
    await page.context().close();
  });

  test("takes the page's colours and texts, and themes", async () => {
    const page = await show({ theme: "dark" });
    await page.locator("button.row").first().waitFor();
    const view = page.locator("daybook-activity");
    const ground = () => view.evaluate((one) => getComputedStyle(one).backgroundColor);
    expect(await ground()).toBe("rgb(13, 13, 16)");
    await view.evaluate((one) => one.setAttribute("theme", "light"));
    expect(await ground()).toBe("rgb(255, 255, 255)");
    await view.evaluate((one: HTMLElement) => one.style.setProperty("--daybook-background", "rgb(1, 2, 3)"));
    expect(await ground()).toBe("rgb(1, 2, 3)");
    await view.evaluate((one) => Object.assign(one, { strings: { more: "Mehr laden" } }));
    await page.getByRole("button", { name: "Mehr laden" }).waitFor();
    await page.context().close();
  });

  test("works in a frame with the token in the fragment; the console is framed by nobody", async () => {
    const { address } = stand.server;
    const page = await stand.open();
    await page.goto(panelAddress);
    const src = `${address}/viewer/frame?theme=dark#token=${(await mint()).token}`;
    await page.evaluate((given) => {
      const frame = document.createElement("iframe");
      frame.src = given;
      frame.width = "900";
      addEventListener("message", ({ data }) => {
        if (data.type === "daybook-height") frame.height = data.height;
      });
      document.querySelector("main")?.append(frame);
    }, src);
    await page.frameLocator("iframe").locator("button.row").first().waitFor();
    await expect.poll(async () => Number(await page.locator("iframe").getAttribute("height"))).toBeGreaterThan(500);
    const [frame, home] = await Promise.all([fetch(`${address}/viewer/frame`), fetch(`${address}/`)]);
    expect(frame.headers.get("content-security-policy")).toContain("frame-ancestors *");
    expect(frame.headers.get("x-frame-options")).toBeNull();
    expect(home.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    await page.context().close();
  });

  describe("with their tasks", () => {
    let reporter: string;
    beforeAll(async () => {
      const made = await stand.daybook("keys", "create", "--name", "queue", "--scope", "tasks:write", "--json");
      reporter = (JSON.parse(made.out) as { key: string }).key;
    });

    async function tell(method: "POST" | "PATCH", path: string, body: object): Promise<{ id: string }> {
      const response = await fetch(`${stand.server.address}/api/v1/tasks${path}`, {
        method,
        headers: { authorization: `Bearer ${reporter}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      expect(response.status).toBeLessThan(300);
      return (await response.json()) as { id: string };
    }

    test("shows how far a task is, as it goes on, and never a foreign one", async () => {
      const page = await show({ tasks: "" });
      await page.locator("button.row").first().waitFor();
      const strip = page.locator("section.tasks");
      await tell("POST", "", {
        type: "instance.deploy",
        title: "Deploy foreign-2",
        user: { id: "88" },
        status: "running",
      });
      const own = { type: "instance.backup", title: "Back up shop-web", status: "running" };
      const { id } = await tell("POST", "", { ...own, targets: [{ type: "server", id: "s-1", ownerId: "77" }] });
      await strip.locator("li", { hasText: "Back up shop-web" }).waitFor();
      expect(await strip.locator(".live.open").count()).toBe(1);
      await tell("PATCH", `/${id}`, { progress: 40 });
      await expect.poll(() => strip.locator("progress").evaluate((bar: HTMLProgressElement) => bar.value)).toBe(40);
      const row = await strip.locator("li").elementHandle();
      await tell("PATCH", `/${id}`, { status: "failed", error: "The disk is full" });
      await strip.getByText("The disk is full").waitFor();
      expect(await strip.locator("progress:visible").count()).toBe(0);
      expect(await row?.evaluate((element) => element.isConnected)).toBe(true);
      expect(await strip.textContent()).not.toContain("foreign");
      await page.context().close();
    });

    test("shows nothing of them without the attribute", async () => {
      const page = await show();
      await page.locator("button.row").first().waitFor();
      expect(await page.locator("section.tasks").count()).toBe(0);
      await page.context().close();
    });

    test("axe finds nothing, and nothing sticks out", async () => {
      for (const [title, status] of [
        ["Deploy a server with a name that is so long that it does not fit in one row of a phone", "running"],
        ["Reinstall build-runner", "pending"],
      ])
        await tell("POST", "", { type: "instance.deploy", title, status, user: { id: "77" } });
      for (const width of [1440, 320]) {
        const page = await show({ tasks: "" }, width);
        await page.locator("section.tasks li").nth(1).waitFor();
        expect(await faultsOf(page)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        await page.context().close();
      }
    });
  });

  async function faultsOf(page: Page): Promise<string[]> {
    const found: string[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
      for (const { id, nodes } of violations) found.push(`${colorScheme}: ${id} at ${nodes[0]?.html.slice(0, 160)}`);
    }
    return found;
  }

  for (const width of [1440, 320])
    test(`axe finds nothing at ${width} px, and nothing sticks out`, async () => {
      const page = await show({}, width);
      await page.locator("button.row").first().waitFor();
      await page.locator("button.row", { hasText: "mine-resized" }).click();
      expect(await faultsOf(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      await page.context().close();
    });
});
