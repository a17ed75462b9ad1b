import { type MailStage, mailStage } from "@daybook/testkit/mail-stage.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { outboxPlace, putInOutbox, readOutbox } from "../outbox.ts";
import { WaitingMails } from "./waiting-mail.ts";

let stage: MailStage;

beforeAll(async () => {
  stage = await mailStage();
  await stage.use({ enabled: false });
});
afterAll(() => stage.close());

test("a large message is not read along with the mail, a small one is", async () => {
  const { deps, workspaceId } = stage.server;
  const attachments = [{ filename: "large.bin", content: Buffer.alloc(300_000).toString("base64") }];
  const [small, large] = await Promise.all([stage.send(), stage.send({ attachments })]);
  const mails = new WaitingMails(deps.db);
  const [one, other] = await Promise.all([small, large].map((id) => mails.read(workspaceId, id)));
  expect(one?.sealed).toHaveLength(one?.sealed_bytes ?? -1);
  expect(other?.sealed).toBeNull();
  expect(other?.sealed_bytes).toBeGreaterThan(300_000);
});

test("messages that are written in several portions are each what they were", async () => {
  const { deps, workspaceId } = stage.server;
  const ids = await Promise.all([1, 2, 3, 4].map(() => stage.send()));
  await deps.ownerDb.query("delete from mail_outbox where message_id = any($1)", [ids]);
  const said = [20_000_000, 20_000_000, 40_000_000, 5].map((bytes, index) => Buffer.alloc(bytes, `${index}`));
  const sealed = ids.map((id, index) => ({
    id,
    sealed: deps.vault.seal(outboxPlace(workspaceId, id), said[index] as Buffer),
  }));
  await putInOutbox(deps.db, workspaceId, sealed);
  for (const [index, id] of ids.entries())
    expect((await readOutbox(deps.db, deps.vault, workspaceId, id))?.equals(said[index] as Buffer)).toBe(true);
});
