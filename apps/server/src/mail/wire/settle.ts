import type { MailClass } from "@daybook/contract";
import type { PoolClient } from "pg";
import type { Db } from "../../db/pool.ts";
import { inTransaction } from "../../db/transaction.ts";
import { mailStatusNumber } from "../mail-row.ts";
import { type MailStep, takeMailStep } from "../mail-step.ts";
import { dropFromOutbox } from "../outbox.ts";
import { addSuppression } from "../suppression/suppression-store.ts";
import { type AttemptEnd, endAttempt, endLeftOver } from "./attempt-store.ts";
import type { WaitingMail } from "./waiting-mail.ts";

/** Why a mail did not go out, as its row and its events say it. */
export interface Setback {
  class: MailClass | null;
  answer: string | null;
  transport: string | null;
  /** The attempt that ended so, if there was one. */
  attempt?: ({ n: number } & AttemptEnd) | undefined;
  maybeSent?: boolean;
}

const QUEUED = mailStatusNumber("queued");

// Everybody locks the message first, then its attempt, then what is kept to be sent: two that settle one mail wait for each other, no more.

/** The mail waits for its next try. */
export function defer(db: Db, mail: WaitingMail, setback: Setback, atMs: number, waitMs: number): Promise<void> {
  return inTransaction(db, async (client) => {
    const moved = await takeMailStep(client, {
      ...stepOf(mail, setback, atMs),
      happening: "deferred",
      note: `tried again in ${Math.max(1, Math.round(waitMs / 60_000))} min`,
      set: [...setsOf(mail, setback), ["next_try_at = {0}", new Date(atMs + waitMs).toISOString()]],
    });
    await endOf(client, mail, setback, atMs);
    if (moved === undefined) return;
    await client.query(
      `update mail_outbox set tries = tries + 1, first_try_at = coalesce(first_try_at, $3), turn_at = null, turn_on = null
        where workspace_id = $1 and message_id = $2`,
      [mail.workspace_id, mail.id, new Date(atMs).toISOString()],
    );
  });
}

/** The mail is given up: failed, or bounced, which puts the address on the suppression list. */
export function giveUp(db: Db, mail: WaitingMail, setback: Setback, atMs: number, bounced: boolean): Promise<void> {
  const status = bounced ? ("bounced" as const) : ("failed" as const);
  return inTransaction(db, async (client) => {
    const moved = await takeMailStep(client, {
      ...stepOf(mail, setback, atMs),
      happening: status,
      set: [...setsOf(mail, setback), ...settled(mailStatusNumber(status), atMs)],
    });
    await endOf(client, mail, setback, atMs);
    await dropFromOutbox(client, mail.workspace_id, [mail.id]);
    if (moved === undefined || !bounced) return;
    await addSuppression(client, mail.workspace_id, {
      ...{ address: mail.to_address, reason: "hard_bounce", messageId: mail.id, atMs },
      note: setback.answer ?? undefined,
    });
  });
}

/** The address came onto the suppression list after the mail was taken. */
export function suppress(db: Db, mail: WaitingMail, atMs: number): Promise<void> {
  const setback = { class: "suppressed" as const, answer: null, transport: null };
  return inTransaction(db, async (client) => {
    await takeMailStep(client, {
      ...stepOf(mail, setback, atMs),
      happening: "suppressed",
      set: [["class = {0}", "suppressed"], ...settled(mailStatusNumber("suppressed"), atMs)],
    });
    await dropFromOutbox(client, mail.workspace_id, [mail.id]);
  });
}

/** A worker was killed in the middle of a conversation: its attempt gets an end. True if the message may have arrived. */
export async function closeLeftOver(db: Db, mail: WaitingMail, atMs: number): Promise<boolean> {
  const { workspace_id: workspaceId, id, last_n: n } = mail;
  if (n === null || mail.last_outcome !== 0) return false;
  return inTransaction(db, async (client) => {
    await client.query(
      "update mail_message set attempts = greatest(attempts, $3) where workspace_id = $1 and id = $2 and status = 0",
      [workspaceId, id, n],
    );
    const wasOut = await endLeftOver(client, { workspaceId, id, n }, atMs);
    if (wasOut)
      await client.query(
        "update mail_message set maybe_sent = true where workspace_id = $1 and id = $2 and status = 0",
        [workspaceId, id],
      );
    return wasOut;
  });
}

async function endOf(client: PoolClient, mail: WaitingMail, { attempt }: Setback, atMs: number): Promise<void> {
  if (attempt === undefined) return;
  await endAttempt(client, { workspaceId: mail.workspace_id, id: mail.id, n: attempt.n }, atMs, attempt);
}

function stepOf(mail: WaitingMail, setback: Setback, atMs: number): Omit<MailStep, "happening" | "set"> {
  const said = {
    ...(setback.class === null ? {} : { class: setback.class }),
    ...(setback.answer === null ? {} : { answer: setback.answer }),
  };
  return { workspaceId: mail.workspace_id, id: mail.id, from: [QUEUED], atMs, ...said };
}

function setsOf(mail: WaitingMail, setback: Setback): MailStep["set"] {
  return [
    ["attempts = greatest(attempts, {0})", mail.last_n ?? 0],
    ["class = {0}", setback.class],
    ["answer = {0}", setback.answer],
    ["transport = coalesce({0}, transport)", setback.transport],
    ["maybe_sent = maybe_sent or {0}", setback.maybeSent ?? false],
  ];
}

function settled(status: number, atMs: number): MailStep["set"] {
  return [["status = {0}", status], ["settled_at = {0}", new Date(atMs).toISOString()], ["next_try_at = null"]];
}
