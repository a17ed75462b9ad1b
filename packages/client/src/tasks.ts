import type { NewTask, Task, TaskLines } from "@daybook/contract";
import type { Background } from "./background.ts";
import type { Connection } from "./connection.ts";
import { TaskHandle } from "./task-handle.ts";
import { uuidv7 } from "./uuid.ts";

/** A task as it is started: `status` left out, it runs already. */
export type StartedTask = Omit<NewTask, "runAt">;

const PAGE_LINES = 5_000;

/** Jobs of the panel. */
export class Tasks {
  readonly #connection: Connection;
  readonly #background: Background;
  readonly #open = new Set<WeakRef<TaskHandle>>();

  constructor(connection: Connection, background: Background) {
    this.#connection = connection;
    this.#background = background;
  }

  /** Says that a task began. Returns at once: its id is made here. */
  start(task: StartedTask): TaskHandle {
    const id = task.id ?? uuidv7();
    return this.#handle({ id, created: { status: "running", ...task, id } });
  }

  /** Goes on with a task that is there: one that another process began, or that is to be run once more. */
  async attach(id: string): Promise<TaskHandle> {
    const { body } = await this.#connection.call({ method: "GET", path: `/tasks/${encodeURIComponent(id)}` });
    return this.#handle({ id, lineCount: await this.#lineCount(body as Task) });
  }

  /**
   * Makes of `work` a function that is a task: it starts, completes with what is returned, or fails with what is thrown, which is thrown on.
   * `about` is a type, a task, or a function that makes one of the arguments. Its caller never waits for Daybook.
   */
  wrap<A extends unknown[], R>(
    about: string | StartedTask | ((...args: A) => StartedTask),
    work: (task: TaskHandle, ...args: A) => Promise<R> | R,
  ): (...args: A) => Promise<R> {
    return async (...args) => {
      const task = typeof about === "function" ? about(...args) : typeof about === "string" ? { type: about } : about;
      const handle = this.start(task);
      try {
        const result = await work(handle, ...args);
        handle.complete(result).catch(() => {});
        return result;
      } catch (error) {
        handle.fail(error).catch(() => {});
        throw error;
      }
    };
  }

  /** Resolves when what was given to any task so far is acknowledged, or was told to onError. */
  async flush(): Promise<void> {
    const handles = [...this.#open].map((one) => one.deref());
    await Promise.all(handles.map((handle) => handle?.flush().catch(() => {})));
  }

  /** How many lines the attempt has that runs or is to begin. */
  async #lineCount({ id, status, attempt, lineCount }: Task): Promise<number> {
    if (status !== "running") return status === "pending" && attempt === 1 ? lineCount : 0;
    if (attempt === 1) return lineCount;
    let first = lineCount;
    while (first > 0) {
      const path = `/tasks/${id}/lines?before=${first}&limit=${PAGE_LINES}`;
      const { items } = (await this.#connection.call({ method: "GET", path })).body as TaskLines;
      const ours = items.filter((line) => line.attempt === attempt);
      first = ours[0]?.n ?? first;
      if (ours.length < items.length || items.length === 0) break;
    }
    return lineCount - first;
  }

  #handle(parts: { id: string; created?: NewTask; lineCount?: number }): TaskHandle {
    const handle = new TaskHandle({ ...parts, connection: this.#connection, background: this.#background });
    for (const one of this.#open) if (one.deref() === undefined) this.#open.delete(one);
    this.#open.add(new WeakRef(handle));
    return handle;
  }
}
