import { AxeBuilder } from "@axe-core/playwright";
import { type TestMailServer, testMailServer } from "@daybook/testkit/mail-server.ts";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openStand, owner, type Stand, setUpOwner } from "./stand.ts";

// Links that go out by mail, from the button to the mail and back to the page that it opens.
describe.skipIf(chromiumPath === undefined)("links by mail", { retry: 1 }, () => {
  let stand: Stand;
  let mails: TestMailServer;
  let page: Page;
  /** Somebody can be invited once. */
  let guests = 0;

  beforeAll(async () => {
    mails = await testMailServer({ security: "none" });
    stand = await openStand(chromiumPath, {
      DAYBOOK_SMTP_URL: `${mails.url}?security=none`,
      DAYBOOK_MAIL_FROM: "daybook@acme.example",
    });
    await setUpOwner(stand);
    page = await stand.openSignedIn();
  }, 60_000);
  afterAll(async () => {
    await stand?.close();
    await mails?.close();
  });
  afterEach(() => expect(stand.faults.splice(0)).toEqual([]));

  const isClean = async (window: Page) => {
    const { violations } = await new AxeBuilder({ page: window }).analyze();
    expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html.slice(0, 160)}`)).toEqual([]);
  };
  /** The link in the newest mail to somebody, at the address where this server listens. */
  const linkTo = async (address: string): Promise<string> => {
    const newest = () => mails.mails.findLast(({ to }) => to.includes(address))?.parsed.text ?? "";
    await expect.poll(newest, { timeout: 20_000 }).toMatch(/\/password#[\w-]+/);
    return stand.server.address + (/\/password#[\w-]+/.exec(newest())?.[0] ?? "");
  };
  const choose = async (window: Page, link: string, password: string) => {
    await window.goto(link);
    await window.getByLabel("New password").fill(password);
    await window.getByRole("button", { name: "Save the password" }).click();
    await window.getByRole("heading", { name: "Password chosen" }).waitFor();
  };
  const signIn = async (window: Page, email: string, password: string) => {
    await window.goto(`${stand.server.address}/sign-in`);
    await window.getByLabel("E-mail").fill(email);
    await window.getByLabel("Password").fill(password);
    await window.getByRole("button", { name: "Sign in" }).click();
    await window.waitForURL(/\/w\/main\/activity/);
  };

  test("an invitation goes out by mail; the page says so and shows no link; the mail leads the invited person in", async () => {
    const email = `sam${++guests}@acme.example`;
    await page.goto(`${stand.server.address}/w/main/team`);
    await page.getByRole("button", { name: "Invite" }).click();
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Name").fill("Sam");
    await page.getByRole("button", { name: "Make the invitation" }).click();
    await page.getByRole("heading", { name: "The invitation of Sam is on its way" }).waitFor();
    expect(await page.getByText("/password#").count()).toBe(0);
    await isClean(page);

    const sam = await stand.open();
    await choose(sam, await linkTo(email), "six ladders in the orchard");
    await signIn(sam, email, "six ladders in the orchard");
    await sam.context().close();
  });

  test("whoever forgot their password gets a link by mail; for a stranger the page says the same", async () => {
    const other = await stand.open({ viewport: { width: 390, height: 800 } });
    const ask = async (email: string): Promise<string> => {
      await other.goto(`${stand.server.address}/sign-in`);
      await other.getByLabel("E-mail").fill(email);
      await other.getByRole("button", { name: "Forgot your password?" }).click();
      expect(await other.getByLabel("E-mail").inputValue()).toBe(email);
      await isClean(other);
      await other.getByRole("button", { name: "Send the link" }).click();
      await other.getByRole("heading", { name: "Look into your mail" }).waitFor();
      return ((await other.getByRole("status").textContent()) ?? "").replace(email, "…");
    };
    expect(await ask("stranger@acme.example")).toBe(await ask(owner.email));
    await isClean(other);
    const password = "five lanterns over the bridge";
    await choose(other, await linkTo(owner.email), password);
    await signIn(other, owner.email, password);
    expect(mails.mails.some(({ to }) => to.includes("stranger@acme.example"))).toBe(false);
    // And the person hears that it was changed.
    await expect
      .poll(() => mails.mails.filter(({ to }) => to.includes(owner.email)).map(({ parsed }) => parsed.subject), {
        timeout: 20_000,
      })
      .toContain("Your password was changed");
    await other.context().close();
  });
});
