import { type MailStage, mailStage } from "@daybook/testkit/mail-stage.ts";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

let stage: MailStage;

beforeAll(async () => {
  stage = await mailStage();
});
afterAll(() => stage.close());
beforeEach(async () => {
  stage.mails.behave({});
  stage.other.behave({});
  await stage.use({});
});

test("a rate is kept: mails wait for their turn without holding a slot, none is lost", async () => {
  await stage.use({ perSecond: 4 });
  const ids = await Promise.all(Array.from({ length: 12 }, () => stage.send()));
  for (const id of ids) await stage.becomes(id, "sent");
  const times = (await Promise.all(ids.map(stage.read)))
    .map(({ sentAt }) => Date.parse(sentAt ?? ""))
    .sort((a, b) => a - b);
  // Twelve turns of a quarter of a second take 2.75 s, less what clocks and looks differ by.
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(2_000);
});

test("one domain's limit does not hold up others", async () => {
  await stage.use({ perDomainPerMinute: 1 });
  const slow = await Promise.all([1, 2, 3].map((n) => stage.send({ to: `a${n}@slow.example` })));
  const quick = await stage.send({ to: "b@quick.example" });
  await stage.becomes(quick, "sent");
  await expect
    .poll(async () => (await Promise.all(slow.map(stage.read))).filter(({ status }) => status === "sent").length)
    .toBe(1);
  const waiting = (await Promise.all(slow.map(stage.read))).filter(({ status }) => status === "queued");
  expect(waiting.every(({ nextTryAt }) => nextTryAt !== undefined)).toBe(true);
});

test("a mail of high priority does not wait behind the others", async () => {
  await stage.use({ perSecond: 0.1 });
  const usual = await Promise.all([1, 2, 3].map(() => stage.send()));
  // Any of them may be the first.
  const put = async () => (await Promise.all(usual.map(stage.read))).some(({ nextTryAt }) => nextTryAt !== undefined);
  await expect.poll(put, { timeout: 10_000 }).toBe(true);
  await stage.becomes(await stage.send({ priority: "high" }), "sent");
  const waiting = (await Promise.all(usual.map(stage.read))).filter(({ status }) => status === "queued");
  expect(waiting.length).toBeGreaterThan(0);
});

const turnOf = async (id: string): Promise<{ turn: number; next: number }> => {
  const { rows } = await stage.server.deps.db.query(
    `select extract(epoch from turn_at)::float8 as turn, (select max(extract(epoch from next_at))::float8 from mail_rate where name = turn_on) as next
       from mail_outbox where message_id = $1`,
    [id],
  );
  return rows[0];
};

/** So many times the mail was begun. */
const rounds = async (id: string): Promise<number> => {
  const { rows } = await stage.server.deps.db.query(
    "select attempt from task where id = (select task_id from mail_message where id = $1)",
    [id],
  );
  return rows[0].attempt;
};

/** Two mails of which the second waits for its turn for long. */
async function waiting(perSecond: number): Promise<string> {
  await stage.server.deps.ownerDb.query("delete from mail_rate");
  await stage.use({ perSecond });
  await stage.becomes(await stage.send(), "sent");
  const id = await stage.send();
  await expect.poll(async () => (await stage.read(id)).nextTryAt, { timeout: 10_000 }).toBeDefined();
  return id;
}

test("a mail that comes before its turn keeps it, and takes nobody another one", async () => {
  const id = await waiting(0.02);
  const turn = await turnOf(id);
  await stage.hurry(id);
  await expect.poll(() => rounds(id), { timeout: 10_000 }).toBe(3);
  expect(await turnOf(id)).toEqual(turn);
});

test("a turn that is past for long is taken anew: after an outage not all come at once", async () => {
  const id = await waiting(0.03);
  await stage.server.deps.ownerDb.query(
    "update mail_outbox set turn_at = now() - interval '1 minute' where message_id = $1",
    [id],
  );
  await stage.hurry(id);
  await expect.poll(() => rounds(id), { timeout: 10_000 }).toBe(3);
  const { turn } = await turnOf(id);
  expect(turn * 1_000).toBeGreaterThan(Date.now());
  expect((await stage.read(id)).status).toBe("queued");
});
