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
  await expect.poll(async () => (await stage.read(usual[2] ?? "")).nextTryAt, { timeout: 10_000 }).toBeDefined();
  await stage.becomes(await stage.send({ priority: "high" }), "sent");
  const waiting = (await Promise.all(usual.map(stage.read))).filter(({ status }) => status === "queued");
  expect(waiting.length).toBeGreaterThan(0);
});
