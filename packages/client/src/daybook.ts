import { Background } from "./background.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { EventRecorder, type EventsOptions } from "./events.ts";
import { DaybookError } from "./fault.ts";
import { Mail } from "./mail.ts";
import { Schedules } from "./schedules.ts";
import type { TaskHandle } from "./task-handle.ts";
import { type StartedTask, Tasks } from "./tasks.ts";

export interface DaybookOptions extends ConnectionOptions {
  events?: EventsOptions;
  /** Told what could not be sent and nobody waits for. Left out, it is not said. */
  onError?: (error: Error) => void;
}

/** A panel's side of Daybook. One a process; `close()` it before the process ends. */
export class Daybook {
  readonly events: EventRecorder;
  readonly tasks: Tasks;
  readonly schedules: Schedules;
  readonly mail: Mail;
  readonly #connection: Connection;
  readonly #background: Background;

  constructor(options: DaybookOptions) {
    this.#connection = new Connection(options);
    this.#background = new Background(options.onError ?? (() => {}));
    this.events = new EventRecorder(this.#connection, this.#background, options.events);
    this.tasks = new Tasks(this.#connection, this.#background);
    this.schedules = new Schedules(this.#connection, this.#background);
    this.mail = new Mail(this.#connection, this.#background);
  }

  /** The same as `tasks.wrap`. */
  wrap<A extends unknown[], R>(
    about: string | StartedTask | ((...args: A) => StartedTask),
    work: (task: TaskHandle, ...args: A) => Promise<R> | R,
  ): (...args: A) => Promise<R> {
    return this.tasks.wrap(about, work);
  }

  /**
   * Sends what waits, for at most `timeoutMs`. What cannot be sent by then goes into the spool, if there is one; else this throws a
   * DaybookError that says how many events were lost. Unsent lines and changes of tasks are told to onError.
   */
  async close({ timeoutMs = 10_000 }: { timeoutMs?: number } = {}): Promise<void> {
    this.#connection.endBy(Date.now() + timeoutMs);
    const events = this.events.close().catch((error: unknown) => error as DaybookError);
    await this.tasks.flush();
    await this.#background.ended();
    const fault = await events;
    const lost = await this.events.putAside();
    if (lost > 0)
      throw new DaybookError("unreachable", `${lost} events could not be sent: ${fault?.message ?? "no answer"}`, {
        cause: fault,
      });
    if (fault?.code === "rejected") throw fault;
  }
}
