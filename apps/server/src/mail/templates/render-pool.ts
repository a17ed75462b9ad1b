import { Worker } from "node:worker_threads";
import { mailLimits, type TemplateFault } from "@daybook/contract";
import type { CheckOrder } from "./check-source.ts";
import { slow } from "./liquid.ts";
import type { RenderOrder, RenderReply } from "./render-job.ts";
import type { RenderTask } from "./render-worker.ts";

interface Job {
  task: RenderTask;
  done: (answer: unknown) => void;
  failed: (error: unknown) => void;
}

/** A template that had to be stopped from outside: it did not end, or took all the memory there is. */
export class RenderStopped extends Error {
  override name = "RenderStopped";
  readonly fault: Pick<TemplateFault, "code" | "message">;
  constructor(fault: Pick<TemplateFault, "code" | "message">) {
    super(fault.message);
    this.fault = fault;
  }
}

/** The threads that render, started when they are needed. Each does one job at a time, within `renderMs` and `renderMemoryMb`. */
export class RenderPool {
  readonly #threads = new Set<Thread>();
  readonly #waiting: Job[] = [];
  readonly #threadsMax: number;
  #closed = false;

  constructor(threadsMax: number) {
    this.#threadsMax = threadsMax;
  }

  /** Renders a mail. Throws RenderStopped. */
  render(order: RenderOrder): Promise<RenderReply> {
    return this.#run({ render: order }) as Promise<RenderReply>;
  }

  /** What is wrong with a template's text. Throws RenderStopped. */
  check(order: CheckOrder): Promise<TemplateFault[]> {
    return this.#run({ check: order }) as Promise<TemplateFault[]>;
  }

  /** HTML as text. Throws RenderStopped. */
  textOf(html: string): Promise<string> {
    return this.#run({ textOf: html }) as Promise<string>;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#waiting.splice(0)) job.failed(new Error("the render pool was closed"));
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }

  #run(task: RenderTask): Promise<unknown> {
    if (this.#closed) throw new Error("the render pool is closed");
    return new Promise((done, failed) => {
      this.#waiting.push({ task, done, failed });
      this.#next();
    });
  }

  #next(): void {
    while (this.#waiting.length > 0 && !this.#closed) {
      const thread = [...this.#threads].find((each) => !each.busy) ?? this.#start();
      if (thread === undefined) return;
      const job = this.#waiting.shift();
      if (job !== undefined) void thread.take(job).finally(() => this.#next());
    }
  }

  #start(): Thread | undefined {
    if (this.#threads.size >= this.#threadsMax) return undefined;
    const thread = new Thread(() => {
      this.#threads.delete(thread);
      this.#next();
    });
    this.#threads.add(thread);
    return thread;
  }
}

class Thread {
  readonly #worker: Worker;
  readonly #ready = Promise.withResolvers<void>();
  readonly #gone = Promise.withResolvers<void>();
  #answer: PromiseWithResolvers<unknown> | undefined;
  busy = false;

  constructor(onEnd: () => void) {
    this.#worker = new Worker(new URL("./render-worker.ts", import.meta.url), {
      // Nothing of this process's settings or secrets is in there.
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: mailLimits.renderMemoryMb, maxYoungGenerationSizeMb: 16 },
    });
    this.#worker.unref();
    this.#ready.promise.catch(() => {});
    this.#worker.on("message", (message) => {
      if (message === "ready") this.#ready.resolve();
      else this.#answer?.resolve(message);
    });
    const fail = (error: unknown): void => {
      onEnd();
      this.#ready.reject(error);
      this.#answer?.reject(error);
    };
    this.#worker.on("error", (error: NodeJS.ErrnoException) =>
      fail(
        error.code === "ERR_WORKER_OUT_OF_MEMORY"
          ? new RenderStopped({
              code: "too_large",
              message: `It needs more than ${mailLimits.renderMemoryMb} MB of memory to render`,
            })
          : error,
      ),
    );
    this.#worker.on("exit", () => {
      fail(new Error("the thread that renders templates ended"));
      this.#gone.resolve();
    });
  }

  /** The time counts from when the thread runs: a busy machine may take long to start it. */
  async take(job: Job): Promise<void> {
    this.busy = true;
    const answer = Promise.withResolvers<unknown>();
    this.#answer = answer;
    answer.promise.catch(() => {});
    this.#worker.ref();
    let timer: NodeJS.Timeout | undefined;
    try {
      await this.#ready.promise;
      timer = setTimeout(() => {
        answer.reject(new RenderStopped({ code: "too_slow", message: slow }));
      }, mailLimits.renderMs);
      this.#worker.postMessage(job.task);
      job.done(await answer.promise);
      this.busy = false;
    } catch (error) {
      // It stays busy until it has ended, and never works again.
      job.failed(error);
      void this.end();
    } finally {
      clearTimeout(timer);
      this.#worker.unref();
    }
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
    await this.#gone.promise;
  }
}
