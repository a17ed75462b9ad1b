import { type MailStage, mailStage } from "@daybook/testkit/mail-stage.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeLeftOver, defer, giveUp } from "./settle.ts";
import { type WaitingMail, WaitingMails } from "./waiting-mail.ts";

let stage: MailStage;

beforeAll(async () => {
  stage = await mailStage();
  await stage.use({ enabled: false });
});
afterAll(() => stage.close());

/** A mail that waits, with an attempt that a worker has left without an end. */
async function leftOver(): Promise<WaitingMail> {
  const id = await stage.send();
  await stage.deferred(id);
  await stage.server.deps.db.query(
    "insert into mail_attempt (workspace_id, message_id, n, transport, host, started_at, outcome) values ($1, $2, 1, 'main', 'mx:25', now(), 0)",
    [stage.server.workspaceId, id],
  );
  const mail = await new WaitingMails(stage.server.deps.db).read(stage.server.workspaceId, id);
  if (mail === undefined) throw new Error("no such mail");
  return mail;
}

const setback = { class: "cut" as const, answer: null, transport: "main" };
const end = { outcome: "failed" as const, class: "cut" as const, line: null };
const acts: [string, (mail: WaitingMail) => Promise<unknown>][] = [
  [
    "put off",
    (mail) => defer(stage.server.deps.db, mail, { ...setback, attempt: { n: 1, ...end } }, Date.now(), 60_000),
  ],
  [
    "given up",
    (mail) => giveUp(stage.server.deps.db, mail, { ...setback, attempt: { n: 1, ...end } }, Date.now(), false),
  ],
  ["freed of what a dead worker left", (mail) => closeLeftOver(stage.server.deps.db, mail, Date.now())],
];

test.each(acts)(
  "a mail that is %s while somebody else settles it waits for that, and neither fails",
  async (_, act) => {
    const mail = await leftOver();
    const { db } = stage.server.deps;
    const other = await db.connect();
    try {
      await other.query("begin");
      await other.query("set local lock_timeout = '3s'");
      await other.query("select from mail_message where id = $1 for update", [mail.id]);
      const done = act(mail);
      done.catch(() => {});
      await expect.poll(waits, { timeout: 5_000, interval: 20 }).toBe(true);
      await other.query("update mail_attempt set line = line where message_id = $1", [mail.id]);
      await other.query("update mail_outbox set tries = tries where message_id = $1", [mail.id]);
      await other.query("commit");
      await done;
    } finally {
      await other.query("rollback");
      other.release();
    }
    expect((await stage.read(mail.id)).attemptList).toMatchObject([{ outcome: "failed", class: "cut" }]);
  },
);

async function waits(): Promise<boolean> {
  const { rows } = await stage.server.deps.ownerDb.query(
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return rows.length > 0;
}

test("a mail that went out after it was read has perhaps arrived, and that is marked", async () => {
  const mail = await leftOver();
  const { db } = stage.server.deps;
  await db.query("update mail_attempt set wire_at = now() where message_id = $1", [mail.id]);
  expect(await closeLeftOver(db, mail, Date.now())).toBe(true);
  expect(await stage.read(mail.id)).toMatchObject({ maybeSent: true, attemptList: [{ outcome: "maybe_sent" }] });
});

test("an attempt that has an end by now keeps it", async () => {
  const mail = await leftOver();
  const { db } = stage.server.deps;
  await db.query("update mail_attempt set outcome = 2, wire_at = now() where message_id = $1", [mail.id]);
  expect(await closeLeftOver(db, mail, Date.now())).toBe(false);
  expect((await stage.read(mail.id)).maybeSent).toBeUndefined();
});
