import type { LineStream, NewTask, Task, TaskChangeInput } from "@daybook/contract";
import type { Background } from "./background.ts";
import type { Connection } from "./connection.ts";
import { DaybookError } from "./fault.ts";
import { LineQueue } from "./line-queue.ts";
import { errorOf, jsonOf } from "./task-text.ts";

export interface TaskParts {
  id: string;
  connection: Connection;
  background: Background;
  /** What makes the task; undefined for one that is there. */
  created?: NewTask | undefined;
  /** Lines that the task has already. */
  lineCount?: number;
}

/** Lines and progress wait so long for more of them. */
const EVERY_MS = 200;

/**
 * One task of the panel. Every method returns at once, whether Daybook can be reached or not; what was given is sent in order, each thing
 * again until it is acknowledged. The task has one writer at a time: lines are numbered here.
 */
export class TaskHandle {
  readonly id: string;
  /** Aborted when Daybook says that the task is over although this side has not ended it, e.g. because somebody cancelled it. */
  readonly signal: AbortSignal;
  readonly #connection: Connection;
  readonly #background: Background;
  readonly #lines: LineQueue;
  readonly #over = new AbortController();
  #created: NewTask | undefined;
  /** That it runs now, and how many of the lines that wait came before: they belong to what was before. */
  #begin: { change: TaskChangeInput; linesBefore: number } | undefined;
  #change: TaskChangeInput | undefined;
  #end: TaskChangeInput | undefined;
  #ended: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> | undefined;
  /** The first thing that was not taken. */
  #fault: DaybookError | undefined;
  #gone = false;

  constructor(parts: TaskParts) {
    this.id = parts.id;
    this.signal = this.#over.signal;
    this.#connection = parts.connection;
    this.#background = parts.background;
    this.#created = parts.created;
    this.#lines = new LineQueue(parts.lineCount ?? 0);
    if (parts.created !== undefined) void this.#send();
  }

  /** Percent, 0 to 100. Of several in short time only the last is sent. */
  progress(percent: number): void {
    if (Number.isFinite(percent)) this.update({ progress: Math.round(Math.min(100, Math.max(0, percent))) });
  }

  /** Another title, node, or that a pending task now runs. */
  update(change: Pick<TaskChangeInput, "progress" | "title" | "node"> & { status?: "running" }): void {
    if (this.#isOver("a change")) return;
    if (change.status === undefined) this.#change = { ...this.#change, ...change };
    else {
      this.#begin ??= { change: {}, linesBefore: this.#lines.waiting };
      this.#begin.change = { ...this.#change, ...this.#begin.change, ...change, at: new Date().toISOString() };
      this.#change = undefined;
    }
    this.#soon();
  }

  /** A line of output; line breaks make several. False: very many wait to be sent, so it is better to `await flush()` before the next. */
  line(text: string, stream: LineStream = "out"): boolean {
    if (this.#isOver("a line")) return true;
    this.#lines.add(text, stream);
    if (this.#lines.full) void this.#send();
    else this.#soon();
    return !this.#lines.crowded;
  }

  /** A line of the error stream. */
  err(text: string): boolean {
    return this.line(text, "err");
  }

  /** It worked. Resolves when everything that was given is acknowledged. */
  complete(result?: unknown): Promise<void> {
    const kept = jsonOf(result);
    if (kept === undefined && result !== undefined)
      this.err("The result is not kept with the task: it is no JSON, or more than 64 KiB.");
    return this.#finish({ status: "completed", ...(kept === undefined ? {} : { result: kept as never }) });
  }

  /** It failed: a text, an Error, or `{ message, code?, details? }`. Resolves as `complete`. */
  fail(error: unknown): Promise<void> {
    return this.#finish({ status: "failed", error: errorOf(error) });
  }

  /** It was cancelled. Resolves as `complete`. */
  cancelled(): Promise<void> {
    return this.#finish({ status: "cancelled" });
  }

  /** Resolves when everything that was given so far is acknowledged. Throws DaybookError if something was not taken. */
  async flush(): Promise<void> {
    while (this.#hasWork()) await this.#send();
    await this.#sending;
    if (this.#fault !== undefined) throw this.#fault;
  }

  #finish(end: TaskChangeInput): Promise<void> {
    if (this.#ended !== undefined)
      return Promise.reject(new DaybookError("task_finished", `The task ${this.id} was ended before.`));
    this.#end = { ...end, at: new Date().toISOString() };
    this.#ended = this.flush();
    this.#background.wait(this.#ended);
    return this.#ended;
  }

  #isOver(what: string): boolean {
    if (this.#ended === undefined) return false;
    this.#background.tell(new DaybookError("task_finished", `The task ${this.id} is ended: ${what} came too late.`));
    return true;
  }

  #hasWork(): boolean {
    const rest = this.#created ?? this.#begin ?? this.#change ?? this.#end;
    return !this.#gone && (rest !== undefined || this.#lines.waiting > 0);
  }

  #soon(): void {
    if (!this.#gone) this.#timer ??= setTimeout(() => void this.#send(), EVERY_MS);
  }

  #send(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#sendAll()
      .catch((error: unknown) => {
        this.#gone = true;
        this.#failed(error);
      })
      .finally(() => {
        this.#sending = undefined;
        if (this.#hasWork()) this.#soon();
      });
    return this.#sending;
  }

  /** The task itself, that it runs, the lines that wait, what changed; when all of that is there, the end. Throws when no more can be sent. */
  async #sendAll(): Promise<void> {
    if (this.#created !== undefined) {
      await this.#connection.call({ method: "POST", path: "/tasks", body: JSON.stringify(this.#created) });
      this.#created = undefined;
    }
    if (this.#begin !== undefined) {
      while (this.#begin.linesBefore > 0) this.#begin.linesBefore -= await this.#sendLines(this.#begin.linesBefore);
      const { change } = this.#begin;
      this.#begin = undefined;
      await this.#sendChange(change);
    }
    for (let due = this.#lines.waiting; due > 0 || this.#lines.full; due -= await this.#sendLines()) {
      if (this.#begin !== undefined) return;
    }
    const change = this.#change;
    this.#change = undefined;
    const end = this.#lines.waiting === 0 ? this.#end : undefined;
    if (end !== undefined) {
      const { progress, ...rest } = change ?? {};
      // A task that is completed is at 100 percent, whatever was said just before.
      const last = end.status === "completed" || progress === undefined ? rest : { ...rest, progress };
      await this.#sendChange({ ...last, ...end });
      this.#end = undefined;
    } else if (change !== undefined) await this.#sendChange(change);
  }

  /** Sends a batch and returns how many lines it had. */
  async #sendLines(countMax?: number): Promise<number> {
    const { lines, from } = this.#lines.batch(countMax);
    const path = `/tasks/${this.id}/lines`;
    try {
      await this.#connection.call({ method: "POST", path, body: JSON.stringify({ lines, from }) });
      this.#lines.sent(lines.length);
    } catch (error) {
      if (!(error instanceof DaybookError) || error.status === 0 || error.status >= 500) throw error;
      const { next } = error.problem;
      if (error.code === "lines_out_of_order" && typeof next === "number") {
        this.#lines.countFrom(next);
        // More than was sent from here: somebody else writes too. Less: the server was set back to an earlier state.
        if (next >= from) return 0;
      } else this.#lines.drop(lines.length);
      if (error.code === "task_finished") this.#over.abort(error);
      this.#failed(error);
    }
    return lines.length;
  }

  async #sendChange(change: TaskChangeInput): Promise<void> {
    try {
      await this.#connection.call({ method: "PATCH", path: `/tasks/${this.id}`, body: JSON.stringify(change) });
    } catch (error) {
      if (!(error instanceof DaybookError)) throw error;
      if (isOfContent(error)) {
        this.#failed(error);
        await this.#sendBare(change, error);
        return;
      }
      if (error.status !== 409) throw error;
      // The answer to an earlier try may have been lost: then the task is as it is meant to be.
      const { status } = await this.#read();
      if (change.status !== undefined && change.status === status) return;
      if (status !== "pending" && status !== "running") this.#over.abort(error);
      this.#failed(error);
    }
  }

  /** What was said beside it was refused; that the task has begun or ended must not be lost with it. */
  async #sendBare({ status, at }: TaskChangeInput, { message }: DaybookError): Promise<void> {
    if (status === undefined) return;
    const error =
      status === "failed" ? { error: `What was said of the failure was refused: ${message}`.slice(0, 1_000) } : {};
    const body = JSON.stringify({ status, ...(at === undefined ? {} : { at }), ...error });
    try {
      await this.#connection.call({ method: "PATCH", path: `/tasks/${this.id}`, body });
    } catch (again) {
      if (!(again instanceof DaybookError) || !(isOfContent(again) || again.status === 409)) throw again;
    }
  }

  async #read(): Promise<Task> {
    return (await this.#connection.call({ method: "GET", path: `/tasks/${this.id}` })).body as Task;
  }

  #failed(error: unknown): void {
    this.#fault ??= error instanceof DaybookError ? error : new DaybookError("unreachable", String(error));
    if (this.#ended === undefined) this.#background.tell(error);
  }
}

/** Whether Daybook refused what was said, not who said it or when. */
const isOfContent = ({ status }: DaybookError): boolean => status === 400 || status === 413 || status === 422;
