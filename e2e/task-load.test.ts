import type { NewTask, Task, TaskChangeInput, TaskLineInput } from "@daybook/contract";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openStand, type Stand, setUpOwner } from "./stand.ts";
import { type Caller, caller } from "./work-api.ts";

const ESC = "\u001b";

describe.skipIf(chromiumPath === undefined)("tasks in the console under load", { retry: 1 }, () => {
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

  beforeAll(async () => {
    stand = await openStand();
    await setUpOwner(stand);
    call = await caller(stand);
    page = await stand.openSignedIn();
  }, 60_000);
  afterAll(() => stand.close());

  test("fifty changes a second draw only the rows that they change", async () => {
    const type = `load.${Date.now()}`; // Another try counts its own tasks.
    const tasks = await Promise.all(
      Array.from({ length: 20 }, (_, n) => make({ type, title: `Load ${n}`, status: "running" })),
    );
    await show(`tasks?type=${type}`, `[data-task="${tasks[0]?.id}"]`);
    await expect.poll(() => page.locator("[data-task]").count(), { timeout: 10_000 }).toBe(20);
    await page.evaluate(watchRows);
    const began = performance.now();
    const sent: Promise<Task>[] = [];
    for (let n = 0; n < 150; n++) {
      sent.push(change(tasks[n % 20]?.id ?? "", { progress: Math.floor(n / 2) }));
      await pause(began + (n + 1) * 20 - performance.now());
    }
    await Promise.all(sent);
    const seconds = (performance.now() - began) / 1000;
    await expect.poll(() => row(tasks[9]?.id ?? "").textContent(), { timeout: 10_000 }).toContain("74 %");
    const seen = (await page.evaluate("globalThis.rowsSeen")) as Seen;
    process.stdout.write(
      `tasks: ${(150 / seconds).toFixed(0)} changes/s, slowest frame ${seen.slowestFrameMs.toFixed(0)} ms\n`,
    );
    expect(seen.moved, "rows that were put in or taken out").toBe(0);
    expect(seen.foreign, "rows that changed without a change").toBe(0);
    for (const { id } of tasks) await change(id, { status: "completed" });
  });

  test("40,000 lines are painted when they are opened, and as they come", async () => {
    const { id } = await make({ type: "instance.import", title: "Import 40,000", status: "running" });
    const batch = (from: number) =>
      Array.from(
        { length: 5_000 },
        (_, n): TaskLineInput => ({
          text: `${ESC}[32m${String(from + n).padStart(6)}${ESC}[0m world/region/r.${n % 90}.mca ${ESC}[2mok${ESC}[0m`,
          stream: n % 100 === 0 ? "err" : "out",
        }),
      );
    for (let from = 0; from < 40_000; from += 5_000) await print(id, batch(from));
    // The code of the screen is there, as it is for whoever opens a row.
    await show("tasks?type=instance.import", `[data-task="${id}"]`);
    const opened = await page.evaluate(timeUntil, { click: `[data-task="${id}"] .title`, text: "39999 world" });
    process.stdout.write(`tasks: 40,000 lines painted ${opened.toFixed(0)} ms after the click\n`);
    expect(await page.locator(".log-line").count()).toBeLessThan(120);
    const burst = page.evaluate(timeUntil, { click: "", text: "79999 world" });
    const began = performance.now();
    for (let from = 40_000; from < 80_000; from += 5_000) await print(id, batch(from));
    const sent = performance.now() - began;
    const painted = await burst;
    process.stdout.write(
      `tasks: a burst of 40,000 was stored in ${sent.toFixed(0)} ms, painted after ${painted.toFixed(0)} ms\n`,
    );
    const scrolled = (await page.evaluate(scrollThrough)) as { slowestMs: number; frames: number };
    process.stdout.write(`tasks: scrolling, ${scrolled.frames} frames, slowest ${scrolled.slowestMs.toFixed(0)} ms\n`);
    expect(await page.locator(".log-line").count()).toBeLessThan(120);
    await page.locator(".log-new").waitFor({ state: "detached" });
    await change(id, { status: "completed" });
  });
});

interface Seen {
  moved: number;
  foreign: number;
  slowestFrameMs: number;
}

/** In the page: notes rows that come and go, rows that change without a change of their text, and the slowest frame. */
function watchRows(): void {
  const seen: Seen = { moved: 0, foreign: 0, slowestFrameMs: 0 };
  const page = globalThis as unknown as { rowsSeen: Seen; document: Document };
  page.rowsSeen = seen;
  const group = document.querySelector('#tasks > [role="rowgroup"]:not(.head)');
  if (!group) throw new Error("there are no rows");
  new MutationObserver((records) => {
    for (const { target, addedNodes, removedNodes, type } of records) {
      if (target === group) seen.moved += addedNodes.length + removedNodes.length;
      else if (type === "attributes" && (target as Element).matches(".row")) seen.foreign++;
    }
  }).observe(group, { childList: true, subtree: true, attributes: true });
  let last = performance.now();
  const frame = (now: number) => {
    seen.slowestFrameMs = Math.max(seen.slowestFrameMs, now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame((now) => {
    last = now;
    frame(now);
  });
}

/** In the page: clicks, and waits until a line with a text is painted. Milliseconds. */
async function timeUntil({ click, text }: { click: string; text: string }): Promise<number> {
  const began = performance.now();
  if (click) (document.querySelector(click) as HTMLElement).click();
  for (;;) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    if ([...document.querySelectorAll(".log-text")].some((line) => line.textContent?.includes(text))) break;
    if (performance.now() - began > 30_000) throw new Error(`no line with ${text}`);
  }
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  return performance.now() - began;
}

/** In the page: scrolls through the whole output, a screen a frame. */
async function scrollThrough(): Promise<{ slowestMs: number; frames: number }> {
  const pane = document.querySelector(".log-scroll") as HTMLElement;
  let slowestMs = 0;
  let last = performance.now();
  const frames = 120;
  for (let frame = 0; frame <= frames; frame++) {
    pane.scrollTop = (pane.scrollHeight * frame) / frames;
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const now = performance.now();
    if (frame > 1) slowestMs = Math.max(slowestMs, now - last);
    last = now;
  }
  return { slowestMs, frames };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
