import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { MailMessage } from "@daybook/contract";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type MailStand, openMailStand } from "./mail-stand.ts";
import { chromiumPath } from "./stand.ts";

const sam = { email: "sam@acme.example", password: "eleven boats on the canal" };
const resetUrl = "https://panel.acme.example/reset?token=5f0c1d9aa7";

// In the order of one sitting: each test goes on from where the one before ended.
describe.skipIf(chromiumPath === undefined)("what a mail said, in the console", () => {
  let on: MailStand;
  let page: Page;
  let elsewhere: Elsewhere;

  /** Leaves the page. What the browser says of what it refused to a mail is no fault, nor are the images that were asked for. */
  const leave = async () => {
    await page.goto("about:blank");
    await page.waitForTimeout(300);
    const expected = /Content Security Policy|sandboxed|^request to http:\/\/127\.0\.0\.1/;
    on.stand.faults.splice(0, on.stand.faults.length, ...on.stand.faults.filter((fault) => !expected.test(fault)));
  };

  beforeAll(async () => {
    elsewhere = await countingServer();
    on = await openMailStand();
    page = on.page;
  }, 60_000);
  afterAll(async () => {
    await on.close();
    elsewhere.server.close();
  });
  afterEach(() => expect(on.stand.faults.splice(0)).toEqual([]));

  test("what a mail said is shown in a frame where no script runs and nothing is fetched until it is asked for", async () => {
    const html = `<h1>Hello Ama</h1><p><a href="${resetUrl}">Choose a new password</a></p>
      <img src="${elsewhere.address}/pixel.png" alt="" onerror="top.document.title='taken over'">
      <link rel="stylesheet" href="${elsewhere.address}/style.css"><link rel="preconnect" href="${elsewhere.address}">
      <div style="background: url(${elsewhere.address}/ground.png)">x</div>
      <iframe src="${elsewhere.address}/frame.html"></iframe>
      <meta http-equiv="refresh" content="0;url=${elsewhere.address}/away.html">
      <form action="${elsewhere.address}/form"><button id="out">Send</button></form>
      <script>document.body.append("script" + " ran"); top.document.title = "taken over"</script>`;
    const { id } = await on.send({ to: "ama@north.example", subject: "Hello", html, secrets: [resetUrl] });
    await on.settled(id, "sent");
    await on.show(`mail-log?mail=${id}`, ".said-closed");
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
    const taken = on.mailServer.mails.find(({ to }) => to[0] === "ama@north.example");
    expect(taken?.parsed.html).toContain(resetUrl);
    const { id } = (await on.call<{ items: MailMessage[] }>("GET", "/mail/messages?q=Hello")).items[0] as MailMessage;
    await on.show(`mail-log/${id}`, ".said-closed");
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

  test("who may not open bodies and see addresses is told so, and gets neither", async () => {
    const made = await on.stand.daybook("users", "create", "--email", sam.email, "--role", "support", "--json");
    const token = new URL((JSON.parse(made.out) as { link: string }).link).hash.replace(/^#(token=)?/, "");
    const sams = await on.stand.open();
    const { request } = sams.context();
    await request.post(`${on.stand.server.address}/api/v1/passwords`, { data: { token, password: sam.password } });
    await request.post(`${on.stand.server.address}/api/v1/sessions`, { data: sam });
    await sams.goto(on.at("mail-log?q=Hello"));
    await sams.locator("[data-mail]").first().click();
    const open = sams.getByRole("complementary", { name: "Mail" });
    await open.getByText("Your role sees that the mail was sent and not what it said.").waitFor();
    expect(await open.getByRole("button", { name: /Open the mail|Send again/ }).count()).toBe(0);
    expect(await sams.locator("body").textContent()).not.toContain("ama@north.example");
    await sams.goto(on.at("mail-addresses/ama@north.example"));
    await sams.getByRole("heading", { name: "You may not see this" }).waitFor();
    await sams.goto(on.at("mail-suppressions"));
    await sams.getByText("Your role sees these addresses and does not change them.").waitFor();
    await sams.goto(on.at("settings/mail"));
    await sams.getByRole("heading", { name: "You may not see this" }).waitFor();
    await sams.context().close();
  });
});

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
