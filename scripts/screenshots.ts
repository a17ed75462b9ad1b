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
  /** What stands there as soon as the screen has its data; left out, the rows of a log. */
  ready?: string;
  width: 1440 | 390;
  schemes: readonly ("light" | "dark")[];
  /** What has to be there first. It is on record, so pictures of the log come before. */
  before?: (stand: Stand) => Promise<void>;
  act?: (page: Page) => Promise<void>;
}

const both = ["light", "dark"] as const;
const log = "/w/demo/activity";
const changes = `${log}?q=kind:administrative+target:server/*+field:*&range=30d`;

const failedDeploys = "/w/demo/tasks?status=failed&type=instance.deploy";

const bounced = "/w/demo/mail-log?status=bounced&range=30d";
const template = "/w/demo/mail-templates/server-suspended";

// A search is on record: pictures of everything come before those of what was searched for.
const shots: Shot[] = [
  { name: "activity", path: log, width: 1440, schemes: both },
  { name: "phone", path: log, width: 390, schemes: both },
  { name: "search", path: `${log}?q=-actor:system`, width: 1440, schemes: ["light"], act: completeSearch },
  { name: "event", path: changes, width: 1440, schemes: both, act: openChange },
  { name: "phone-event", path: changes, width: 390, schemes: ["dark"], act: openChange },
  { name: "attack", path: `${log}?q=action:auth.login+outcome:failure&range=30d`, width: 1440, schemes: ["light"] },
  { name: "audit-log", path: "/w/demo/audit-log?range=30d&q=-action:log.*", width: 1440, schemes: ["light"] },
  { name: "server-logs", path: "/w/demo/server-logs?range=30d&q=field:*", width: 1440, schemes: ["light"] },
  { name: "logins", path: "/w/demo/logins?range=30d", width: 1440, schemes: both },
  { name: "phone-logins", path: "/w/demo/logins?range=30d", width: 390, schemes: ["light"] },
  {
    name: "brute-force",
    path: "/w/demo/logins/brute-force?range=30d",
    ready: ".attacks",
    width: 1440,
    schemes: ["light"],
  },
  { name: "target", path: "", width: 1440, schemes: ["light"] },
  { name: "tasks", path: "/w/demo/tasks?range=24h", width: 1440, schemes: both, ready: "[data-task]" },
  { name: "failed-task", path: failedDeploys, width: 1440, schemes: both, ready: "[data-task]", act: openTask },
  { name: "phone-tasks", path: "/w/demo/tasks?range=24h", width: 390, schemes: ["dark"], ready: "[data-task]" },
  { name: "schedules", path: "/w/demo/schedules", width: 1440, schemes: both, ready: "[data-schedule]" },
  { name: "mail-log", path: "/w/demo/mail-log?range=30d", width: 1440, schemes: both, ready: "[data-mail]" },
  { name: "phone-mail-log", path: "/w/demo/mail-log?range=30d", width: 390, schemes: ["dark"], ready: "[data-mail]" },
  { name: "mail", path: bounced, width: 1440, schemes: ["light"], ready: "[data-mail]", act: openMail },
  { name: "mail-templates", path: "/w/demo/mail-templates", width: 1440, schemes: ["light"], ready: "[data-template]" },
  { name: "mail-template", path: template, width: 1440, schemes: both, ready: ".cm-editor", act: waitForPreview },
  { name: "mail-settings", path: "/w/demo/settings/mail", width: 1440, schemes: ["light"], ready: "h2" },
  { name: "integrity", path: "/w/demo/integrity", ready: ".log-state", width: 1440, schemes: ["light"] },
  { name: "team", path: "/w/demo/team", ready: ".team", width: 1440, schemes: ["light"], before: fillTeam },
  { name: "settings", path: "/w/demo/settings", ready: ".installation", width: 1440, schemes: both },
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
  for (const shot of shots) {
    await shot.before?.(stand);
    for (const colorScheme of shot.schemes) await take(stand, shot, colorScheme);
  }
  await takePanel(stand, images);
  if (stand.faults.length > 0) throw new Error(stand.faults.join("\n"));
} finally {
  await stand.close();
}

async function take(from: Stand, shot: Shot, colorScheme: "light" | "dark"): Promise<void> {
  const viewport = { width: shot.width, height: shot.width === 390 ? 844 : 900 };
  const page = await from.openSignedIn({ viewport, colorScheme, deviceScaleFactor: shot.width === 390 ? 2 : 1 });
  await page.goto(from.server.address + (shot.path || (await pathOfServer(page))));
  await page
    .locator(shot.ready ?? "[data-event]")
    .first()
    .waitFor();
  await shot.act?.(page);
  await page.mouse.move(0, 0);
  await page.waitForTimeout(600); // Counts and proof are there, transitions are over.
  const file = join(images, `${shot.name}-${colorScheme}.png`);
  await page.screenshot({ path: file });
  process.stdout.write(`${file}\n`);
  await page.context().close();
}

/** The page of a server of which there is something to tell. */
async function pathOfServer(page: Page): Promise<string> {
  const asked = "/api/v1/events?workspace=demo&q=action:server.resources.updated&limit=1";
  const { items } = (await (await page.request.get(stand.server.address + asked)).json()) as {
    items: { targets: { type: string; id: string }[] }[];
  };
  const server = items[0]?.targets[0];
  if (server === undefined) throw new Error("the demo tells of no server whose resources were changed");
  return `/w/demo/targets/${server.type}/${server.id}?range=90d`;
}

/** Colleagues of the owner: some have chosen their password, one has yet to. */
async function fillTeam({ daybook, server }: Stand): Promise<void> {
  for (const [name, role, chooses] of [
    ["Leilani Kahale", "administrator", true],
    ["Farid Haddad", "auditor", true],
    ["Mateus Ribeiro", "support", true],
    ["Ingrid Solheim", "billing", false],
  ] as const) {
    const email = `${name.split(" ")[0]?.toLowerCase()}@heronfield.example`;
    const made = await daybook(
      "users",
      "create",
      ...["--email", email, "--name", name, "--role", role],
      "--workspace",
      "demo",
      "--json",
    );
    const { link } = JSON.parse(made.out) as { link: string };
    if (!chooses) continue;
    const password = "a lantern above the boathouse";
    for (const [path, body] of [
      ["passwords", { token: link.split("#")[1], password }],
      ["sessions", { email, password }],
    ] as const)
      await fetch(`${server.address}/api/v1/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
  }
}

/** Opens an event with some changes, and waits until its proof was checked. */
async function openChange(page: Page): Promise<void> {
  await page.locator("[data-event] .what", { hasText: "the resources of" }).first().click();
  await page.locator('.proof[data-state="verified"]').waitFor();
}

/** Opens a task that failed, and waits for what it wrote. */
async function openTask(page: Page): Promise<void> {
  await page.locator("[data-task] .title").first().click();
  await page.locator(".task .log-line").first().waitFor();
}

/** Opens a mail that bounced, and what it said. */
async function openMail(page: Page): Promise<void> {
  await page.locator("[data-mail]").first().click();
  await page.locator(".happenings").first().waitFor();
}

async function waitForPreview(page: Page): Promise<void> {
  await page.locator("iframe").first().waitFor();
}

async function completeSearch(page: Page): Promise<void> {
  await page.locator("#search").click();
  await page.keyboard.press("End");
  await page.keyboard.type(" action:server.b");
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("ArrowDown");
}
