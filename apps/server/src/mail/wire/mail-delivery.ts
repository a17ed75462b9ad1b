import { setTimeout } from "node:timers/promises";
import { mailClassTexts } from "@daybook/contract";
import { z } from "zod";
import type { Deps } from "../../deps.ts";
import {
  defineTask,
  PermanentError,
  RetryLater,
  type TaskContext,
  type TaskDefinition,
} from "../../tasks/define-task.ts";
import { deliveryType } from "../accept-mails.ts";
import { outboxPlace, readOutbox } from "../outbox.ts";
import { TransportBook, type TransportRule } from "../transports/transport-book.ts";
import { AttemptBook } from "./attempt-store.ts";
import { ByteRoom } from "./byte-room.ts";
import { type Conversation, HIGH, speak } from "./conversation.ts";
import { isExpired, waitAfter } from "./retry.ts";
import { closeLeftOver, defer, giveUp, type Setback, suppress } from "./settle.ts";
import { SmtpPools } from "./smtp-pool.ts";
import { type SmtpPatience, usualPatience } from "./smtp-session.ts";
import { StateNotes } from "./state-notes.ts";
import { limitsOf, takeTurn } from "./turn.ts";
import { type WaitingMail, WaitingMails } from "./waiting-mail.ts";

export type DeliveryDeps = Pick<Deps, "config" | "db" | "log" | "clock" | "vault">;

/** A turn that comes so soon is waited for; for a later one the mail is put off and holds nothing up. */
const HOLD_MS = 250;
/** A turn that is past for so long is taken anew: after an outage all of them are, and the mails would go out at once. */
const TURN_LOST_MS = 30_000;
/** Who comes too early for a turn does not come back at once. */
const TURN_AGAIN_MS = 1_000;
/** Mails on their way at a time; those for which no connection is free wait in memory. */
const CONCURRENCY = 50;
/** Bytes of large messages in memory at a time. */
const LARGE_BYTES = 64 * 1024 * 1024;
/** Longer than the most patient conversation. */
const TIMEOUT_SECONDS = 1_800;
/** Faults of our own, such as a database that is away: soon again at first, later as seldom as after other faults. */
const FAULT_WAIT_MS = 10_000;
const QUICK_TRIES = 6;

const payload = z.object({ messageId: z.guid() });

/**
 * Delivers mails, as tasks: each is tried on the mail servers of its workspace until one has taken it, it is refused for good, or its time is
 * up. Idempotent: a mail that is settled is left alone.
 */
export class MailDelivery {
  readonly #deps: DeliveryDeps;
  readonly #book: TransportBook;
  readonly #pools: SmtpPools;
  readonly #mails: WaitingMails;
  readonly #attempts: AttemptBook;
  readonly #states: StateNotes;
  readonly #room = new ByteRoom(LARGE_BYTES);

  constructor(deps: DeliveryDeps, patience: SmtpPatience = usualPatience) {
    this.#deps = deps;
    this.#book = new TransportBook(deps);
    this.#pools = new SmtpPools(patience);
    this.#mails = new WaitingMails(deps.db);
    this.#attempts = new AttemptBook(deps.db, deps.clock);
    this.#states = new StateNotes(deps);
  }

  /** The type of task that delivers mail. */
  definition(): TaskDefinition {
    return defineTask(deliveryType, payload, ({ messageId }, context) => this.#run(messageId, context), {
      ...{ title: "Deliver a mail", idempotent: true, retries: 25, backoffSeconds: 10, quiet: true },
      ...{ timeoutSeconds: TIMEOUT_SECONDS, concurrency: CONCURRENCY },
    });
  }

  /** Says goodbye to the mail servers. */
  close(): void {
    this.#pools.close();
  }

  /** Whatever goes wrong besides what is known, such as a database that is away, mends itself or is mended: the mail waits. */
  async #run(id: string, context: TaskContext): Promise<unknown> {
    try {
      return await this.#deliver(id, context);
    } catch (error) {
      if (error instanceof RetryLater || error instanceof PermanentError || context.signal.aborted) throw error;
      this.#deps.log.error({ err: error, mail: id }, "a mail could not be delivered");
      throw new RetryLater(FAULT_WAIT_MS, (error as Error).message);
    }
  }

  /**
   * 1. Read the mail and what was tried; end the attempt of a worker that was killed.
   * 2. Try the mail servers in their order, as long as it is the server that is at fault.
   * 3. Note what came of it: sent, given up, or to be tried again.
   */
  async #deliver(id: string, { task, signal }: TaskContext): Promise<unknown> {
    const mail = await this.#mails.read(task.workspaceId, id);
    if (mail === undefined || mail.status !== 0) return { settled: true };
    const { db, clock } = this.#deps;
    await closeLeftOver(db, mail, clock());
    if (mail.suppressed !== null) {
      await suppress(db, mail, clock());
      return { status: "suppressed" };
    }
    if (mail.sealed_bytes === null)
      return this.#end(mail, { class: null, answer: "What it says is not kept any more.", transport: null });
    let came: Conversation | undefined;
    try {
      came = await this.#withBody(mail, signal, (mime) => this.#try(mail, mime, signal));
    } catch (error) {
      if (error instanceof RetryLater || signal.aborted) throw error;
      this.#deps.log.error({ err: error, mail: id }, "a mail could not be delivered");
      return this.#later(mail, { class: null, answer: (error as Error).message, transport: null }, faultWait(mail));
    }
    if (came === undefined) return this.#later(mail, { class: "no_transport", answer: null, transport: null });
    if (came.sent) return { status: "sent", transport: came.transport };
    return came.verdict.final ? this.#end(mail, came.setback, came.verdict.bounced) : this.#later(mail, came.setback);
  }

  /** Undefined if there is no mail server. */
  async #try(mail: WaitingMail, mime: Buffer, signal: AbortSignal): Promise<Conversation | undefined> {
    const rules = (await this.#book.of(mail.workspace_id)).filter(({ enabled }) => enabled);
    let came: Conversation | undefined;
    for (const rule of rules) {
      const pool = this.#pools.of(mail.workspace_id, rule);
      if (pool.resting === undefined) {
        // A turn is not to be lost on a server that has no room.
        pool.checkRoom(mail.priority === HIGH);
        await this.#awaitTurn(mail, rule);
      }
      const parts = { db: this.#deps.db, clock: this.#deps.clock, attempts: this.#attempts, pool, signal };
      const next = await speak(parts, mail, rule, mime);
      if (next.attempted) this.#states.note(mail.workspace_id, rule.name, next);
      came = next;
      if (next.sent || !next.verdict.elsewhere) break;
    }
    return came;
  }

  /** Does something with what the mail says; a large one is read once there is room for it. */
  async #withBody<T>(mail: WaitingMail, signal: AbortSignal, work: (mime: Buffer) => Promise<T>): Promise<T> {
    const { db, vault } = this.#deps;
    const { workspace_id: workspaceId, id } = mail;
    if (mail.sealed !== null) return work(vault.open(outboxPlace(workspaceId, id), mail.sealed));
    const askedMs = performance.now();
    const free = await this.#room.take(mail.sealed_bytes ?? 0, signal);
    // Its turn has come nearer meanwhile.
    if (mail.turn_wait_ms !== null) mail.turn_wait_ms -= performance.now() - askedMs;
    try {
      const mime = await readOutbox(db, vault, workspaceId, id);
      if (mime === undefined) throw new RetryLater(FAULT_WAIT_MS, "Somebody else has settled it.");
      return await work(mime);
    } finally {
      free();
    }
  }

  /**
   * Waits for the mail's turn where rates are limited; throws RetryLater when that is later than in a moment. A turn that it has it keeps, though
   * it should come too early: this server's clock need not be the database's.
   */
  async #awaitTurn(mail: WaitingMail, rule: TransportRule): Promise<void> {
    const limits = limitsOf(rule, mail);
    const keptMs = mail.turn_wait_ms ?? -Infinity;
    const kept = keptMs < -TURN_LOST_MS ? -1 : limits.findIndex(({ name }) => name === mail.turn_on);
    if (kept !== -1) {
      if (keptMs > HOLD_MS) throw notYet(Math.max(keptMs, TURN_AGAIN_MS));
      if (keptMs > 0) await setTimeout(keptMs);
    }
    for (const limit of limits.slice(kept + 1)) {
      const waitMs = await takeTurn(this.#deps.db, limit);
      if (waitMs > HOLD_MS) {
        await this.#putOff(mail, limit.name, waitMs);
        throw notYet(waitMs);
      }
      if (waitMs > 0) await setTimeout(waitMs);
    }
  }

  async #putOff(mail: WaitingMail, name: string, waitMs: number): Promise<void> {
    const at = new Date(this.#deps.clock() + waitMs).toISOString();
    await this.#deps.db.query(
      `with put as (
         update mail_outbox set turn_on = $3, turn_at = now() + make_interval(secs => $4) where workspace_id = $1 and message_id = $2)
       update mail_message set next_try_at = $5 where workspace_id = $1 and id = $2 and status = 0`,
      [mail.workspace_id, mail.id, name, waitMs / 1_000, at],
    );
  }

  /** Tries it again later, unless its time is up. Throws what the task ends with. */
  async #later(mail: WaitingMail, setback: Setback, waitMs = waitAfter(mail.tries + 1)): Promise<never> {
    const nowMs = this.#deps.clock();
    const firstMs = mail.first_try_at?.getTime() ?? nowMs;
    if (isExpired(mail.tries + 1, firstMs, nowMs)) return this.#end(mail, { ...setback, class: "expired" });
    await defer(this.#deps.db, mail, setback, nowMs, waitMs);
    throw new RetryLater(waitMs, textOf(setback));
  }

  async #end(mail: WaitingMail, setback: Setback, bounced = false): Promise<never> {
    await giveUp(this.#deps.db, mail, setback, this.#deps.clock(), bounced);
    throw new PermanentError(textOf(setback));
  }
}

function notYet(waitMs: number): RetryLater {
  return new RetryLater(waitMs, "It waits for its turn: so many mails at a time are sent, and no more.");
}

function faultWait({ tries }: WaitingMail): number {
  return tries < QUICK_TRIES ? FAULT_WAIT_MS : waitAfter(tries - QUICK_TRIES + 1);
}

function textOf(setback: Setback): string {
  const what = setback.class === null ? "It did not go out" : mailClassTexts[setback.class];
  return setback.answer === null ? `${what}.` : `${what}: ${setback.answer}`;
}
