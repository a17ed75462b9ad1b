import { type Listening, listen } from "../db/listen.ts";
import type { Deps } from "../deps.ts";
import { loseTask } from "./check-in-task.ts";
import { followAll } from "./follow.ts";
import type { HouseKeeping } from "./house-keeping.ts";
import { tellRuns } from "./run-teller.ts";
import { channel } from "./schedule-store.ts";
import { tickAll } from "./tick.ts";
import { startWaiting } from "./waiting.ts";
import { noteLost, noteMissed } from "./watch.ts";

/** The longest sleep: notices may be lost with a connection. */
const LOOK_MS = 1_000;

/** How often what has a second way to be seen is looked for: tasks that ended while nobody followed, lost runs. */
const SWEEP_MS = 5_000;

/** From this difference on the clock of this machine is called wrong. Times come from the database's clock in any case. */
const SKEW_WARNED_MS = 5_000;

export type TickerDeps = Deps & { houseKeeping?: HouseKeeping };

export interface TickerOptions {
  /** The time by which schedules are judged, in tests. Left out, the database's clock: it is the same for all servers. */
  now?: () => number;
}

/**
 * Starts what is due. Every server with the role worker has one; what they share is the database, where each due time has one run.
 * It sleeps until the next time that is due, a second at most, and is woken by changes.
 */
export class Ticker {
  readonly #deps: TickerDeps;
  readonly #now: (() => number) | undefined;
  #listening: Listening | undefined;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #keeping: Promise<void> | undefined;
  #woken = false;
  #stopped = false;
  #sweptAt = Number.NEGATIVE_INFINITY;
  #warned = false;

  constructor(deps: TickerDeps, options: TickerOptions = {}) {
    this.#deps = deps;
    this.#now = options.now;
  }

  async start(): Promise<void> {
    this.#listening = await listen(this.#deps.db, {
      channel,
      onMessage: () => this.wake(),
      onGap: () => this.wake(),
      onFault: (error) => this.#deps.log.warn({ err: error }, "the ticker of schedules lost its connection"),
    });
    this.wake();
  }

  /** Something has changed: look at once. */
  wake(): void {
    this.#woken = true;
    if (this.#stopped || this.#round !== undefined) return;
    clearTimeout(this.#timer);
    this.#woken = false;
    this.#round = this.round()
      .catch((error: unknown) => {
        this.#deps.log.error({ err: error }, "the ticker of schedules");
        return LOOK_MS;
      })
      .then((sleepMs) => {
        this.#round = undefined;
        if (this.#stopped) return;
        this.#timer = setTimeout(() => this.wake(), this.#woken ? 0 : sleepMs);
      });
  }

  /** Lets the round under way come to its end. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#listening?.close();
    await this.#round;
    await this.#keeping;
  }

  /** One look at everything; returns after how many milliseconds the next one is due.
   *  1. Start what is due, and what waited for a run that has ended.
   *  2. Note monitored runs that were missed.
   *  3. Now and then, what could have been overlooked.
   *  4. Put on record what went wrong. */
  async round(): Promise<number> {
    const { db } = this.#deps;
    const { nowMs } = await this.#look();
    await tickAll(this.#deps, nowMs);
    await noteMissed(db, nowMs);
    if (performance.now() - this.#sweptAt >= SWEEP_MS) await this.#sweep(nowMs);
    await startWaiting(this.#deps, nowMs);
    this.#keepHouse();
    while ((await tellRuns(this.#deps)) > 0);
    const { nowMs: then, nextMs } = await this.#look();
    return Math.max(0, Math.min(LOOK_MS, nextMs - then));
  }

  /** House-keeping that was asked for may take minutes; nothing waits for it. */
  #keepHouse(): void {
    this.#keeping ??= this.#deps.houseKeeping
      ?.runRequested()
      .catch((error: unknown) => this.#deps.log.error({ err: error }, "house-keeping that was asked for"))
      .finally(() => {
        this.#keeping = undefined;
      });
  }

  async #sweep(nowMs: number): Promise<void> {
    this.#sweptAt = performance.now();
    await followAll(this.#deps.db);
    for (const lost of await noteLost(this.#deps.db, nowMs)) await loseTask(this.#deps.db, lost, nowMs);
  }

  /** What time it is, and when something is due next. */
  async #look(): Promise<{ nowMs: number; nextMs: number }> {
    const asked = Date.now();
    const { rows } = await this.#deps.db.query<{ now: Date; next: Date | null }>(
      "select clock_timestamp() as now, least((select min(start_at) from schedule), (select min(deadline_at) from schedule)) as next",
    );
    const database = rows[0]?.now.getTime() ?? asked;
    this.#checkClock(asked, Date.now(), database);
    return { nowMs: this.#now?.() ?? database, nextMs: rows[0]?.next?.getTime() ?? Number.POSITIVE_INFINITY };
  }

  #checkClock(askedMs: number, answeredMs: number, databaseMs: number): void {
    const skew = databaseMs < askedMs ? askedMs - databaseMs : Math.max(0, databaseMs - answeredMs);
    if (skew < SKEW_WARNED_MS) {
      this.#warned = false;
      return;
    }
    if (this.#warned) return;
    this.#warned = true;
    this.#deps.log.warn(
      { skewMs: skew },
      "the clock of this machine differs from the database's; schedules follow the latter",
    );
  }
}
