import { AxeBuilder } from "@axe-core/playwright";
import type { NewTask, Task, TaskChangeInput, TaskLineInput } from "@daybook/contract";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openStand, type Stand, setUpOwner } from "./stand.ts";
import { type Caller, caller } from "./work-api.ts";

const ESC = "\u001b";

describe.skipIf(chromiumPath === undefined)("tasks in the console", { retry: 1 }, () => {
  let stand: Stand;
  let page: Page;
  let call: Caller;

  const make = (task: NewTask) => call<Task>("POST", "/tasks", task);
  const change = (id: string, to: TaskChangeInput) => call<Task>("PATCH", `/tasks/${id}`, to);
  const print = (id: string, lines: TaskLineInput[]) => call("POST", `/tasks/${id}/lines`, lines);
  const show = async (path: string, seen: string) => {
    await page.goto(`${stand.server.address}/w/main/${path}`);
    await page.locator(seen).first().waitFor();
  };
  const row = (id: string) => page.locator(`[data-task="${id}"]`);
  const address = () => new URL(page.url());
  const isClean = async (name: string) => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(
      violations.map(({ id, nodes }) => `${name}: ${id} ${nodes[0]?.html.slice(0, 160)}`),
      name,
    ).toEqual([]);
  };

  beforeAll(async () => {
    stand = await openStand(chromiumPath, { DAYBOOK_ALLOWED_HOSTS: "127.0.0.1" });
    await setUpOwner(stand);
    call = await caller(stand);
    page = await stand.openSignedIn();
  }, 60_000);
  afterAll(() => stand.close());
  afterEach(() => expect(stand.faults.splice(0)).toEqual([]));

  test("an empty list says what would appear and how to send the first", async () => {
    await show("tasks", ".state");
    expect(await page.locator(".state").textContent()).toContain("No tasks yet");
    expect(await page.locator(".copy-block pre").first().textContent()).toContain("/api/v1/tasks");
    await isClean("no tasks");
  });

  test("a task appears while one looks, moves on in its row, and ends there", async () => {
    await show("tasks", ".state");
    const { id } = await make({ type: "instance.deploy", title: "Deploy web-1", status: "running", node: "hv-1" });
    await row(id).waitFor();
    const element = await row(id).elementHandle();
    await change(id, { progress: 40 });
    await row(id).getByText("40 %").waitFor();
    await change(id, { status: "failed", error: { message: "No room on hv-1.", code: "no_capacity" } });
    await row(id).getByText("failed").waitFor();
    expect(await row(id).locator(".said").textContent()).toContain("No room on hv-1.");
    expect(await element?.evaluate((node) => node.isConnected), "the row was drawn anew").toBe(true);
    await row(id).click();
    const panel = page.getByRole("complementary", { name: "Task" });
    await panel.getByText("no_capacity").waitFor();
    expect(address().searchParams.get("task")).toBe(id);
    await isClean("a failed task in the panel");
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "detached" });
  });

  test("tabs, words and search narrow the list, and the address keeps them", async () => {
    const [one, other] = await Promise.all([
      make({ type: "instance.backup", title: "Back up db-7", status: "running", user: { id: "u-7", name: "Ama" } }),
      make({ type: "domain.import", title: "Import zone", targets: [{ type: "domain", id: "acme.example" }] }),
    ]);
    await show("tasks", `[data-task="${one.id}"]`);
    await page.getByRole("button", { name: /^pending/i }).click();
    await row(one.id).waitFor({ state: "detached" });
    await row(other.id).waitFor();
    expect(address().searchParams.get("status")).toBe("pending");
    expect(await page.getByRole("button", { name: /^pending/i }).textContent()).toMatch(/1/);
    await page.getByRole("button", { name: /^all \d/i }).click();
    await page.locator("[popovertarget=filter-user]").click();
    await page.locator("#filter-user input").fill("u-7");
    await page.keyboard.press("Enter");
    await row(other.id).waitFor({ state: "detached" });
    await row(one.id).waitFor();
    expect(address().searchParams.get("user")).toBe("u-7");
    await page.goto(`${stand.server.address}/w/main/tasks?target=domain/acme.example`);
    await row(other.id).waitFor();
    expect(await page.locator("[data-task]").count()).toBe(1);
    await page.goto(`${stand.server.address}/w/main/tasks`);
    await row(other.id).waitFor();
    await page.locator("#task-search").fill("db-7");
    await row(other.id).waitFor({ state: "detached" });
    await row(one.id).waitFor();
    await expect.poll(() => address().searchParams.get("q")).toBe("db-7");
    await change(one.id, { status: "completed" });
    await change(other.id, { status: "completed" });
  });

  test("the keys move over the rows, open and close", async () => {
    await show("tasks", "[data-task]");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    const at = page.locator('[data-task][data-cursor="true"]');
    await expect.poll(() => at.count()).toBe(1);
    const id = await at.getAttribute("data-task");
    await page.keyboard.press("Enter");
    await page.getByRole("complementary", { name: "Task" }).waitFor();
    expect(address().searchParams.get("task")).toBe(id);
    await page.keyboard.press("k");
    await expect.poll(() => address().searchParams.get("task")).not.toBe(id);
    await page.keyboard.press("Escape");
    await page.getByRole("complementary", { name: "Task" }).waitFor({ state: "detached" });
  });

  test("over a list that is being read new tasks are announced, and shown when asked for", async () => {
    await show("tasks", "[data-task]");
    await page.locator("[data-task]").first().hover();
    const { id } = await make({ type: "instance.deploy", title: "Deploy late-1", status: "running" });
    const news = page.getByRole("button", { name: /1 new/ });
    await news.waitFor();
    expect(await row(id).count()).toBe(0);
    await news.click();
    await row(id).waitFor();
    await change(id, { status: "completed" });
  });

  test("the output is searched, shown by stream, and follows its end until one scrolls up", async () => {
    const { id } = await make({ type: "instance.deploy", title: "Deploy log-1", status: "running" });
    const lines = Array.from({ length: 3_000 }, (_, n): TaskLineInput => ({ text: `line ${n}` }));
    lines[1_234] = { text: `${ESC}[31mdisk ${ESC}[1mfull${ESC}[0m`, stream: "err" };
    await print(id, lines);
    await show(`tasks/${id}`, ".log-line");
    await page.getByText("line 2999", { exact: true }).waitFor();
    await page.getByRole("searchbox", { name: "Search in the output" }).fill("disk full");
    await page.getByText("1 of 1").waitFor();
    await page.keyboard.press("Enter");
    await page.locator('.log-line[data-current="true"]').waitFor();
    expect(await page.locator('.log-line[data-current="true"] mark').allTextContents()).toEqual(["disk ", "full"]);
    await print(id, [{ text: "one more" }]);
    await page.getByRole("button", { name: "1 new line" }).click();
    await page.getByText("one more", { exact: true }).waitFor();
    await page.getByRole("searchbox", { name: "Search in the output" }).fill("");
    await page.getByRole("button", { name: "err", exact: true }).click();
    await expect.poll(() => page.locator(".log-line").count()).toBe(1);
    await page.getByRole("button", { name: "Wrap" }).click();
    await page.getByRole("button", { name: "Times" }).click();
    await page.locator(".log-time").first().waitFor();
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download the output" }).click();
    expect((await download).suggestedFilename()).toBe(`task-${id}.log`);
    await isClean("the page of a task");
    await change(id, { status: "completed" });
  });

  test("a failed task that may run twice is tried again; one that may not says so", async () => {
    const answer = await page.request.put(`${stand.server.address}/api/v1/task-types/dns.sync`, {
      headers: { "x-daybook-workspace": "main", "x-daybook-csrf": await csrf() },
      data: { title: "Sync zones", idempotent: true, endpoint: "http://127.0.0.1:9/never" },
    });
    expect(answer.status(), await answer.text()).toBeLessThan(300);
    const twice = await make({ type: "dns.sync" });
    await expect
      .poll(async () => (await call<Task>("GET", `/tasks/${twice.id}`)).status, { timeout: 20_000 })
      .toBe("failed");
    await show(`tasks/${twice.id}`, ".task-why");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("group", { name: "Attempts" }).waitFor();
    const once = await make({ type: "instance.deploy", status: "running" });
    await change(once.id, { status: "failed", error: "no" });
    await show(`tasks/${once.id}`, ".task-why");
    expect(await page.locator(".task-head").textContent()).toContain("not marked as safe to run twice");
    expect(await page.getByRole("button", { name: "Try again" }).count()).toBe(0);
  });

  test("all that a filter finds are cancelled after a question with their number", async () => {
    for (let n = 0; n < 3; n++) await make({ type: "bulk.test", title: `Bulk ${n}` });
    await show("tasks?type=bulk.test&status=pending", "[data-task]");
    await page.locator("[popovertarget=bulk-acts]").click();
    await page.getByRole("menuitem", { name: /Cancel what is pending.*3 pending tasks/ }).click();
    const question = page.getByRole("alertdialog");
    expect(await question.textContent()).toContain("Cancel 3 pending tasks?");
    await question.getByRole("button", { name: "Cancel them" }).click();
    await expect.poll(() => address().searchParams.get("task")).not.toBeNull();
    await page.getByRole("complementary", { name: "Task" }).getByRole("heading", { level: 2 }).waitFor();
  });

  test("nothing is wider than a telephone, and axe finds nothing in either theme", async () => {
    const { items } = await call<{ items: Task[] }>("GET", "/tasks?status=failed&limit=1");
    const views = [
      ["tasks?status=failed", "[data-task]"],
      [`tasks/${items[0]?.id}`, ".task-head"],
    ] as const;
    const before = page;
    for (const [width, colorScheme] of [
      [390, "dark"],
      [1440, "light"],
    ] as const) {
      page = await stand.openSignedIn({ viewport: { width, height: 844 }, colorScheme });
      for (const [path, seen] of views) {
        await show(path, seen);
        expect(await page.evaluate("document.documentElement.scrollWidth"), path).toBeLessThanOrEqual(width);
        await isClean(`${path} ${width} ${colorScheme}`);
      }
      await page.context().close();
    }
    page = before;
  });

  const csrf = async () => {
    const me = await page.request.get(`${stand.server.address}/api/v1/me`);
    return ((await me.json()) as { csrfToken: string }).csrfToken;
  };
});
