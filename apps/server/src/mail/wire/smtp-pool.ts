import type { TransportRule } from "../transports/transport-book.ts";
import { classify } from "./classify.ts";
import { openSession, SmtpFault, type SmtpPatience, type SmtpSession } from "./smtp-session.ts";

/** A connection is left after so many mails: some servers want that, and a load balancer gets to spread them. */
const MAILS_MAX = 500;
/** A connection that has had no mail for so long is closed; servers do it after some minutes, and a mail would meet a dead one. */
const IDLE_MS = 20_000;
/** A server that could not be used rests so long, doubled each time: mails that wait do not queue up before a dead one. */
const REST_MS = { first: 2_000, most: 60_000 };

/** The connections to one mail server, at most as many as it is set to have. */
export class SmtpPool {
  readonly #rule: TransportRule;
  readonly #patience: SmtpPatience;
  readonly #idle: SmtpSession[] = [];
  readonly #waiting: { resolve(): void }[] = [];
  readonly #timer: NodeJS.Timeout;
  #busy = 0;
  #closed = false;
  #rest: { untilMs: number; lastMs: number; fault: SmtpFault } | undefined;

  constructor(rule: TransportRule, patience: SmtpPatience) {
    this.#rule = rule;
    this.#patience = patience;
    this.#timer = setInterval(() => this.#closeIdle(), IDLE_MS / 4).unref();
  }

  /** Why it rests, if it does: it could not be used a moment ago. */
  get resting(): SmtpFault | undefined {
    return this.#rest !== undefined && this.#rest.untilMs > performance.now() ? this.#rest.fault : undefined;
  }

  /**
   * Does something with a connection, as soon as there may be one more: first `before`, then it connects if it must, then `work`. Throws SmtpFault,
   * and what they throw; while it rests, at once.
   */
  async use<T>(before: () => Promise<void>, work: (session: SmtpSession) => Promise<T>): Promise<T> {
    while (this.#busy >= this.#rule.connections) await new Promise<void>((resolve) => this.#waiting.push({ resolve }));
    const { resting } = this;
    if (resting !== undefined) {
      this.#next();
      throw resting;
    }
    this.#busy++;
    try {
      await before();
      return await this.#work(work);
    } finally {
      this.#busy--;
      this.#next();
    }
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

  #next(): void {
    this.#waiting.shift()?.resolve();
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
