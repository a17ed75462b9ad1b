import { setTimeout } from "node:timers/promises";
import { type Listening, listen } from "../db/listen.ts";
import type { Deps } from "../deps.ts";
import { firstIdOf, LEAST_ID } from "./spans.ts";

/** Rounds begin at least so far apart: when much happens, each has more to tell. */
const APART_MS = 50;
/**
 * Most rounds look at what happened this lately: what was told before is still in their index until the next vacuum, and whoever reads past it
 * takes the longer the more there is. What is older, because it was late, is seen by a look each second.
 */
const LATELY_MS = 2_000;
/** A look without a notice, for databases behind a pooler that does not pass notices on. */
const LOOK_MS = 1_000;

interface TellingOptions {
  /** Told with the commit of whatever there is to tell. */
  channel: string;
  /** Of what it tells, in words: "tasks". */
  what: string;
  /** Tells one round, of what has an id from `firstId` on; whether there may be more at once. */
  round: (firstId: string) => Promise<boolean>;
}

/** Tells, round after round, whenever it hears that there is something to tell. */
export class Telling {
  readonly #deps: Pick<Deps, "db" | "log" | "clock">;
  readonly #options: TellingOptions;
  #listening: Listening | undefined;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #begunMs = -Infinity;
  #lookedMs = -Infinity;

  constructor(deps: Pick<Deps, "db" | "log" | "clock">, options: TellingOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  async start(): Promise<void> {
    const { channel, what } = this.#options;
    this.#timer = setInterval(() => this.wake(), LOOK_MS);
    this.#listening = await listen(this.#deps.db, {
      channel,
      onMessage: () => this.wake(),
      onGap: () => this.wake(),
      onFault: (error) => this.#deps.log.warn({ err: error }, `the teller of ${what} lost its connection`),
    });
  }

  /** There may be something to tell. */
  wake(): void {
    this.#again = true;
    if (this.#stopped) return;
    this.#round ??= this.#tellOn()
      .catch((error: unknown) =>
        this.#deps.log.error({ err: error }, `what happened to ${this.#options.what} could not be told`),
      )
      .finally(() => {
        this.#round = undefined;
        // Woken between the last look and now.
        if (this.#again && !this.#stopped)
          void setTimeout(LOOK_MS / 10, undefined, { ref: false }).then(() => this.wake());
      });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#listening?.close();
    await this.#round;
  }

  #firstId(): string {
    if (this.#begunMs < this.#lookedMs + LOOK_MS) return firstIdOf(this.#deps.clock() - LATELY_MS);
    this.#lookedMs = this.#begunMs;
    return LEAST_ID;
  }

  async #tellOn(): Promise<void> {
    while (this.#again && !this.#stopped) {
      const sinceMs = performance.now() - this.#begunMs;
      if (sinceMs < APART_MS) await setTimeout(APART_MS - sinceMs);
      this.#begunMs = performance.now();
      this.#again = false;
      if (await this.#options.round(this.#firstId())) this.#again = true;
    }
  }
}
