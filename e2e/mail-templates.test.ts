import { AxeBuilder } from "@axe-core/playwright";
import type { Template, TransportSettings } from "@daybook/contract";
import { type TestMailServer, testMailServer } from "@daybook/testkit/mail-server.ts";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openStand, owner, type Stand, setUpOwner } from "./stand.ts";

const ola = { name: "Ola Berg", email: "ola@acme.example", password: "nine kettles on the quiet pier" };

// In the order of one sitting: each test goes on from where the one before ended.
describe.skipIf(chromiumPath === undefined)("mail templates in the console", { retry: 1 }, () => {
  let stand: Stand;
  let page: Page;
  let mailServer: TestMailServer;

  const at = (path: string) => `${stand.server.address}/w/main/mail-templates${path}`;
  const show = async (path: string, seen: string) => {
    await page.goto(at(path));
    await page.locator(seen).first().waitFor();
  };
  const html = () => page.getByRole("textbox", { name: "HTML", exact: true });
  const frame = () => page.frameLocator("iframe[title='Preview of the mail']");
  const saved = () => page.locator(".save-state").getByText(/^Saved as version/);
  /** Calls the API as whoever is signed in on the page. */
  const call = <T = unknown>(method: string, path: string, body?: unknown): Promise<T> =>
    page.evaluate(
      async ([way, where, said]) => {
        const { csrfToken } = (await (await fetch("/api/v1/me")).json()) as { csrfToken: string };
        const headers = {
          "x-daybook-csrf": csrfToken,
          "x-daybook-workspace": "main",
          "content-type": "application/json",
        };
        const response = await fetch(`/api/v1${where}`, {
          method: way as string,
          headers,
          ...(said !== null && { body: said as string }),
        });
        const text = await response.text();
        if (!response.ok) throw new Error(`${way} ${where} was refused: ${text}`);
        return text === "" ? undefined : JSON.parse(text);
      },
      [method, path, body === undefined ? null : JSON.stringify(body)] as const,
    ) as Promise<T>;
  const read = (name: string, locale = "en") => call<Template>("GET", `/mail/templates/${name}?locale=${locale}`);
  /** Puts a text in place of what is in the editor. */
  const write = async (text: string) => {
    await html().click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText(text);
  };
  const isClean = async (name: string) => {
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    expect(
      violations.map(({ id, nodes }) => `${name}: ${id} ${nodes[0]?.html.slice(0, 160)}`),
      name,
    ).toEqual([]);
  };

  beforeAll(async () => {
    mailServer = await testMailServer({ security: "none" });
    stand = await openStand();
    await setUpOwner(stand);
    page = await stand.openSignedIn();
    await page.goto(at(""));
    await call("PATCH", "/settings", { mailFrom: "panel@acme.example" });
  }, 60_000);
  afterAll(async () => {
    await stand.close();
    await mailServer.close();
  });
  /** Apart from what the browser says of the scripts that it does not run in the preview. */
  const faults = () =>
    stand.faults.splice(0).filter((fault) => !fault.includes("Blocked script execution in 'about:srcdoc'"));
  afterEach(() => expect(faults()).toEqual([]));

  test("the list has what is shipped, and finds by name, title and mark", async () => {
    await show("", "[data-template=welcome]");
    expect(await page.locator("[data-template]").count()).toBeGreaterThan(20);
    await page.getByLabel("Search mail templates").fill("password");
    await page.locator("[data-template=welcome]").waitFor({ state: "detached" });
    await page.locator("[data-template=password-reset]").waitFor();
    await page.getByLabel("Search mail templates").fill("no such template");
    await page.getByText("None fits what is searched.").waitFor();
    await isClean("the list");
  });

  test("what is written is seen at once, in a frame that may do nothing, and is saved with Ctrl+S", async () => {
    await show("/welcome", ".cm-editor");
    await write("<p id='hello'>Hello {{ user.name }} of the east wing</p><script>document.title = 'run'</script>");
    await frame().getByText("of the east wing").waitFor();
    expect(await page.locator("iframe").getAttribute("sandbox")).toBe("");
    expect(await page.title()).not.toBe("run");
    await page.getByLabel("Note for the list of versions").fill("East wing");
    await page.keyboard.press("Control+s");
    await saved().waitFor();
    const template = await read("welcome");
    expect(template).toMatchObject({ version: 1, changed: true });
    expect(template.html).toContain("of the east wing");
    await isClean("the editor");
  });

  test("the preview is 600 or 320 pixels wide, light or dark, or the text part", async () => {
    await show("/welcome", "iframe");
    const widthOf = () => page.locator("iframe").evaluate((element) => (element as HTMLElement).offsetWidth);
    expect(await widthOf()).toBe(600);
    await page.getByRole("button", { name: "320" }).click();
    expect(await widthOf()).toBe(320);
    await write(
      "<style>i{color:rgb(1,2,3)} @media (prefers-color-scheme: dark){i{color:rgb(4,5,6)}}</style><p><i>Seen</i></p>",
    );
    const colour = () =>
      frame()
        .getByText("Seen")
        .evaluate((element) => getComputedStyle(element).color);
    await expect.poll(colour).toBe("rgb(1, 2, 3)");
    await page.getByRole("button", { name: "Dark", exact: true }).click();
    await expect.poll(colour).toBe("rgb(4, 5, 6)");
    await page.getByRole("group", { name: "Part" }).getByRole("button", { name: "Text" }).click();
    await page.getByRole("region", { name: "Text part of the mail" }).getByText("Seen").waitFor();
    await page.getByRole("button", { name: "Undo all changes" }).click();
  });

  test("tokens, filters, tags and partials are completed", async () => {
    await show("/welcome", ".cm-editor");
    await write("<p>");
    const offered = page.locator(".cm-tooltip-autocomplete li");
    await page.keyboard.type("{{");
    await offered.filter({ hasText: "user.name" }).waitFor();
    await page.keyboard.type("user.na");
    await page.keyboard.press("Enter");
    await expect.poll(() => html().textContent()).toContain("{{ user.name }}");
    await page.keyboard.type(" | upc");
    await offered.filter({ hasText: "upcase" }).waitFor();
    await isClean("completion");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Control+End");
    await page.keyboard.type("{% ren");
    await offered.filter({ hasText: "render" }).waitFor();
    await page.keyboard.press("Enter");
    expect(await html().textContent()).toContain("{{ user.name | upcase }}");
    await page.getByRole("button", { name: "Undo all changes" }).click();
  });

  test("Tab leaves the editor, and Esc gives the focus up", async () => {
    await show("/welcome", ".cm-editor");
    const focused = () =>
      page.evaluate("document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.tagName");
    const before = await html().textContent();
    await html().click();
    expect(await focused()).toBe("HTML");
    await page.keyboard.press("Tab");
    expect(await focused()).not.toBe("HTML");
    await html().click();
    await page.keyboard.press("Escape");
    expect(await focused()).toBe("BODY");
    expect(await html().textContent()).toBe(before);
  });

  test("an unknown token and a broken tag are marked where they are and told in words", async () => {
    await show("/welcome", ".cm-editor");
    await write("<p>\n{{ user.nme }}</p>");
    await page.locator(".cm-lintRange-warning").getByText("user.nme").waitFor();
    await page.getByRole("list", { name: "Faults" }).getByText("user.nme").waitFor();
    await page.getByRole("list", { name: "Faults" }).getByText("line 2").first().waitFor();
    await isClean("faults");
    await write("<p>{% if user.name %}never ends</p>");
    await page.locator(".fault-list [data-severity=error]").first().waitFor();
    await page.getByRole("button", { name: "Undo all changes" }).click();
    await page.locator(".fault-list [data-severity=error]").first().waitFor({ state: "detached" });
  });

  test("changes that are not saved are asked after, kept, and shown on coming back", async () => {
    await show("/welcome", ".cm-editor");
    await write("<p>Half a thought</p>");
    await page.getByRole("link", { name: "All templates" }).click();
    await page.getByRole("alertdialog").getByText("Leave with unsaved changes?").waitFor();
    await page.getByRole("button", { name: "Stay" }).click();
    expect(await html().textContent()).toContain("Half a thought");
    await page.getByRole("link", { name: "All templates" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Leave" }).click();
    await page.locator("[data-template=welcome] a").click();
    await page.getByText("Changes that you did not save").waitFor();
    await expect.poll(() => html().textContent()).toContain("Half a thought");
    page.once("dialog", (dialog) => void dialog.accept());
    await page.reload();
    await expect.poll(() => html().textContent()).toContain("Half a thought");
    await page.getByRole("button", { name: "Undo all changes" }).click();
    await expect.poll(() => html().textContent()).toContain("of the east wing");
    expect((await read("welcome")).version).toBe(1);
  });

  test("who saves over the change of another is told, and chooses", async () => {
    await show("/welcome", ".cm-editor");
    await write("<p>Mine</p>");
    await call("PUT", "/mail/templates/welcome?locale=en", {
      subject: "Welcome",
      html: "<p>Theirs</p>",
      note: "theirs",
    });
    await page.keyboard.press("Control+s");
    await page.getByText("It was changed while you were writing.").waitFor();
    expect((await read("welcome")).html).toBe("<p>Theirs</p>");
    expect(await html().textContent()).toContain("Mine");
    await isClean("a conflict");
    await page.getByRole("button", { name: "Compare them" }).click();
    await page.locator(".cm-merge-a").getByText("Theirs").waitFor();
    await page.locator(".cm-merge-b").getByText("Mine").waitFor();
    await page.getByRole("group", { name: "Part" }).getByRole("button", { name: "Write" }).click();
    await page.getByRole("button", { name: "Go on with mine" }).click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await saved().waitFor();
    expect((await read("welcome")).html).toBe("<p>Mine</p>");
  });

  test("versions are compared side by side and restored", async () => {
    await show("/welcome?part=versions", ".version-list");
    expect(await page.locator(".version-list [data-version='1']").textContent()).toContain("East wing");
    await page.getByRole("button", { name: "Compare Version 1" }).click();
    await page.locator(".cm-merge-a").getByText("of the east wing").waitFor();
    await page.locator(".cm-merge-b").getByText("Mine").waitFor();
    await page.getByLabel("Compare", { exact: true }).selectOption("As shipped");
    await isClean("versions");
    await page.getByRole("button", { name: "Restore Version 1" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Restore it" }).click();
    await expect.poll(async () => (await read("welcome")).html).toContain("of the east wing");
  });

  test("a language is added as a copy of the one that is open, and previewed by itself", async () => {
    await show("/welcome", ".cm-editor");
    await page.getByRole("button", { name: "Add a language" }).click();
    await page.getByRole("combobox", { name: "Language" }).fill("pt-br");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await expect.poll(() => html().textContent()).toContain("of the east wing");
    await write("<p>Olá {{ user.name }}</p>");
    await frame().getByText("Olá").waitFor();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await saved().waitFor();
    expect((await read("welcome", "pt-BR")).html).toBe("<p>Olá {{ user.name }}</p>");
    expect((await read("welcome")).html).toContain("of the east wing");
    await page.getByRole("group", { name: "Language" }).getByRole("button", { name: "en", exact: true }).click();
    await expect.poll(() => html().textContent()).toContain("of the east wing");
  });

  test("a shipped template is taken back to what is shipped, after a question", async () => {
    await show("/welcome?part=settings", ".settings-part");
    await page.getByRole("button", { name: "Reset all of it" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Reset all of it" }).click();
    await expect.poll(async () => (await read("welcome")).changed).toBe(false);
    await page.locator(".save-state").getByText("As shipped").waitFor();
  });

  test("a template of one's own is made, gets tokens, and is rendered with data written here", async () => {
    await show("", "[data-template]");
    await page.getByRole("button", { name: "New template" }).click();
    await page.getByLabel("Title").fill("Traffic limit reached");
    expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("traffic-limit-reached");
    await isClean("a new template");
    await page.getByRole("button", { name: "Make it" }).click();
    await frame().getByText("Hello Dana Whitfield,").waitFor();
    await page.getByRole("button", { name: "Tokens" }).click();
    await page.getByRole("button", { name: "Add a token" }).click();
    const added = page.locator(".token-form").last();
    await added.getByLabel("Name").fill("usedGb");
    await added.getByLabel("Sample").fill("512");
    await added.getByLabel("Required").check();
    await isClean("tokens");
    await page.keyboard.press("Control+s");
    await saved().waitFor();
    const template = await read("traffic-limit-reached");
    expect(template.tokens.at(-1)).toEqual({ name: "usedGb", sample: 512, required: true, secret: false });
    await page.getByRole("button", { name: "Write" }).click();
    await write("<p>{{ user.name }} used {{ usedGb }} GB</p>");
    await frame().getByText("Dana Whitfield used 512 GB").waitFor();
    await page.getByLabel("Data", { exact: true }).selectOption("Written here");
    const data = page.getByLabel("Data as JSON");
    expect(JSON.parse(await data.inputValue())).toMatchObject({ user: { name: "Dana Whitfield" }, usedGb: 512 });
    await data.fill('{ "user": { "name": "Lee" }, "usedGb": 7 }');
    await frame().getByText("Lee used 7 GB").waitFor();
    await data.fill("{ half");
    await page.getByRole("alert").getByText("Not JSON").waitFor();
    await page.keyboard.press("Control+s");
    await saved().waitFor();
  });

  test("who may read and not write sees everything and changes nothing", async () => {
    const invited = await call<{ link: string }>("POST", "/staff", {
      ...{ email: ola.email, name: ola.name },
      role: "auditor",
    });
    const reader = await stand.open();
    await signInBy(reader, stand.server.address + new URL(invited.link).pathname + new URL(invited.link).hash);
    await reader.goto(at("/welcome"));
    await reader.getByText("Your role sees mail templates and does not change them.").waitFor();
    await reader.getByRole("textbox", { name: "HTML", exact: true }).click();
    const before = await reader.getByRole("textbox", { name: "HTML", exact: true }).textContent();
    await reader.keyboard.type("changed");
    expect(await reader.getByRole("textbox", { name: "HTML", exact: true }).textContent()).toBe(before);
    expect(await reader.getByRole("button", { name: "Save", exact: true }).count()).toBe(0);
    await reader.frameLocator("iframe").locator("body").waitFor();
    await reader.context().close();
  });

  test("a test goes to whoever is signed in, and its message is looked at again with its data", async () => {
    const settings: Partial<TransportSettings> = { host: mailServer.host, port: mailServer.port, security: "none" };
    await show("/traffic-limit-reached", "iframe");
    await call("PUT", "/mail/transports/local", settings);
    await page.getByRole("button", { name: "Send test" }).click();
    const told = page.getByRole("dialog", { name: "Test message" });
    await told.getByText(owner.email).waitFor();
    await told.locator("[data-status=sent]").waitFor({ timeout: 20_000 });
    expect(mailServer.mails.at(-1)?.to).toEqual([owner.email]);
    expect(mailServer.mails.at(-1)?.parsed.html).toContain("Dana Whitfield used 512 GB");
    await isClean("a test message");
    expect(await told.getByRole("link", { name: "Show it in the mail log" }).getAttribute("href")).toMatch(
      /mail-log\/[0-9a-f-]{36}$/,
    );
    await told.getByRole("button", { name: "Close" }).click();
  }, 60_000);

  test("it is looked at with the data of a mail that was sent", async () => {
    const data = { title: "Traffic", user: { name: "Lee Park" }, usedGb: 730 };
    await call("POST", "/mail/messages", { template: "traffic-limit-reached", data, to: "lee@acme.example" });
    await show("/traffic-limit-reached", "iframe");
    await page.getByLabel("Data", { exact: true }).selectOption("A message that was sent");
    const past = page.getByLabel("Message", { exact: true });
    await past.locator("option", { hasText: "lee@acme.example" }).waitFor({ state: "attached" });
    await past.selectOption({ index: 1 });
    await frame().getByText("Lee Park used 730 GB").waitFor();
  });

  test("on a telephone text and preview are tabs, and nothing is wider than the screen", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      const phone = await stand.openSignedIn({ viewport: { width: 390, height: 844 }, colorScheme });
      const before = page;
      page = phone;
      const fits = async (name: string) => {
        expect(await page.evaluate("document.documentElement.scrollWidth"), name).toBeLessThanOrEqual(390);
        await isClean(`${name} ${colorScheme}`);
      };
      await show("", "[data-template=welcome]");
      await fits("list");
      await show("/welcome", ".cm-editor");
      expect(await page.locator("iframe").count()).toBe(0);
      await fits("write");
      await page.getByRole("group", { name: "Part" }).getByRole("button", { name: "Preview" }).click();
      await page.locator("iframe").waitFor();
      await fits("preview");
      for (const part of ["tokens", "versions", "settings"]) {
        await show(`/traffic-limit-reached?part=${part}`, `.${part}-part`);
        await fits(part);
      }
      page = before;
      await phone.context().close();
    }
  }, 60_000);
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
