import { RetryLater } from "../../tasks/define-task.ts";
import type { TransportRule } from "../transports/transport-book.ts";
import { classify } from "./classify.ts";
import { ConnectionQueue } from "./connection-queue.ts";
import { openSession, SmtpFault, type SmtpPatience, type SmtpSession } from "./smtp-session.ts";

/** A connection is left after so many mails: some servers want that, and a load balancer gets to spread them. */
const MAILS_MAX = 500;
/** A connection that has had no mail for so long is closed; servers do it after some minutes, and a mail would meet a dead one. */
const IDLE_MS = 20_000;
/** A server that could not be used rests so long, doubled each time: mails that wait do not queue up before a dead one. */
const REST_MS = { first: 2_000, most: 60_000 };

/** Mails may wait for a connection that are served within this time, and at least two. */
const MOMENT_MS = 1_000;
const WAITING_LEAST = 2;
/** How long a mail takes on a server of which nothing is known yet. */
const USUAL_MS = 250;
/** A mail for which there was no room comes again after this time and up to as much more, or, if many do, one after the other. */
const BUSY_MS = { first: 1_000, most: 120_000 };

/** What is done with a connection. */
interface PoolUse<T> {
  urgent: boolean;
  /** Aborted when it must not go on. */
  signal: AbortSignal;
  before(): Promise<void>;
  work(session: SmtpSession): Promise<T>;
}

/** The connections to one mail server, at most as many as it is set to have. */
export class SmtpPool {
  readonly #rule: TransportRule;
  readonly #patience: SmtpPatience;
  readonly #idle: SmtpSession[] = [];
  readonly #queue: ConnectionQueue;
  readonly #timer: NodeJS.Timeout;
  #inside = 0;
  /** How long a mail holds a connection, the last ones counting most. */
  #meanMs = USUAL_MS;
  /** When the last mail comes back for which there was no room. */
  #againMs = 0;
  #closed = false;
  #rest: { untilMs: number; lastMs: number; fault: SmtpFault } | undefined;

  constructor(rule: TransportRule, patience: SmtpPatience) {
    this.#rule = rule;
    this.#patience = patience;
    this.#queue = new ConnectionQueue(rule.connections);
    this.#timer = setInterval(() => this.#closeIdle(), IDLE_MS / 4).unref();
  }

  /** Why it rests, if it does: it could not be used a moment ago. */
  get resting(): SmtpFault | undefined {
    return this.#rest !== undefined && this.#rest.untilMs > performance.now() ? this.#rest.fault : undefined;
  }

  /** Mails wait for a connection. */
  get crowded(): boolean {
    return this.#inside > this.#rule.connections;
  }

  /**
   * Throws RetryLater when as many wait as it will serve within a moment, and at least as many as it has connections: who waits in memory
   * holds a place that mails of others could have. A mail that is `urgent` may wait all the same.
   */
  checkRoom(urgent: boolean): void {
    const { connections } = this.#rule;
    const soon = Math.floor((connections * MOMENT_MS) / this.#meanMs);
    if (!urgent && this.#inside >= connections + Math.max(WAITING_LEAST, connections, soon)) throw this.#busy();
  }

  /** Comes in, to use a connection or wait for one; what it gives goes out again. Throws RetryLater, as `checkRoom` does. */
  enter(urgent: boolean): () => void {
    this.checkRoom(urgent);
    this.#inside++;
    return () => {
      this.#inside--;
    };
  }

  /**
   * Does something with a connection, as soon as there may be one more: first `before`, then it connects if it must, then `work`. Throws SmtpFault,
   * what they throw, and RetryLater when it takes too long until there is one; while it rests, at once.
   */
  async use<T>({ urgent, signal, before, work }: PoolUse<T>): Promise<T> {
    await this.#queue.take(urgent, signal, () => this.#busy());
    try {
      const { resting } = this;
      if (resting !== undefined) throw resting;
      await before();
      const sinceMs = performance.now();
      try {
        return await this.#work(work);
      } finally {
        this.#meanMs += (performance.now() - sinceMs - this.#meanMs) / 8;
      }
    } finally {
      this.#queue.free();
    }
  }

  /** Those for whom there is no room come back as fast as the server takes them: ten thousand do not ask every second. */
  #busy(): RetryLater {
    const nowMs = performance.now();
    this.#againMs = Math.max(this.#againMs, nowMs) + this.#meanMs / this.#rule.connections;
    const waitMs = Math.min(BUSY_MS.most, this.#againMs - nowMs) + BUSY_MS.first * (1 + Math.random());
    return new RetryLater(waitMs, "Its mail server is busy.");
  }

  /** Lets go of what is idle; what is under way comes to its end. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    for (const session of this.#idle.splice(0)) session.quit();
  }

  /** A connection that had waited may have been closed at the other end just now: then once more, with a new one. */
  async #work<T>(work: (session: SmtpSession) => Promise<T>): Promise<T> {
    const session = this.#idleOne();
    if (session === undefined) return this.#workWith(await this.#connect(), work);
    try {
      return await this.#workWith(session, work);
    } catch (error) {
      if (!(error instanceof SmtpFault) || !isStale(error)) throw error;
      return this.#workWith(await this.#connect(), work);
    }
  }

  async #workWith<T>(session: SmtpSession, work: (session: SmtpSession) => Promise<T>): Promise<T> {
    try {
      const result = await work(session);
      this.#keep(session);
      return result;
    } catch (error) {
      const reply = error instanceof SmtpFault ? error.fault.reply : undefined;
      // 421: the server says goodbye. Anything that is no answer leaves the conversation who knows where.
      if (reply === undefined || reply.code === 421 || !session.open) session.close();
      else await session.reset().then(() => this.#keep(session));
      throw error;
    }
  }

  #idleOne(): SmtpSession | undefined {
    for (let session = this.#idle.pop(); session !== undefined; session = this.#idle.pop())
      if (session.open) return session;
    return undefined;
  }

  async #connect(): Promise<SmtpSession> {
    try {
      const session = await openSession(this.#rule, { patience: this.#patience });
      this.#rest = undefined;
      return session;
    } catch (error) {
      if (error instanceof SmtpFault && classify(error.fault).elsewhere) this.#takeRest(error);
      throw error;
    }
  }

  #takeRest(fault: SmtpFault): void {
    // Several that fail together are one fault.
    if (this.resting !== undefined) return;
    const lastMs = Math.min(REST_MS.most, this.#rest === undefined ? REST_MS.first : this.#rest.lastMs * 2);
    this.#rest = { untilMs: performance.now() + lastMs, lastMs, fault };
  }

  #keep(session: SmtpSession): void {
    if (!session.open) return;
    if (this.#closed || session.sent >= MAILS_MAX) session.quit();
    else this.#idle.push(session);
  }

  #closeIdle(): void {
    const old = performance.now() - IDLE_MS;
    const [stale, fresh] = [
      this.#idle.filter((each) => each.usedAtMs < old),
      this.#idle.filter((each) => each.usedAtMs >= old),
    ];
    this.#idle.splice(0, this.#idle.length, ...fresh);
    for (const session of stale) session.quit();
  }
}

/** The connection was gone before it was asked for anything, or the server closed it for its idleness (421). */
function isStale({ fault }: SmtpFault): boolean {
  if (fault.step !== "sender") return false;
  return fault.reply === undefined ? classify(fault).class === "cut" : fault.reply.code === 421;
}

/** The pools of all transports in use. A transport that was changed gets a new one. */
export class SmtpPools {
  readonly #patience: SmtpPatience;
  readonly #pools = new Map<string, { settings: string; pool: SmtpPool }>();

  constructor(patience: SmtpPatience) {
    this.#patience = patience;
  }

  of(workspaceId: number, rule: TransportRule): SmtpPool {
    // The installation's own server is one for all workspaces.
    const key = rule.source === "config" ? "config" : `${workspaceId}/${rule.name}`;
    const settings = JSON.stringify(rule);
    const known = this.#pools.get(key);
    if (known?.settings === settings) return known.pool;
    known?.pool.close();
    const pool = new SmtpPool(rule, this.#patience);
    this.#pools.set(key, { settings, pool });
    return pool;
  }

  close(): void {
    for (const { pool } of this.#pools.values()) pool.close();
    this.#pools.clear();
  }
}
