import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { openStand, type Stand, setUpOwner } from "../e2e/stand.ts";
import { findChromium } from "./chromium.ts";
import { repository } from "./run.ts";
import { takePanel } from "./viewer-screenshots.ts";

// npm run screenshots: makes docs/images/*.png from the demo company. Build the console first (npm run build).

interface Shot {
  name: string;
  path: string;
  width: 1440 | 390;
  schemes: readonly ("light" | "dark")[];
  act?: (page: Page) => Promise<void>;
}

const both = ["light", "dark"] as const;
const log = "/w/demo/activity";
const changes = `${log}?q=kind:administrative+target:server/*+field:*&range=30d`;

const shots: Shot[] = [
  { name: "activity", path: log, width: 1440, schemes: both },
  { name: "phone", path: log, width: 390, schemes: both },
  { name: "event", path: changes, width: 1440, schemes: both, act: openChange },
  { name: "phone-event", path: changes, width: 390, schemes: ["dark"], act: openChange },
  { name: "attack", path: `${log}?q=action:auth.login+outcome:failure&range=30d`, width: 1440, schemes: ["light"] },
  { name: "audit-log", path: "/w/demo/audit-log?range=30d&q=-action:log.*", width: 1440, schemes: ["light"] },
  { name: "server-logs", path: "/w/demo/server-logs?range=30d&q=field:*", width: 1440, schemes: ["light"] },
  { name: "logins", path: "/w/demo/logins?range=30d", width: 1440, schemes: both },
  { name: "phone-logins", path: "/w/demo/logins?range=30d", width: 390, schemes: ["light"] },
  { name: "search", path: `${log}?q=-actor:system`, width: 1440, schemes: ["light"], act: completeSearch },
  { name: "integrity", path: "/w/demo/integrity", width: 1440, schemes: ["light"] },
];

const chromium = findChromium();
if (chromium === undefined) throw new Error("There is no Chromium on this machine: install it first.");
const images = join(repository, "docs", "images");
mkdirSync(images, { recursive: true });
const stand = await openStand(chromium);
try {
  await setUpOwner(stand);
  const filled = await stand.daybook("demo");
  if (filled.code !== 0) throw new Error(`the demo could not be filled: ${filled.err}`);
  for (const shot of shots) for (const colorScheme of shot.schemes) await take(stand, shot, colorScheme);
  await takePanel(stand, images);
  if (stand.faults.length > 0) throw new Error(stand.faults.join("\n"));
} finally {
  await stand.close();
}

async function take(from: Stand, shot: Shot, colorScheme: "light" | "dark"): Promise<void> {
  const viewport = { width: shot.width, height: shot.width === 390 ? 844 : 900 };
  const page = await from.openSignedIn({ viewport, colorScheme, deviceScaleFactor: shot.width === 390 ? 2 : 1 });
  await page.goto(from.server.address + shot.path);
  await page.locator("[data-event], .log-state").first().waitFor();
  await shot.act?.(page);
  await page.mouse.move(0, 0);
  await page.waitForTimeout(600); // Counts and proof are there, transitions are over.
  const file = join(images, `${shot.name}-${colorScheme}.png`);
  await page.screenshot({ path: file });
  process.stdout.write(`${file}\n`);
  await page.context().close();
}

/** Opens an event with some changes, and waits until its proof was checked. */
async function openChange(page: Page): Promise<void> {
  await page.locator("[data-event] .what", { hasText: "the resources of" }).first().click();
  await page.locator('.proof[data-state="verified"]').waitFor();
}

async function completeSearch(page: Page): Promise<void> {
  await page.locator("#search").click();
  await page.keyboard.press("End");
  await page.keyboard.type(" action:server.b");
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("ArrowDown");
}
