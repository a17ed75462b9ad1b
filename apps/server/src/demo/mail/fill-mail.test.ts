import { mailStatuses } from "@daybook/contract";
import { testDeps } from "@daybook/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Deps } from "../../deps.ts";
import { mailStatusNumber } from "../../mail/mail-row.ts";
import { tellMails } from "../../mail/mail-teller.ts";
import { storyDefaults } from "../story.ts";
import { fillMail, hasMail, plotMails } from "./fill-mail.ts";

const untilMs = Date.parse("2026-11-20T10:00:00Z");
const story = { ...storyDefaults, days: 30, events: 8_000, untilMs };
const workspace = { id: 1, story };

let deps: Deps;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ deps, close } = await testDeps({ clock: () => untilMs }));
  expect(await hasMail(deps.db, workspace.id)).toBe(false);
  await fillMail(deps, workspace);
}, 60_000);
afterAll(() => close());

const count = async (sql: string, ...parameters: unknown[]): Promise<number> =>
  Number((await deps.db.query<{ count: string }>(`select count(*) from ${sql}`, parameters)).rows[0]?.count);

describe("the mails of the demo company", () => {
  it("are the same each time, and go to invented domains alone", () => {
    const { plots } = plotMails(story);
    expect(plotMails(story).plots).toEqual(plots);
    expect(plots.map(({ to }) => to.address).filter((address) => !address.endsWith(".example"))).toEqual([]);
  });

  it("have every status but nothing that waits to be sent, and say by which step they came to it", async () => {
    for (const status of mailStatuses)
      expect(await count("mail_message where status = $1", mailStatusNumber(status)), status).toBeGreaterThan(0);
    expect(await count("mail_outbox")).toBe(0);
    expect(await count("task")).toBe(0);
    const without = "mail_message as mail where not exists (select from mail_happening where message_id = mail.id)";
    expect(await count(without)).toBe(0);
  });

  it("have attempts that were deferred, refused and through, resends, and addresses that get none", async () => {
    for (const name of ["greylisted", "recipient_refused", "spam_refused"])
      expect(await count("mail_attempt where class = $1", name), name).toBeGreaterThan(0);
    expect(await count("mail_message where resend_of is not null")).toBeGreaterThan(0);
    for (const reason of ["hard_bounce", "complaint", "manual"])
      expect(await count("mail_suppression where reason = $1", reason), reason).toBeGreaterThan(0);
  });

  it("say the name of the company, and add nothing to the servers whose events the questions of the demo count", async () => {
    expect(
      await count("mail_message where template = 'welcome' and subject = 'Welcome to Heronfield'"),
    ).toBeGreaterThan(0);
    expect(await count("mail_message where targets::text like '%srv-8%'")).toBe(0);
  });

  it("keep no link that opens an account", async () => {
    const resets =
      "mail_message as mail join mail_content as content on content.message_id = mail.id where template = 'password-reset'";
    expect(await count(resets)).toBeGreaterThan(0);
    expect(await count(`${resets} and (html like '%/reset/%' or plain like '%/reset/%')`)).toBe(0);
    expect(await count(`${resets} and plain like '%[masked]%'`)).toBe(await count(resets));
  });

  it("are in the log, each step as an event, and in the figures", async () => {
    while ((await tellMails(deps)) > 0);
    const { rows } = await deps.db.query<{ action: string }>(
      "select distinct action from event where action like 'mail.%'",
    );
    const actions = rows.map((row) => row.action);
    for (const step of ["queued", "sent", "deferred", "failed", "bounced", "delivered", "suppressed"])
      expect(actions).toContain(`mail.${step}`);
    const sums = await deps.db.query<{ queued: number }>("select sum(queued)::int as queued from mail_hour");
    expect(sums.rows[0]?.queued).toBe(await count("mail_message"));
  });
});
