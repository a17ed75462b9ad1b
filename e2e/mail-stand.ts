import { AxeBuilder } from "@axe-core/playwright";
import type { MailMessage, NewMail } from "@daybook/contract";
import { type TestMailServer, testMailServer } from "@daybook/testkit/mail-server.ts";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { chromiumPath, openStand, type Stand, setUpOwner } from "./stand.ts";
import { type Caller, caller } from "./work-api.ts";

/** What the mail server of a stand says to some recipients. */
export const refusals = {
  recipient: (address: string): string | undefined => {
    if (address.startsWith("gone@")) return "550 5.1.1 User unknown";
    return address.startsWith("full@") ? "554 5.7.1 Message refused: spam" : undefined;
  },
};

/** A server that sends by a real mail server, the owner's window on it, and a panel that sends mails. */
export interface MailStand {
  stand: Stand;
  mailServer: TestMailServer;
  page: Page;
  /** Calls the API with the panel's key. */
  call: Caller;
  send(mail: Partial<NewMail> & { to: NewMail["to"] }): Promise<MailMessage>;
  /** Waits until a mail has come to a status. */
  settled(id: string, status: string): Promise<void>;
  /** The address of a screen. */
  at(path: string): string;
  show(path: string, seen: string): Promise<void>;
  /** The row of a mail in the table. */
  row(id: string): ReturnType<Page["locator"]>;
  panel(): ReturnType<Page["getByRole"]>;
  /** The address that the window is at. */
  address(): URL;
  isClean(name: string): Promise<void>;
  close(): Promise<void>;
}

export async function openMailStand(): Promise<MailStand> {
  const mailServer = await testMailServer({ security: "none" });
  mailServer.behave({ refuse: refusals });
  const stand = await openStand(chromiumPath, {
    DAYBOOK_SMTP_URL: `smtp://127.0.0.1:${mailServer.port}?security=none`,
  });
  await setUpOwner(stand);
  const call = await caller(stand, "mail:send,mail:read,settings:write,staff:manage");
  await call("PATCH", "/settings", { mailFrom: "panel@acme.example" });
  const page = await stand.openSignedIn();
  const at = (path: string) => `${stand.server.address}/w/main/${path}`;
  return {
    ...{ stand, mailServer, page, call, at },
    send: (mail) => call("POST", "/mail/messages", { subject: "Your server is ready", text: "It is.", ...mail }),
    settled: (id, status) =>
      expect
        .poll(async () => (await call<MailMessage>("GET", `/mail/messages/${id}`)).status, { timeout: 15_000 })
        .toBe(status),
    show: async (path, seen) => {
      await page.goto(at(path));
      await page.locator(seen).first().waitFor();
    },
    row: (id) => page.locator(`[data-mail="${id}"]`),
    panel: () => page.getByRole("complementary", { name: "Mail" }),
    address: () => new URL(page.url()),
    isClean: async (name) => {
      const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
      expect(
        violations.map(({ id, nodes }) => `${name}: ${id} ${nodes[0]?.html.slice(0, 160)}`),
        name,
      ).toEqual([]);
    },
    close: async () => {
      await stand.close();
      await mailServer.close();
    },
  };
}
