import type { TransportSettings } from "@daybook/contract";
import { type TestMailServer, testMailServer } from "@daybook/testkit/mail-server.ts";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openStand, owner, type Stand, setUpOwner } from "./stand.ts";
import { faultsOf, type TemplateScreens, templateScreens } from "./template-screens.ts";

const ola = { name: "Ola Berg", email: "ola@acme.example", password: "nine kettles on the quiet pier" };

// In the order of one sitting: each test goes on from where the one before ended.
describe.skipIf(chromiumPath === undefined)("mail templates in the console", { retry: 1 }, () => {
  let stand: Stand;
  let on: TemplateScreens;
  let mailServer: TestMailServer;

  beforeAll(async () => {
    mailServer = await testMailServer({ security: "none" });
    stand = await openStand();
    await setUpOwner(stand);
    on = templateScreens(stand, await stand.openSignedIn());
    await on.show("", "[data-template]");
    await on.call("PATCH", "/settings", { mailFrom: "panel@acme.example" });
  }, 120_000);
  afterAll(async () => {
    await stand.close();
    await mailServer.close();
  });
  afterEach(() => expect(faultsOf(stand)).toEqual([]));

  test("the list has what is shipped, and finds by name, title and mark", async () => {
    await on.show("", "[data-template=welcome]");
    expect(await on.page.locator("[data-template]").count()).toBeGreaterThan(20);
    await on.page.getByLabel("Search mail templates").fill("password");
    await on.page.locator("[data-template=welcome]").waitFor({ state: "detached" });
    await on.page.locator("[data-template=password-reset]").waitFor();
    await on.page.getByLabel("Search mail templates").fill("no such template");
    await on.page.getByText("None fits what is searched.").waitFor();
    await on.isClean("the list");
  });

  test("versions are compared side by side and restored", async () => {
    const save = (html: string, note: string) =>
      on.call("PUT", "/mail/templates/welcome?locale=en", { subject: "Welcome", html, note });
    await save("<p>Hello {{ user.name }} of the east wing</p>", "East wing");
    await save("<p>Mine</p>", "Shorter");
    await on.show("/welcome?part=versions", ".version-list");
    expect(await on.page.locator(".version-list [data-version='1']").textContent()).toContain("East wing");
    await on.page.getByRole("button", { name: "Compare Version 1" }).click();
    await on.page.locator(".cm-merge-a").getByText("of the east wing").waitFor();
    await on.page.locator(".cm-merge-b").getByText("Mine").waitFor();
    await on.page.getByLabel("Compare", { exact: true }).selectOption("As shipped");
    await on.isClean("versions");
    await on.page.getByRole("button", { name: "Restore Version 1" }).click();
    await on.page.getByRole("alertdialog").getByRole("button", { name: "Restore it" }).click();
    await expect.poll(async () => (await on.read("welcome")).html).toContain("of the east wing");
  });

  test("a language is added as a copy of the one that is open, and previewed by itself", async () => {
    await on.show("/welcome", ".cm-editor");
    await on.page.getByRole("button", { name: "Add a language" }).click();
    await on.page.getByRole("combobox", { name: "Language" }).fill("pt-br");
    await on.page.getByRole("button", { name: "Add", exact: true }).click();
    await expect.poll(() => on.html().textContent()).toContain("of the east wing");
    await on.write("<p>Olá {{ user.name }}</p>");
    await on.frame().getByText("Olá").waitFor();
    await on.page.getByRole("button", { name: "Save", exact: true }).click();
    await on.saved().waitFor();
    expect((await on.read("welcome", "pt-BR")).html).toBe("<p>Olá {{ user.name }}</p>");
    expect((await on.read("welcome")).html).toContain("of the east wing");
    await on.page.getByRole("group", { name: "Language" }).getByRole("button", { name: "en", exact: true }).click();
    await expect.poll(() => on.html().textContent()).toContain("of the east wing");
  });

  test("a shipped template is taken back to what is shipped, after a question", async () => {
    await on.show("/welcome?part=settings", ".settings-part");
    await on.page.getByRole("button", { name: "Reset all of it" }).click();
    await on.page.getByRole("alertdialog").getByRole("button", { name: "Reset all of it" }).click();
    await expect.poll(async () => (await on.read("welcome")).changed).toBe(false);
    await on.page.locator(".save-state").getByText("As shipped").waitFor();
  });

  test("a template of one's own is made, gets tokens, and is rendered with data written here", async () => {
    await on.show("", "[data-template]");
    await on.page.getByRole("button", { name: "New template" }).click();
    await on.page.getByLabel("Title").fill("Traffic limit reached");
    expect(await on.page.getByLabel("Name", { exact: true }).inputValue()).toBe("traffic-limit-reached");
    await on.isClean("a new template");
    await on.page.getByRole("button", { name: "Make it" }).click();
    await on.frame().getByText("Hello Dana Whitfield,").waitFor();
    await on.page.getByRole("button", { name: "Tokens" }).click();
    await on.page.getByRole("button", { name: "Add a token" }).click();
    const added = on.page.locator(".token-form").last();
    await added.getByLabel("Name").fill("usedGb");
    await added.getByLabel("Sample").fill("512");
    await added.getByLabel("Required").check();
    await on.isClean("tokens");
    await on.page.keyboard.press("Control+s");
    await on.saved().waitFor();
    const template = await on.read("traffic-limit-reached");
    expect(template.tokens.at(-1)).toEqual({ name: "usedGb", sample: 512, required: true, secret: false });
    await on.page.getByRole("button", { name: "Write" }).click();
    await on.write("<p>{{ user.name }} used {{ usedGb }} GB</p>");
    await on.frame().getByText("Dana Whitfield used 512 GB").waitFor();
    await on.page.getByLabel("Data", { exact: true }).selectOption("Written here");
    const data = on.page.getByLabel("Data as JSON");
    expect(JSON.parse(await data.inputValue())).toMatchObject({ user: { name: "Dana Whitfield" }, usedGb: 512 });
    await data.fill('{ "user": { "name": "Lee" }, "usedGb": 7 }');
    await on.frame().getByText("Lee used 7 GB").waitFor();
    await data.fill("{ half");
    await on.page.getByRole("alert").getByText("Not JSON").waitFor();
    await on.page.keyboard.press("Control+s");
    await on.saved().waitFor();
  });

  test("who may read and not write sees everything and changes nothing", async () => {
    const invited = await on.call<{ link: string }>("POST", "/staff", {
      ...{ email: ola.email, name: ola.name },
      role: "auditor",
    });
    const { page, ...reader } = templateScreens(stand, await stand.open());
    await signInBy(page, stand.server.address + new URL(invited.link).pathname + new URL(invited.link).hash);
    await reader.show("/welcome", ".cm-editor");
    await page.getByText("Your role sees mail templates and does not change them.").waitFor();
    await reader.html().click();
    const before = await reader.html().textContent();
    await page.keyboard.type("changed");
    expect(await reader.html().textContent()).toBe(before);
    expect(await page.getByRole("button", { name: "Save", exact: true }).count()).toBe(0);
    await reader.frame().locator("body").waitFor();
    await page.context().close();
  });

  test("a test goes to whoever is signed in, and its message is looked at again with its data", async () => {
    const settings: Partial<TransportSettings> = { host: mailServer.host, port: mailServer.port, security: "none" };
    await on.show("/traffic-limit-reached", "iframe");
    await on.call("PUT", "/mail/transports/local", settings);
    await on.write("<p>{{ user.name }} used {{ usedGb }} GB, so far</p>");
    await on.page.getByRole("button", { name: "Send test" }).click();
    const told = on.page.getByRole("dialog", { name: "Test message" });
    await told.getByText(owner.email).waitFor();
    await told.locator("[data-status=sent]").waitFor({ timeout: 20_000 });
    expect(mailServer.mails.at(-1)?.to).toEqual([owner.email]);
    expect(mailServer.mails.at(-1)?.parsed.html).toContain("Dana Whitfield used 512 GB, so far");
    await on.isClean("a test message");
    expect(await told.getByRole("link", { name: "Show it in the mail log" }).getAttribute("href")).toMatch(
      /mail-log\/[0-9a-f-]{36}$/,
    );
    await told.getByRole("button", { name: "Close" }).click();
    await on.page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => on.html().textContent()).not.toContain("so far");
  }, 60_000);

  test("it is looked at with the data of a mail that was sent", async () => {
    const data = { title: "Traffic", user: { name: "Lee Park" }, usedGb: 730 };
    await on.call("POST", "/mail/messages", { template: "traffic-limit-reached", data, to: "lee@acme.example" });
    await on.show("/traffic-limit-reached", "iframe");
    await on.page.getByLabel("Data", { exact: true }).selectOption("A message that was sent");
    const past = on.page.getByLabel("Message", { exact: true });
    await past.locator("option", { hasText: "lee@acme.example" }).first().waitFor({ state: "attached" });
    await past.selectOption({ index: 1 });
    await on.frame().getByText("Lee Park used 730 GB").waitFor();
  });

  test("on a telephone text and preview are tabs, and nothing is wider than the screen", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      const { page, ...phone } = templateScreens(
        stand,
        await stand.openSignedIn({ viewport: { width: 390, height: 844 }, colorScheme }),
      );
      const fits = async (name: string) => {
        expect(await page.evaluate("document.documentElement.scrollWidth"), name).toBeLessThanOrEqual(390);
        await phone.isClean(`${name} ${colorScheme}`);
      };
      await phone.show("", "[data-template=welcome]");
      await fits("list");
      await phone.show("/welcome", ".cm-editor");
      expect(await page.locator("iframe").count()).toBe(0);
      await fits("write");
      await page.getByRole("group", { name: "Part" }).getByRole("button", { name: "Preview" }).click();
      await page.locator("iframe").waitFor();
      await fits("preview");
      for (const part of ["tokens", "versions", "settings"]) {
        await phone.show(`/traffic-limit-reached?part=${part}`, `.${part}-part`);
        await fits(part);
      }
      await page.context().close();
    }
  }, 120_000);
});

/** Takes up an invitation, and signs in. */
async function signInBy(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel("New password").fill(ola.password);
  await page.getByRole("button", { name: "Save the password" }).click();
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByLabel("E-mail").fill(ola.email);
  await page.getByLabel("Password").fill(ola.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/w\/main\/activity/);
}
