import type { MailMessage, TransportSettings } from "@daybook/contract";
import { type FindingStage, findingStage, runDaybook, temporaryDirectory } from "@daybook/testkit";
import { type TestMailServer, testMailServer } from "@daybook/testkit/mail-server.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { saveTransport } from "../../mail/transports/transport-store.ts";
import { startTasks } from "../../tasks/start-tasks.ts";

let stage: FindingStage;
let mails: TestMailServer;
const MINUTE_MS = 60_000;

beforeAll(async () => {
  mails = await testMailServer({ security: "none" });
  stage = await findingStage({ mailFrom: "panel@acme.example", role: "api" });
});
afterAll(async () => {
  await stage.close();
  await mails.close();
});

const startWorker = () => startTasks({ ...stage.deps, version: "test", callEndpoint: async () => ({ taken: true }) });

let people = 0;
const send = () =>
  stage.ask<MailMessage>("POST", "/mail/messages", {
    to: `dana${++people}@customer.example`,
    subject: "Hello",
    text: "Hello.",
  });

const statusOf = async ({ id }: MailMessage) => (await stage.ask<MailMessage>("GET", `/mail/messages/${id}`)).status;

async function setUp(settings: Partial<TransportSettings> = {}): Promise<void> {
  const { db, vault, clock } = stage.deps;
  await saveTransport(db, vault, stage.workspaceId, {
    name: "main",
    settings: {
      host: mails.host,
      port: mails.port,
      security: "none",
      enabled: true,
      connections: 2,
      position: 1,
      ...settings,
    } as never,
    secrets: {},
    atMs: clock(),
  });
  // What was read before is believed for so long.
  await new Promise((next) => setTimeout(next, 2_050));
}

test("mails that wait without any mail server are found, until one is set up", async () => {
  const work = await startWorker();
  expect(await stage.find("mail_no_transport")).toEqual([]);
  await send();
  await send();
  await expect.poll(() => stage.find("mail_no_transport"), { timeout: 10_000 }).toHaveLength(1);
  stage.advance(3 * MINUTE_MS);
  const [finding] = await stage.find("mail_no_transport");
  expect(finding).toMatchObject({ severity: "critical", screens: ["mail"], link: "/settings/mail" });
  expect(finding?.found).toMatch(/^2 mails wait, the oldest for 3 minutes, and there is no mail server/);
  expect(finding?.command).toContain("DAYBOOK_SMTP_URL=");
  const env = { DATABASE_URL: stage.database.url, DAYBOOK_DATA: temporaryDirectory(), DAYBOOK_PORT: "0" };
  const { checks } = JSON.parse((await runDaybook(["doctor", "--json"], { env })).out);
  expect(checks).toContainEqual(
    expect.objectContaining({ name: "mail_no_transport", state: "failed", mend: finding?.mend }),
  );
  stage.advance(-3 * MINUTE_MS);
  await setUp();
  expect(await stage.find("mail_no_transport")).toEqual([]);
  await work.stop();
  await stage.deps.db.query("update mail_message set status = 2");
});

test("a mail server that cannot be reached is found with its class, its answer and what waits, until a mail gets through", async () => {
  await mails.down();
  const work = await startWorker();
  await send();
  await expect.poll(() => stage.find("mail_transport_failing"), { timeout: 20_000 }).toHaveLength(1);
  await expect
    .poll(async () => (await stage.find("mail_transport_failing"))[0]?.found, { timeout: 10_000 })
    .toMatch(/1 mail waits for it\.$/);
  const [finding] = await stage.find("mail_transport_failing");
  expect(finding).toMatchObject({ about: "main", severity: "critical", title: "The mail server main fails" });
  expect(finding?.found).toMatch(
    /^The mail server could not be reached, last .* ago\. .*ECONNREFUSED.* Nothing has ever gone through it\./,
  );
  expect(finding?.mend).toContain("firewall");
  expect(finding?.command).toContain("/mail/transports/main/test-messages");
  // A mail that is stuck behind it is the mail server's fault, not one of its own.
  stage.advance(20 * MINUTE_MS);
  expect(await stage.find("mail_waiting")).toEqual([]);
  stage.advance(-20 * MINUTE_MS);

  await mails.up();
  await expect
    .poll(
      async () => {
        const { id } = await send();
        await new Promise((next) => setTimeout(next, 1_000));
        return (await stage.ask<MailMessage>("GET", `/mail/messages/${id}`)).status;
      },
      { timeout: 90_000 },
    )
    .toBe("sent");
  await expect.poll(() => stage.find("mail_transport_failing"), { timeout: 10_000 }).toEqual([]);
  await work.stop();
  await stage.deps.db.query("update mail_message set status = 2 where status = 0");
}, 120_000);

test("a mail that nobody delivers is found after a quarter of an hour, until a worker does", async () => {
  const mail = await send();
  stage.advance(14 * MINUTE_MS);
  expect(await stage.find("mail_waiting")).toEqual([]);
  stage.advance(2 * MINUTE_MS);
  const [finding] = await stage.find("mail_waiting");
  expect(finding).toMatchObject({ severity: "critical", command: expect.stringContaining("daybook-worker") });
  expect(finding?.found).toBe("1 mail should have gone out; the oldest was queued 16 minutes ago.");
  expect(finding?.mend).toContain("none is alive");
  stage.advance(-16 * MINUTE_MS);
  const work = await startWorker();
  await expect.poll(() => statusOf(mail), { timeout: 20_000 }).toBe("sent");
  stage.advance(16 * MINUTE_MS);
  expect(await stage.find("mail_waiting")).toEqual([]);
  stage.advance(-16 * MINUTE_MS);
  await work.stop();
});

test("mails that wait for their turn are told apart, and one that a server put off is none of them", async () => {
  await setUp({ perSecond: 0.01 });
  const work = await startWorker();
  const waiting = [await send(), await send(), await send()];
  await expect
    .poll(async () => (await Promise.all(waiting.map(statusOf))).filter((status) => status === "sent").length, {
      timeout: 20_000,
    })
    .toBe(1);
  await expect
    .poll(async () => (await stage.deps.db.query("select from mail_outbox where turn_at is not null")).rowCount, {
      timeout: 10_000,
    })
    .toBe(2);
  await work.stop();
  stage.advance(16 * MINUTE_MS);
  // As if so many were before them that their turn comes in an hour.
  await stage.deps.db.query("update mail_outbox set turn_at = turn_at + interval '1 hour'");
  await stage.deps.db.query("update mail_message set next_try_at = next_try_at + interval '1 hour' where status = 0");
  const [finding] = await stage.find("mail_waiting");
  expect(finding).toMatchObject({ severity: "warning" });
  expect(finding?.found).toMatch(/^2 mails should have gone out; .* waits for its turn: a rate is limited\.$/);
  expect(finding?.command).toBeUndefined();
  await stage.deps.db.query("update mail_outbox set turn_at = null");
  expect(await stage.find("mail_waiting")).toEqual([]);
});
