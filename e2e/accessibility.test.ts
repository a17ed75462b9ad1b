import { AxeBuilder } from "@axe-core/playwright";
import type { EventInput } from "@daybook/contract";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { activityLog } from "./activity-log.ts";
import { chromiumPath, openStand, type Stand, setUpOwner } from "./stand.ts";
import { caller } from "./work-api.ts";

/** What opens over a screen is the same on a phone, but for these, which take all of it there. */
const onPhones = new Set(["the panel", "the palette", "completion", "a custom range", "trace"]);

/** Colours are the same at every width. */
const sizes = [
  { width: 1440, height: 900, themes: ["light", "dark"] },
  { width: 390, height: 844, themes: ["light"] },
] as const;

interface View {
  name: string;
  path: string;
  /** Seen when the view is there. */
  seen: string;
  /** What to do before looking. */
  act?: (page: Page) => Promise<void>;
}

const views: View[] = [
  { name: "sign-in", path: "/sign-in", seen: "form" },
  { name: "setup", path: "/setup#token=x", seen: "form" },
  { name: "choosing a password", path: "/password#x", seen: "form" },
  { name: "activity", path: "/w/main/activity?q=-actor:system", seen: ".row .what" },
  { name: "an empty search", path: "/w/main/activity?q=action:nothing.like.it", seen: ".state" },
  { name: "a fault", path: "/w/main/activity?q=outcom:x", seen: ".fault-note" },
  {
    name: "completion",
    path: "/w/main/activity",
    seen: ".row .what",
    act: (page) => page.locator("#search").fill("ac"),
  },
  {
    name: "the panel",
    path: "/w/main/activity?q=memoryMb",
    seen: ".row .what",
    act: (page) => page.locator(".row .what").last().click(),
  },
  {
    name: "the palette",
    path: "/w/main/activity",
    seen: ".row .what",
    act: (page) => page.keyboard.press("Control+k"),
  },
  { name: "the keys", path: "/w/main/activity", seen: ".row .what", act: (page) => page.keyboard.press("?") },
  { name: "export", path: "/w/main/activity", seen: ".row .what", act: (page) => page.keyboard.press("e") },
  {
    name: "a custom range",
    path: "/w/main/activity",
    seen: ".row .what",
    act: (page) => page.locator("[popovertarget=custom-range]").click(),
  },
  { name: "audit log", path: "/w/main/audit-log", seen: ".row .what", act: (page) => page.keyboard.press("e") },
  {
    name: "server logs, choosing a server",
    path: "/w/main/server-logs?q=field:memoryMb",
    seen: ".row .what",
    act: (page) => page.locator("[popovertarget=quick-target]").click(),
  },
  { name: "logins", path: "/w/main/logins", seen: ".row .who" },
  { name: "the view menu", path: "/w/main/logins", seen: ".row .who", act: (page) => page.keyboard.press("c") },
  { name: "saving a view", path: "/w/main/logins", seen: ".row .who", act: (page) => page.keyboard.press("s") },
  {
    name: "a view that is gone",
    path: "/w/main/logins?view=0198f0c2-0000-7000-8000-000000000001",
    seen: ".open-view b, .open-view .btn",
  },
  {
    name: "account",
    path: "/w/main/account",
    seen: "#sessions",
    act: (page) => page.getByRole("button", { name: "Turn on" }).click(),
  },
  {
    name: "API keys",
    path: "/w/main/api-keys",
    seen: ".keys",
    act: (page) => page.getByRole("button", { name: "New key" }).click(),
  },
  {
    name: "team",
    path: "/w/main/team",
    seen: ".team",
    act: (page) => page.getByRole("button", { name: "Invite" }).click(),
  },
  {
    name: "roles",
    path: "/w/main/roles",
    seen: ".roles",
    act: (page) => page.getByRole("button", { name: "New role" }).click(),
  },
  {
    name: "workspaces",
    path: "/w/main/workspaces",
    seen: ".list",
    act: (page) => page.getByRole("button", { name: "New workspace" }).click(),
  },
  { name: "settings", path: "/w/main/settings", seen: ".hops" },
  {
    name: "a setting that is changed",
    path: "/w/main/settings",
    seen: ".hops",
    act: (page) => page.getByLabel("Require two factors").check(),
  },
  { name: "mail log", path: "/w/main/mail-log", seen: ".share-name" },
  { name: "export of mails", path: "/w/main/mail-log", seen: "[data-mail]", act: (page) => page.keyboard.press("e") },
  {
    name: "a mail with what it said",
    path: "/w/main/mail-log",
    seen: "[data-mail]",
    act: async (page) => {
      await page.locator("[data-mail] .subject").first().click();
      await page.getByRole("button", { name: "Open the mail" }).click();
      await page.locator(".said-frame").waitFor();
    },
  },
  { name: "the page of a mail address", path: "/w/main/mail-addresses/gone@acme.example", seen: "[data-mail]" },
  {
    name: "suppression list",
    path: "/w/main/mail-suppressions",
    seen: "[data-address]",
    act: (page) => page.getByRole("button", { name: "Add an address" }).click(),
  },
  {
    name: "mail settings",
    path: "/w/main/settings/mail",
    seen: "[data-provider]",
    act: async (page) => {
      await page.getByRole("button", { name: "Add a mail server" }).click();
      await page.getByLabel("Sign the mails (DKIM)").check();
    },
  },
  { name: "integrity", path: "/w/main/integrity", seen: "#state" },
  { name: "the page of an actor", path: "/w/main/actors/staff/42", seen: ".row .what" },
  {
    name: "the page of an address with an event",
    path: "/w/main/addresses/203.0.113.24",
    seen: ".row .what",
    act: (page) => page.locator(".row .what").last().click(),
  },
  { name: "a page of nothing", path: "/w/main/targets/server/none", seen: ".state" },
  { name: "brute force", path: "/w/main/logins/brute-force", seen: ".attacks" },
  {
    name: "block lists",
    path: "/w/main/logins/brute-force?by=account",
    seen: ".attacks",
    act: (page) => page.locator("[popovertarget=block-list]").click(),
  },
  {
    name: "trace",
    path: "/w/main/activity?q=memoryMb",
    seen: ".row .what",
    act: async (page) => {
      await page.locator(".row .what").last().click();
      await page.getByRole("link", { name: "Trace", exact: true }).click();
      await page.locator(".trace").waitFor();
    },
  },
  { name: "mail templates", path: "/w/main/mail-templates", seen: "[data-template]" },
  {
    name: "a new mail template",
    path: "/w/main/mail-templates",
    seen: "[data-template]",
    act: (page) => page.getByRole("button", { name: "New template" }).click(),
  },
  { name: "writing a mail template", path: "/w/main/mail-templates/invoice", seen: ".cm-editor" },
  {
    name: "completion in a mail template",
    path: "/w/main/mail-templates/payment-receipt",
    seen: ".cm-editor",
    act: async (page) => {
      await page.getByRole("textbox", { name: "HTML", exact: true }).click();
      // Few enough not to scroll: axe does not know that the arrows of the editor scroll the list.
      await page.keyboard.type("{{ brand");
      await page.locator(".cm-tooltip-autocomplete").waitFor();
    },
  },
  {
    name: "the preview of a mail template, with data written by hand",
    path: "/w/main/mail-templates/invoice?part=preview",
    seen: ".preview-part iframe",
    act: async (page) => {
      await page.getByLabel("Data", { exact: true }).selectOption("Written here");
      await page.getByLabel("Data as JSON").waitFor();
    },
  },
  { name: "the tokens of a mail template", path: "/w/main/mail-templates/invoice?part=tokens", seen: ".token-line" },
  {
    name: "the settings of a mail template",
    path: "/w/main/mail-templates/invoice?part=settings",
    seen: ".settings-part",
  },
  {
    name: "adding a language to a mail template",
    path: "/w/main/mail-templates/invoice",
    seen: ".cm-editor",
    act: (page) => page.getByRole("button", { name: "Add a language" }).click(),
  },
];

describe.skipIf(chromiumPath === undefined)("axe finds nothing", { retry: 1 }, () => {
  let stand: Stand;

  beforeAll(async () => {
    stand = await openStand();
    await setUpOwner(stand);
    // A few rows of each kind: axe takes its time for every cell.
    await stand.send(activityLog(Date.now()).filter((_, number) => number % 50 === 0 || number > 395));
    await stand.send(guesses(Date.now()));
    await reportMails(stand);
  });
  afterAll(() => stand.close());

  describe.each(sizes)("$width wide", ({ themes, ...viewport }) => {
    let page: Page;
    beforeAll(async () => {
      page = await stand.openSignedIn({ viewport, reducedMotion: "reduce" });
    });
    afterAll(() => page.context().close());

    const seen =
      viewport.width > 390 ? views : views.filter(({ name, act }) => act === undefined || onPhones.has(name));
    test.each(seen)("$name", async (view) => {
      await page.goto("about:blank");
      await page.goto(stand.server.address + view.path);
      await page.locator(view.seen).first().waitFor();
      await view.act?.(page);
      await page.waitForTimeout(100);
      const found: string[] = [];
      for (const colorScheme of themes) {
        await page.emulateMedia({ colorScheme });
        for (const fault of await faultsOf(page)) found.push(`${colorScheme}: ${fault}`);
      }
      expect(found).toEqual([]);
      expect(stand.faults.splice(0)).toEqual([]);
    });
  });
});

/** What axe finds. The page has no frames, and without looking for them it takes half the time. */
async function faultsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  return violations.map(({ id, nodes }) => `${id} at ${nodes[0]?.html.slice(0, 160)}`);
}

/** A mail that came back and one that arrived, the newest. */
async function reportMails(stand: Stand): Promise<void> {
  const call = await caller(stand, "mail:send");
  const mail = { delivery: "external", subject: "Invoice 17", template: "invoice", html: "<h1>Invoice 17</h1>" };
  const { id } = await call<{ id: string }>("POST", "/mail/messages", { ...mail, to: "gone@acme.example" });
  await call("PATCH", `/mail/messages/${id}`, {
    status: "bounced",
    class: "recipient_refused",
    answer: "550 5.1.1 No",
  });
  await call("POST", "/mail/messages", { ...mail, to: "dana@acme.example" });
}

/** Six wrong passwords and a right one. */
function guesses(now: number): EventInput[] {
  return Array.from({ length: 7 }, (_, number) => ({
    action: "auth.login",
    occurredAt: new Date(now - (10 - number) * 20_000).toISOString(),
    actor: { type: "user", id: "77", name: "Lee Park" },
    origin: { ip: "192.0.2.201" },
    ...(number < 6 ? { outcome: "failure", reason: "invalid_password" } : {}),
  }));
}
