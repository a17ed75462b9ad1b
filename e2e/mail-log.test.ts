import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AxeBuilder } from "@axe-core/playwright";
import type { MailMessage, NewMail } from "@daybook/contract";
import { type TestMailServer, testMailServer } from "@daybook/testkit/mail-server.ts";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openStand, type Stand, setUpOwner } from "./stand.ts";
import { type Caller, caller } from "./work-api.ts";

const sam = { email: "sam@acme.example", password: "eleven boats on the canal" };
const resetUrl = "https://panel.acme.example/reset?token=5f0c1d9aa7";

// In the order of one sitting: each test goes on from where the one before ended.
describe.skipIf(chromiumPath === undefined)("the mail log in the console", () => {
  let stand: Stand;
  let page: Page;
  let call: Caller;
  let mailServer: TestMailServer;
  let elsewhere: Elsewhere;

  const send = (mail: Partial<NewMail> & { to: NewMail["to"] }) =>
    call<MailMessage>("POST", "/mail/messages", {
      ...{ subject: "Your server is ready", text: "It is." },
      ...mail,
    });
  const read = (id: string) => call<MailMessage>("GET", `/mail/messages/${id}`);
  const settled = (id: string, status: string) => expect.poll(async () => (await read(id)).status).toBe(status);
  const at = (path: string) => `${stand.server.address}/w/main/${path}`;
  const show = async (path: string, seen: string) => {
    await page.goto(at(path));
    await page.locator(seen).first().waitFor();
  };
  const row = (id: string) => page.locator(`[data-mail="${id}"]`);
  const panel = () => page.getByRole("complementary", { name: "Mail" });
  const address = () => new URL(page.url());
  const isClean = async (name: string) => {
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    expect(
      violations.map(({ id, nodes }) => `${name}: ${id} ${nodes[0]?.html.slice(0, 160)}`),
      name,
    ).toEqual([]);
  };

  /** Leaves the page. What the browser says of what it refused to a mail is no fault, nor are the images that were asked for. */
  const leave = async () => {
    await page.goto("about:blank");
    await page.waitForTimeout(300);
    const expected = /Content Security Policy|sandboxed|^request to http:\/\/127\.0\.0\.1/;
    stand.faults.splice(0, stand.faults.length, ...stand.faults.filter((fault) => !expected.test(fault)));
  };

  beforeAll(async () => {
    mailServer = await testMailServer({ security: "none" });
    mailServer.behave({ refuse: { recipient: refusedAs } });
    elsewhere = await countingServer();
    stand = await openStand(chromiumPath, {
      DAYBOOK_SMTP_URL: `smtp://127.0.0.1:${mailServer.port}?security=none`,
    });
    await setUpOwner(stand);
    call = await caller(stand, "mail:send,mail:read,settings:write");
    await call("PATCH", "/settings", { mailFrom: "panel@acme.example" });
    page = await stand.openSignedIn();
  }, 60_000);
  afterAll(async () => {
    await stand.close();
    await mailServer.close();
    elsewhere.server.close();
  });
  afterEach(() => expect(stand.faults.splice(0)).toEqual([]));

  test("an empty log says what would appear and how to send the first", async () => {
    await show("mail-log", ".state");
    expect(await page.locator(".state").textContent()).toContain("No mail yet");
    expect(await page.locator(".copy-block pre").first().textContent()).toContain("/api/v1/mail/messages");
    await isClean("no mail");
  });

  test("a mail appears while one looks, and is sent in its row", async () => {
    await show("mail-log", ".state");
    mailServer.behave({ refuse: { recipient: refusedAs }, delayMs: 6_000 });
    const { id } = await send({ to: "dana@north.example", user: { id: "u-7", name: "Dana" } });
    await row(id).getByText("queued").waitFor();
    await row(id).getByText("sent", { exact: true }).waitFor();
    mailServer.behave({ refuse: { recipient: refusedAs } });
    expect(await row(id).textContent()).toContain("dana@north.example");
  });

  test("a refused mail says why, in words and as the mail server said it", async () => {
    const { id } = await send({ to: "full@north.example", subject: "Invoice 17" });
    await settled(id, "failed");
    await show("mail-log", `[data-mail="${id}"]`);
    expect(await row(id).textContent()).toContain("spam refused");
    await row(id).click();
    await panel().getByText("It was refused as spam, or for the sender's reputation.").first().waitFor();
    expect(address().searchParams.get("mail")).toBe(id);
    const attempt = panel().locator(".mail-attempts li");
    expect(await attempt.textContent()).toContain("554 5.7.1 Message refused: spam");
    expect(await attempt.textContent()).toContain("by config");
    expect(await panel().locator(".happenings li").allTextContents()).toEqual([
      expect.stringContaining("Queued by panel"),
      expect.stringContaining("Failed"),
    ]);
    await isClean("a failed mail in the panel");
    await page.keyboard.press("Escape");
    await panel().waitFor({ state: "detached" });
  });

  test("what a mail said is shown in a frame where no script runs and nothing is fetched until it is asked for", async () => {
    const html = `<h1>Hello Ama</h1><p><a href="${resetUrl}">Choose a new password</a></p>
      <img src="${elsewhere.address}/pixel.png" alt="" onerror="top.document.title='taken over'">
      <link rel="stylesheet" href="${elsewhere.address}/style.css"><link rel="preconnect" href="${elsewhere.address}">
      <div style="background: url(${elsewhere.address}/ground.png)">x</div>
      <iframe src="${elsewhere.address}/frame.html"></iframe>
      <meta http-equiv="refresh" content="0;url=${elsewhere.address}/away.html">
      <form action="${elsewhere.address}/form"><button id="out">Send</button></form>
      <script>document.body.append("script" + " ran"); top.document.title = "taken over"</script>`;
    const { id } = await send({ to: "ama@north.example", subject: "Hello", html, secrets: [resetUrl] });
    await settled(id, "sent");
    await show(`mail-log?mail=${id}`, ".said-closed");
    expect(await page.locator("iframe").count()).toBe(0);
    await page.getByRole("button", { name: "Open the mail" }).click();
    const frame = page.frameLocator("iframe.mail-frame");
    await frame.getByText("Hello Ama").waitFor();
    expect(await page.locator("iframe.mail-frame").getAttribute("sandbox")).toBe("");
    await frame.getByRole("link", { name: "Choose a new password" }).click();
    await frame.getByRole("button", { name: "Send" }).click();
    await page.waitForTimeout(500);
    await frame.getByText("Hello Ama").waitFor();
    expect(await frame.locator("body").textContent()).not.toContain("script ran");
    expect(await page.title()).toBe("Mail log · Daybook");
    expect(elsewhere).toMatchObject({ asked: [], connections: 0 });

    await page.getByRole("button", { name: "Show remote images" }).click();
    await expect.poll(() => elsewhere.asked.includes("/pixel.png")).toBe(true);
    const inner = page.frameLocator("iframe.mail-frame").frameLocator("iframe");
    await inner.getByText("Hello Ama").waitFor();
    await page.waitForTimeout(300);
    expect(await inner.locator("body").textContent()).not.toContain("script ran");
    expect(await page.title()).toBe("Mail log · Daybook");
    expect(new Set(elsewhere.asked)).toEqual(new Set(["/pixel.png", "/ground.png"]));
    await leave();
  });

  test("secrets are masked in all that is shown; the hash is that of the mail as it was sent", async () => {
    const taken = mailServer.mails.find(({ to }) => to[0] === "ama@north.example");
    expect(taken?.parsed.html).toContain(resetUrl);
    const { id } = (await call<{ items: MailMessage[] }>("GET", "/mail/messages?q=Hello")).items[0] as MailMessage;
    await show(`mail-log/${id}`, ".said-closed");
    await page.getByRole("button", { name: "Open the mail" }).click();
    await page.getByText(/secrets? (is|are) masked/).waitFor();
    const hash = createHash("sha256")
      .update(taken?.raw ?? "")
      .digest("hex");
    expect(await page.locator(".said-hash").textContent()).toBe(hash);
    const shown = [await page.locator("iframe.mail-frame").getAttribute("srcdoc")];
    expect(shown[0]).toContain("[masked]");
    for (const part of ["Text", "Headers"]) {
      await page.getByRole("button", { name: part, exact: true }).click();
      shown.push(await page.locator(".mail-said").textContent());
    }
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Source" }).click();
    shown.push(await readFile(await (await download).path(), "utf8"));
    for (const text of shown) {
      expect(text?.length).toBeGreaterThan(50);
      expect(text).not.toContain("5f0c1d9aa7");
    }
    await leave();
  });

  test("tabs, words, a type in its row and the search narrow the list, and the address keeps them", async () => {
    const external = { delivery: "external", to: "lee@south.example" } as const;
    const [invoice, welcome] = await Promise.all([
      send({ ...external, subject: "Invoice 18", template: "invoice" }),
      send({ ...external, subject: "Welcome", template: "welcome", targets: [{ type: "server", id: "srv-9" }] }),
    ]);
    await show("mail-log", `[data-mail="${welcome.id}"]`);
    await row(invoice.id).getByRole("button", { name: "invoice" }).click();
    await row(welcome.id).waitFor({ state: "detached" });
    expect(address().searchParams.get("template")).toBe("invoice");
    await page.getByRole("button", { name: "Clear: Type" }).click();
    await page.getByRole("button", { name: /^failed \d/i }).click();
    await row(invoice.id).waitFor({ state: "detached" });
    expect(address().searchParams.get("status")).toBe("failed");
    expect(await page.locator("[data-mail]").count()).toBe(1);
    await page.getByRole("button", { name: /^all \d/i }).click();
    await page.locator("[popovertarget=filter-server]").click();
    await page.locator("#filter-server input").fill("server/srv-9");
    await page.keyboard.press("Enter");
    await row(invoice.id).waitFor({ state: "detached" });
    await row(welcome.id).waitFor();
    await page.goto(at("mail-log?address=@south.example"));
    await row(invoice.id).waitFor();
    expect(await page.locator("[data-mail]").count()).toBe(2);
    await page.goto(at("mail-log"));
    await row(welcome.id).waitFor();
    await page.locator("#mail-search").fill("invoice 18");
    await row(welcome.id).waitFor({ state: "detached" });
    await expect.poll(() => address().searchParams.get("q")).toBe("invoice 18");
  });

  test("the keys move over the rows, open and close", async () => {
    await show("mail-log", "[data-mail]");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    const current = page.locator('[data-mail][data-cursor="true"]');
    await expect.poll(() => current.count()).toBe(1);
    const id = await current.getAttribute("data-mail");
    await page.keyboard.press("Enter");
    await panel().waitFor();
    expect(address().searchParams.get("mail")).toBe(id);
    await page.keyboard.press("k");
    await expect.poll(() => address().searchParams.get("mail")).not.toBe(id);
    await page.keyboard.press("Escape");
    await panel().waitFor({ state: "detached" });
  });

  test("over a list that is being read new mails are announced, and shown when asked for", async () => {
    await show("mail-log", "[data-mail]");
    await page.locator("[data-mail]").first().hover();
    const { id } = await send({ to: "late@south.example" });
    const news = page.getByRole("button", { name: /1 new/ });
    await news.waitFor();
    expect(await row(id).count()).toBe(0);
    await news.click();
    await row(id).waitFor();
  });

  test("the figures lead to their rows", async () => {
    await expect
      .poll(async () => (await call<{ total: { failed: number } }>("GET", "/mail/stats")).total.failed)
      .toBe(1);
    await show("mail-log", ".share-name");
    await page.getByRole("region", { name: "Charts" }).getByRole("button", { name: "1 failed" }).click();
    await expect.poll(() => address().searchParams.get("status")).toBe("failed");
    await show("mail-log", ".share-name");
    await page.getByRole("button", { name: "south.example", exact: true }).click();
    await expect.poll(() => address().searchParams.get("address")).toBe("@south.example");
    await show("mail-log", ".share-name");
    const chart = page.getByRole("slider", { name: /^Mails that did not come through/ });
    await chart.focus();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await expect.poll(() => address().searchParams.get("status")).toBe("failed,bounced,suppressed");
    expect(address().searchParams.get("from")).not.toBeNull();
  });

  test("a mail is sent again to another address, as a new one that names the first", async () => {
    const { id } = await send({ to: "dana@west.example", subject: "Once more" });
    await settled(id, "sent");
    await show(`mail-log?mail=${id}`, ".mail-head");
    await page.getByRole("button", { name: "Send again" }).click();
    await page.getByRole("dialog").getByLabel("To").fill("dana@home.example");
    await page.getByRole("dialog").getByRole("button", { name: "Send again" }).click();
    await page.getByText("Sent again to dana@home.example").waitFor();
    await expect.poll(() => mailServer.mails.some(({ to }) => to[0] === "dana@home.example")).toBe(true);
    await page.getByRole("link", { name: "the new mail" }).click();
    await page.getByRole("link", { name: "an earlier mail" }).click();
    await page.getByRole("link", { name: "to dana@home.example" }).waitFor();
    expect(address().pathname).toContain(id);
  });

  test("the page of an address says why it got nothing, and lets it get mail again", async () => {
    const first = await send({ to: "gone@north.example", subject: "First" });
    await settled(first.id, "bounced");
    const second = await send({ to: "gone@north.example", subject: "Second" });
    await settled(second.id, "suppressed");
    await show(`mail-log?mail=${second.id}`, ".mail-head");
    await panel().getByRole("link", { name: "gone@north.example" }).first().click();
    const answer = page.locator(".address-answer p");
    await answer.waitFor();
    expect(await answer.textContent()).toMatch(/suppression list/);
    expect(await page.getByRole("region", { name: "Suppression" }).textContent()).toContain("came back for good");
    await row(first.id).waitFor();
    await row(second.id).waitFor();
    await isClean("the page of an address");
    await page.getByRole("button", { name: "Reactivate gone@north.example" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Reactivate" }).click();
    await page.getByRole("region", { name: "Suppression" }).waitFor({ state: "detached" });
  });

  test("an address is put on the suppression list by hand, found there and taken off it", async () => {
    await show("mail-suppressions", ".state");
    await page.getByRole("button", { name: "Add an address" }).click();
    await page.getByLabel("Address", { exact: true }).fill("Never@South.example");
    await page.getByLabel("Why").fill("asked on the phone");
    await page.getByRole("button", { name: "Send nothing to it" }).click();
    const line = page.locator('[data-address="never@south.example"]');
    await line.waitFor();
    expect(await line.textContent()).toContain("put on the list by hand by Dana Whitfield");
    const { id } = await send({ to: "never@south.example" });
    await settled(id, "suppressed");
    await page.locator("#suppression-search").fill("nobody");
    await page.getByText("No address on the list fits.").waitFor();
    await page.locator("#suppression-search").fill("phone");
    await line.waitFor();
    await isClean("the suppression list");
    await line.getByRole("button", { name: /^Reactivate/ }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Reactivate" }).click();
    await line.waitFor({ state: "detached" });
  });

  test("who may not open bodies and see addresses is told so, and gets neither", async () => {
    const made = await stand.daybook("users", "create", "--email", sam.email, "--role", "support", "--json");
    const token = new URL((JSON.parse(made.out) as { link: string }).link).hash.replace(/^#(token=)?/, "");
    const sams = await stand.open();
    const { request } = sams.context();
    await request.post(`${stand.server.address}/api/v1/passwords`, { data: { token, password: sam.password } });
    await request.post(`${stand.server.address}/api/v1/sessions`, { data: sam });
    await sams.goto(at("mail-log?q=Hello"));
    await sams.locator("[data-mail]").first().click();
    const open = sams.getByRole("complementary", { name: "Mail" });
    await open.getByText("Your role sees that the mail was sent and not what it said.").waitFor();
    expect(await open.getByRole("button", { name: /Open the mail|Send again/ }).count()).toBe(0);
    expect(await sams.locator("body").textContent()).not.toContain("ama@north.example");
    await sams.goto(at("mail-addresses/ama@north.example"));
    await sams.getByRole("heading", { name: "You may not see this" }).waitFor();
    await sams.goto(at("mail-suppressions"));
    await sams.getByText("Your role sees these addresses and does not change them.").waitFor();
    await sams.goto(at("settings/mail"));
    await sams.getByRole("heading", { name: "You may not see this" }).waitFor();
    await sams.context().close();
  });

  test("on a phone the list has two lines a row and a mail fills the screen", async () => {
    const phone = await stand.openSignedIn({ viewport: { width: 390, height: 844 } });
    await phone.goto(at("mail-log"));
    await phone.locator("[data-mail].two-line").first().click();
    await phone.getByRole("dialog", { name: "Mail" }).locator(".mail-head").waitFor();
    const wide = await phone.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBe(390);
    await phone.context().close();
  });
});

/** What the mail server says to some recipients. */
function refusedAs(address: string): string | undefined {
  if (address.startsWith("gone@")) return "550 5.1.1 User unknown";
  return address.startsWith("full@") ? "554 5.7.1 Message refused: spam" : undefined;
}

interface Elsewhere {
  server: Server;
  address: string;
  asked: string[];
  connections: number;
}

/** A server of somebody else, which notes what it is asked for. */
async function countingServer(): Promise<Elsewhere> {
  const asked: string[] = [];
  const pixel = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(200, { "content-type": "image/gif" }).end(pixel);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const elsewhere = { server, address: `http://127.0.0.1:${port}`, asked, connections: 0 };
  server.on("connection", () => elsewhere.connections++);
  return elsewhere;
}
