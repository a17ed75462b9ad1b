import type { Logger } from "pino";
import type { ClaimedJob, TaskQueue } from "./queue.ts";

/** Without a notice the queue is looked at this often: jobs that were put off make none when their time has come. */
const LOOK_MS = 1_000;

/** A type with so many slots can spare some for a moment. */
export const MANY_SLOTS = 40;
/** While more than half of many slots have work, jobs are claimed this far apart: more with one query. */
const CLAIMS_APART_MS = 40;

export interface DispatcherParts {
  queue: TaskQueue;
  log: Logger;
  type: string;
  /** Tasks of the type that run at a time. */
  slots: number;
  /** Begins jobs; each promise ends with its task. */
  run: (jobs: readonly ClaimedJob[]) => Promise<Promise<void>[]>;
}

/** Takes jobs of one type from the queue, as many as there are free slots, whenever there may be some and one is free. */
export class Dispatcher {
  /** Tasks that run at a time. With fewer than before, those that run come to their end. */
  slots: number;
  readonly #parts: DispatcherParts;
  readonly #timer: NodeJS.Timeout;
  #busy = 0;
  #round: Promise<void> = Promise.resolve();
  #woken = false;
  #taking = false;
  #stopped = false;
  #claimedMs = -Infinity;
  #onHalf: () => void = () => {};

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.slots = parts.slots;
    this.#timer = setInterval(() => this.wake(), LOOK_MS);
  }

  /** There may be jobs, or a slot has become free. */
  wake(): void {
    this.#woken = true;
    if (!this.#taking && !this.#stopped) this.#round = this.#take();
  }

  /** Takes no more. Resolves when what was just being claimed is begun or back in the queue. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#round;
  }

  async #take(): Promise<void> {
    const { queue, type, run, log } = this.#parts;
    this.#taking = true;
    try {
      while (this.#woken && !this.#stopped && this.#busy < this.slots) {
        if (this.slots >= MANY_SLOTS) await this.#untilWorthwhile();
        this.#claimedMs = performance.now();
        this.#woken = false;
        // The number stands in the text of the query: with a few of them its plans are kept.
        const wanted = 2 ** Math.floor(Math.log2(this.slots - this.#busy));
        const jobs = await queue.claim(type, wanted);
        // Woken meanwhile, it looks once more.
        if (jobs.length === 0) continue;
        if (this.#stopped) {
          await this.#putBack(jobs);
          break;
        }
        // There may be more where these came from.
        if (jobs.length === wanted) this.#woken = true;
        this.#busy += jobs.length;
        const running = await run(jobs).catch(async (error: unknown) => {
          log.error({ err: error, type }, "claimed jobs could not be begun");
          await this.#putBack(jobs);
          return [];
        });
        this.#busy -= jobs.length - running.length;
        for (const each of running) void each.finally(() => this.#freed());
      }
    } catch (error) {
      // The next notice or look tries again.
      log.warn({ err: error, type }, "the queue could not be read");
    } finally {
      this.#taking = false;
    }
  }

  /** Until half of the slots are free, or the last claim is long enough ago. */
  async #untilWorthwhile(): Promise<void> {
    const waitMs = this.#claimedMs + CLAIMS_APART_MS - performance.now();
    if (waitMs <= 0 || this.#busy <= this.slots / 2) return;
    const half = Promise.withResolvers<void>();
    this.#onHalf = half.resolve;
    const timer = setTimeout(half.resolve, waitMs);
    await half.promise;
    clearTimeout(timer);
  }

  /** If this fails too, the queue gives them out again when nobody has shown to work on them. */
  async #putBack(jobs: readonly ClaimedJob[]): Promise<void> {
    const { queue, type, log } = this.#parts;
    await queue
      .putBack(
        type,
        jobs.map(({ jobId }) => jobId),
      )
      .catch((error: unknown) => log.warn({ err: error, type }, "claimed jobs could not be put back"));
  }

  /** Slots that become free together are filled together. */
  #freed(): void {
    this.#busy--;
    if (this.#busy <= this.slots / 2) this.#onHalf();
    setImmediate(() => this.wake());
  }
}
