import { type Listening, listen } from "../db/listen.ts";
import type { Deps } from "../deps.ts";
import { loseTask } from "./check-in-task.ts";
import { followAll } from "./follow.ts";
import type { HouseKeeping } from "./house-keeping.ts";
import { tellRuns } from "./run-teller.ts";
import { kindNumber } from "./schedule-row.ts";
import { channel } from "./schedule-store.ts";
import { tickAll } from "./tick.ts";
import { startWaiting } from "./waiting.ts";
import { noteLost, noteMissed } from "./watch.ts";

/** The longest sleep: notices may be lost with a connection. */
const LOOK_MS = 1_000;

/** The shortest: what another server is just working off need not be asked for without a pause, and many runs that end are one notice. */
const PAUSE_MS = 100;

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
  /** Something was said, or may have been. */
  #noticed = true;
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
      onMessage: () => this.#notice(),
      onGap: () => this.#notice(),
      onFault: (error) => this.#deps.log.warn({ err: error }, "the ticker of schedules lost its connection"),
    });
    this.#notice();
  }

  #notice(): void {
    this.#noticed = true;
    this.wake();
  }

  /** Looks at once. */
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
        this.#timer = setTimeout(() => this.wake(), this.#woken ? PAUSE_MS : sleepMs);
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
   *  1. Start what is due.
   *  2. Note monitored runs that were missed.
   *  3. Now and then, what could have been overlooked.
   *  4. After all that, or when something was said: start what waited, put on record what went wrong. Else there is nothing. */
  async round(): Promise<number> {
    const { db } = this.#deps;
    const { nowMs, startMs, deadlineMs } = await this.#look();
    const swept = performance.now() - this.#sweptAt >= SWEEP_MS;
    const noticed = this.#noticed;
    this.#noticed = false;
    if (startMs <= nowMs) await tickAll(this.#deps, nowMs);
    if (deadlineMs <= nowMs) await noteMissed(db, nowMs);
    if (swept) await this.#sweep(nowMs);
    if (!(noticed || swept || Math.min(startMs, deadlineMs) <= nowMs))
      return Math.min(LOOK_MS, Math.min(startMs, deadlineMs) - nowMs);
    await startWaiting(this.#deps, nowMs);
    this.#keepHouse();
    while ((await tellRuns(this.#deps)) > 0);
    const then = await this.#look();
    // What is still due is in the hands of another server, or came this moment.
    return Math.max(PAUSE_MS, Math.min(LOOK_MS, Math.min(then.startMs, then.deadlineMs) - then.nowMs));
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

  /** What time it is, and when something is to be started or was to be there next. */
  async #look(): Promise<{ nowMs: number; startMs: number; deadlineMs: number }> {
    const asked = Date.now();
    const { rows } = await this.#deps.db.query<{ now: Date; start: Date | null; deadline: Date | null }>(
      `select clock_timestamp() as now, (select min(start_at) from schedule where kind = ${kindNumber("task")} and not paused) as start,
              (select min(deadline_at) from schedule where kind = ${kindNumber("monitored")} and not paused) as deadline`,
    );
    const database = rows[0]?.now.getTime() ?? asked;
    this.#checkClock(asked, Date.now(), database);
    return {
      nowMs: this.#now?.() ?? database,
      startMs: rows[0]?.start?.getTime() ?? Number.POSITIVE_INFINITY,
      deadlineMs: rows[0]?.deadline?.getTime() ?? Number.POSITIVE_INFINITY,
    };
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
