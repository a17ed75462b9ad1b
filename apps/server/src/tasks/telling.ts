import { type Listening, listen } from "../db/listen.ts";
import type { Deps } from "../deps.ts";

/** A look without a notice, for databases behind a pooler that does not pass notices on. */
const LOOK_MS = 1_000;

interface TellingOptions {
  /** Told with the commit of whatever there is to tell. */
  channel: string;
  /** Of what it tells, in words: "tasks". */
  what: string;
  /** Tells one round; whether there may be more at once. */
  round: () => Promise<boolean>;
}

/** Tells, round after round, whenever it hears that there is something to tell. */
export class Telling {
  readonly #deps: Pick<Deps, "db" | "log">;
  readonly #options: TellingOptions;
  #listening: Listening | undefined;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(deps: Pick<Deps, "db" | "log">, options: TellingOptions) {
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
        if (this.#again && !this.#stopped) setTimeout(() => this.wake(), LOOK_MS / 10).unref();
      });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#listening?.close();
    await this.#round;
  }

  async #tellOn(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      if (await this.#options.round()) this.#again = true;
    }
  }
}
