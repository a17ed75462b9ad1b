import { AxeBuilder } from "@axe-core/playwright";
import type { Transport } from "@daybook/contract";
import { type TestMailServer, testMailServer } from "@daybook/testkit/mail-server.ts";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openStand, owner, type Stand, setUpOwner } from "./stand.ts";
import { type Caller, caller } from "./work-api.ts";

const login = { user: "daybook", password: "eleven boats on the canal" };

// In the order of one sitting: each test goes on from where the one before ended.
describe.skipIf(chromiumPath === undefined)("mail settings in the console", () => {
  let stand: Stand;
  let page: Page;
  let call: Caller;
  let mailServer: TestMailServer;

  const show = async () => {
    await page.goto(`${stand.server.address}/w/main/settings/mail`);
    await page.getByRole("button", { name: "Add a mail server" }).waitFor();
  };
  const form = () => page.locator(".transport-form");
  const line = (name: string) => page.locator(`[data-transport="${name}"]`);
  const transports = async () => (await call<{ items: Transport[] }>("GET", "/mail/transports")).items;
  const save = async () => {
    await form().getByRole("button", { name: "Save" }).click();
    await form().waitFor({ state: "detached" });
  };
  const sendTest = async (to: string) => {
    await page.getByRole("button", { name: "Send a test mail by office" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox", { name: "To" }).fill(to);
    await dialog.getByRole("button", { name: "Send", exact: true }).click();
    await dialog.locator(".conversation li").first().waitFor();
    return dialog;
  };
  const isClean = async (name: string) => {
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    expect(
      violations.map(({ id, nodes }) => `${name}: ${id} ${nodes[0]?.html.slice(0, 160)}`),
      name,
    ).toEqual([]);
  };

  beforeAll(async () => {
    mailServer = await testMailServer({ login });
    stand = await openStand();
    await setUpOwner(stand);
    call = await caller(stand, "mail:read,settings:write,staff:manage");
    page = await stand.openSignedIn();
  }, 60_000);
  afterAll(async () => {
    await stand.close();
    await mailServer.close();
  });
  afterEach(() => expect(stand.faults.splice(0)).toEqual([]));

  test("it is a page of the settings, which says that no mail server is set up", async () => {
    await page.goto(`${stand.server.address}/w/main/settings`);
    await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Mail" }).click();
    await page.getByText("No mail server is set up").first().waitFor();
    await isClean("mail settings with nothing set");
  });

  test("a mail server is added; its password and key are written and never shown", async () => {
    await show();
    await page.getByRole("button", { name: "Add a mail server" }).click();
    await form().getByLabel("Name", { exact: true }).fill("office");
    await form().getByLabel("Mail server").fill("127.0.0.1");
    await form().getByLabel("Encryption").selectOption("tls");
    expect(await form().getByLabel("Port").inputValue()).toBe("465");
    await form().getByLabel("Encryption").selectOption("starttls");
    await form().getByLabel("Port").fill(String(mailServer.port));
    await form().getByLabel("User name").fill(login.user);
    await form().getByLabel("Password").fill(login.password);
    await form().getByLabel("Accept a certificate that nobody vouches for").check();
    await form().getByLabel("Sign the mails (DKIM)").check();
    await form().getByLabel("Domain", { exact: true }).fill("acme.example");
    await form().getByRole("button", { name: "Make a new key" }).click();
    await expect.poll(() => form().getByLabel("Private key (PEM, RSA)").inputValue()).toContain("BEGIN PRIVATE KEY");
    await isClean("the form of a mail server");
    await save();
    await line("office").getByText("not used yet").waitFor();
    const [transport] = await transports();
    expect(transport).toMatchObject({ name: "office", host: "127.0.0.1", passwordSet: true, security: "starttls" });
    await line("office").getByText("DKIM record to publish").click();
    const record = await line("office").locator(".copy-block pre").textContent();
    expect(record).toBe(transport?.dkim?.record);
    expect(record).toMatch(/v=DKIM1;.*p=[A-Za-z0-9+/]{300}/);
    await page.getByRole("button", { name: "Change office" }).click();
    expect(await form().getByLabel("Password").inputValue()).toBe("");
    expect(await form().getByLabel("Private key (PEM, RSA)").inputValue()).toBe("");
    expect(await page.content()).not.toContain(login.password);
    await form().locator("summary").click();
    await form().getByLabel("Mails a second").fill("20");
    await save();
    expect(await transports()).toMatchObject([{ passwordSet: true, perSecond: 20, dkim: { domain: "acme.example" } }]);
  });

  test("a test mail shows the conversation line by line, without the password, and arrives", async () => {
    await call("PATCH", "/settings", { mailFrom: "panel@acme.example" });
    await show();
    const dialog = await sendTest("");
    await dialog.getByText(/took the mail/).waitFor();
    const lines = await dialog.locator(".conversation li").allTextContents();
    const said = lines.join("\n");
    for (const part of [
      "220 ",
      "EHLO",
      "STARTTLS",
      "AUTH",
      "MAIL FROM:<panel@acme.example>",
      `RCPT TO:<${owner.email}>`,
    ])
      expect(said).toContain(part);
    expect(said).not.toContain(login.password);
    expect(said).not.toContain(Buffer.from(`\0${login.user}\0${login.password}`).toString("base64"));
    expect(mailServer.mails.map(({ to }) => to)).toEqual([[owner.email]]);
    await isClean("a test mail");
    await dialog.getByRole("button", { name: "Close" }).click();
  });

  test.each([
    [
      "the password is refused",
      { refuse: { login: "535 5.7.8 authentication failed" } },
      /user name or password/i,
      "535",
    ],
    [
      "the recipient is refused",
      { refuse: { recipient: "550 5.1.1 no such user" } },
      /address that exists/i,
      "550 5.1.1",
    ],
    [
      "the sender is refused",
      { refuse: { sender: "550 5.7.1 sender not owned by you" } },
      /sender/i,
      "sender not owned",
    ],
  ] as const)("where %s, the test says it in words and what to do", async (_name, behaviour, words, answer) => {
    mailServer.behave(behaviour);
    await show();
    const dialog = await sendTest("dana@acme.example");
    const verdict = dialog.locator(".test-result .notice.bad");
    await verdict.waitFor();
    expect(await verdict.textContent()).toMatch(words);
    expect(await verdict.textContent()).toContain(answer);
    await dialog.getByRole("button", { name: "Close" }).click();
    mailServer.behave({});
  });

  test("a mail server that is not there is said to be out of reach", async () => {
    await mailServer.down();
    await show();
    const dialog = await sendTest("dana@acme.example");
    await dialog
      .getByText(/could not be reached/)
      .first()
      .waitFor();
    await dialog.getByRole("button", { name: "Close" }).click();
    await mailServer.up();
  });

  test("the sender is a setting of the workspace, and its domain is what is checked first", async () => {
    await show();
    await page.getByRole("textbox", { name: "Sender", exact: true }).fill("hello@north.invalid");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Saved. It holds from now on.").waitFor();
    await expect.poll(() => page.getByLabel("Domain", { exact: true }).inputValue()).toBe("north.invalid");
    await page.getByRole("button", { name: "Check", exact: true }).click();
    const checks = page.locator("[data-check]");
    await checks.first().waitFor({ timeout: 25_000 });
    expect(await page.locator('[data-check="spf"]').getAttribute("data-ok")).toBe("false");
    expect(new Set(await checks.evaluateAll((all) => all.map((each) => each.getAttribute("data-check"))))).toEqual(
      new Set(["mx", "spf", "dkim", "dmarc"]),
    );
    await isClean("the check of a domain");
  });

  test("a provider has an address to copy and a secret that is only written", async () => {
    await show();
    const provider = page.locator('[data-provider="mailgun"]');
    await provider.locator("summary").click();
    expect(await provider.locator("pre").textContent()).toBe(
      `${stand.server.address}/api/v1/mail/provider-events/mailgun?workspace=main`,
    );
    await provider.getByLabel("The HTTP webhook signing key").fill("key-0123456789abcdef");
    await provider.getByRole("button", { name: "Save" }).click();
    await provider.getByText("set up", { exact: true }).waitFor();
    expect(await page.content()).not.toContain("key-0123456789abcdef");
    await isClean("a provider");
    await provider.getByRole("button", { name: "Take out Mailgun" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Take it out" }).click();
    await provider.getByText("not set up").waitFor();
  });

  test("a mail server is deleted after a question", async () => {
    await show();
    await page.getByRole("button", { name: "Delete office" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
    await line("office").waitFor({ state: "detached" });
    expect(await transports()).toEqual([]);
  });
});
