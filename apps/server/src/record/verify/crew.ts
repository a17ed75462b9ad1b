import { Worker } from "node:worker_threads";
import type { BucketReport, LogToCheck } from "./bucket.ts";
import type { BucketOrder, WorkerStart } from "./bucket-worker.ts";
import type { Snapshot } from "./snapshot.ts";

/** Two, for two cores: PostgreSQL needs a third of the time of each. */
const WORKERS = 2;
/** Buckets handed out ahead of the one that is waited for, so that no worker is idle; bounds what is held. */
const AHEAD = 4;

/**
 * Checks buckets 0 to `buckets - 1` on several threads and hands out their reports in order. The threads end when the
 * caller is done, also when it stops early.
 */
export async function* checkBuckets(
  snapshot: Snapshot,
  log: LogToCheck,
  buckets: number,
  sizesOf: (bucket: number) => number[],
): AsyncGenerator<BucketReport> {
  const crew = Array.from(
    { length: Math.min(WORKERS, buckets) },
    () => new CrewMember({ connection: snapshot.connection(), snapshot: snapshot.name, log }),
  );
  const waiting: Promise<BucketReport>[] = [];
  let next = 0;
  const handOut = (): void => {
    const member = crew[next % crew.length];
    if (next >= buckets || member === undefined) return;
    const report = member.check({ bucket: next, sizes: sizesOf(next) });
    // Whoever waits for it is told; an unwaited one must not end the process.
    report.catch(() => {});
    waiting.push(report);
    next++;
  };
  try {
    while (waiting.length < AHEAD && next < buckets) handOut();
    for (let report = waiting.shift(); report !== undefined; report = waiting.shift()) {
      yield await report;
      handOut();
    }
  } finally {
    await Promise.all(crew.map((member) => member.end()));
  }
}

/** One thread, and what it was asked. It answers in the order it is asked. */
class CrewMember {
  readonly #worker: Worker;
  readonly #asked: PromiseWithResolvers<BucketReport>[] = [];
  readonly #ready = Promise.withResolvers<void>();
  readonly #gone = Promise.withResolvers<void>();
  #last: Promise<unknown> = this.#ready.promise;

  constructor(start: WorkerStart) {
    this.#worker = new Worker(new URL("./bucket-worker.ts", import.meta.url), { workerData: start });
    this.#ready.promise.catch(() => {});
    this.#worker.on("message", (message: BucketReport | "ready") => {
      if (message === "ready") this.#ready.resolve();
      else this.#asked.shift()?.resolve(message);
    });
    const fail = (error: unknown): void => {
      this.#ready.reject(error);
      for (const one of this.#asked.splice(0)) one.reject(error);
    };
    this.#worker.on("error", fail);
    this.#worker.on("exit", (code) => {
      fail(new Error(`The verification thread ended with ${code}.`));
      this.#gone.resolve();
    });
  }

  check(order: BucketOrder): Promise<BucketReport> {
    const asked = Promise.withResolvers<BucketReport>();
    const turn = this.#last.then(() => {
      this.#asked.push(asked);
      this.#worker.postMessage(order);
      return asked.promise;
    });
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Lets the thread finish what it is at and close its connection. */
  async end(): Promise<void> {
    await this.#last.catch(() => {});
    this.#worker.postMessage("end");
    await this.#gone.promise;
  }
}
