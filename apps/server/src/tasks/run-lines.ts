import { taskLimits } from "@daybook/contract";
import type { Deps } from "../deps.ts";
import { areFew } from "./lines/first-lines.ts";
import type { GivenLines } from "./lines/line-batch.ts";
import { LineWriter } from "./lines/line-writer.ts";
import type { TaskRow } from "./task-row.ts";

/** Lines and progress of a handler are stored together this often. */
const FLUSH_MS = 150;
/** So many lines are stored at once. */
const BATCH_MAX = 1_000;

/** A handler that writes faster than lines can be stored must not fill the memory: of what comes on top only the number is told. */
const WAITING_MAX = taskLimits.linesKept;

type Line = { stream: "out" | "err"; text: string; at: string };

/** The output and the progress of a run: taken at once, stored in batches in their order. */
export class RunLines {
  readonly #deps: Pick<Deps, "db" | "clock" | "log" | "redaction">;
  readonly #row: TaskRow;
  readonly #writer: LineWriter;
  #lines: Line[] = [];
  /** Lines that were handed on and are not stored yet, and those that were left out. */
  #waiting = 0;
  #leftOut = 0;
  #percent: number | undefined;
  /** As far as it was. */
  percent = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #fault: unknown;
  /** Lines were handed on to be stored. */
  #begun = false;

  constructor(deps: Pick<Deps, "db" | "clock" | "log" | "redaction">, row: TaskRow) {
    this.#deps = deps;
    this.#row = row;
    this.#writer = new LineWriter(deps);
  }

  add(stream: "out" | "err", text: string): void {
    if (this.#waiting + this.#lines.length >= WAITING_MAX) {
      this.#leftOut++;
      return;
    }
    this.#tellLeftOut();
    this.#lines.push({ stream, text, at: this.#now() });
    if (this.#lines.length >= BATCH_MAX) this.#flush();
    else this.#soon();
  }

  #tellLeftOut(): void {
    if (this.#leftOut === 0) return;
    const text = `… ${this.#leftOut} lines were left out here: they came faster than they could be stored.`;
    this.#leftOut = 0;
    this.#lines.push({ stream: "err", text, at: this.#now() });
  }

  #now(): string {
    return new Date(this.#deps.clock()).toISOString();
  }

  progress(percent: number): void {
    this.percent = Math.round(Math.min(100, Math.max(0, percent)));
    this.#percent = this.percent;
    this.#soon();
  }

  /** Everything that was written, if nothing of it was stored yet and it is little: whoever takes it stores it. Else undefined. */
  takeAll(): GivenLines | undefined {
    if (this.#begun || !areFew({ lines: this.#lines })) return undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#percent = undefined;
    const lines = this.#lines;
    this.#lines = [];
    return { lines };
  }

  /** Stores the lines that are left; how far it was goes with its end. Throws what kept lines from being stored. */
  async close(): Promise<void> {
    this.#percent = undefined;
    this.#tellLeftOut();
    this.#flush();
    await this.#writing;
    if (this.#fault !== undefined) throw this.#fault;
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#lines;
    const percent = this.#percent;
    this.#lines = [];
    this.#percent = undefined;
    if (lines.length === 0 && percent === undefined) return;
    if (lines.length > 0) this.#begun = true;
    this.#waiting += lines.length;
    this.#writing = this.#writing
      .then(() => this.#store(lines, percent))
      .catch((error: unknown) => {
        this.#fault ??= error;
        this.#deps.log.warn({ err: error, task: this.#row.id }, "lines of a task could not be stored");
      })
      .finally(() => {
        this.#waiting -= lines.length;
      });
  }

  async #store(lines: readonly Line[], percent: number | undefined): Promise<void> {
    const { workspace_id: workspaceId, id } = this.#row;
    if (lines.length > 0) await this.#writer.append(workspaceId, id, { lines, attempt: this.#row.attempt });
    if (percent === undefined) return;
    await this.#deps.db.query(
      `with moved as (
         update task set progress = $3 where workspace_id = $1 and id = $2 and status = 1 and attempt = $4 and progress <> $3 returning id)
       select pg_notify('daybook_task', $1 || ' ' || id) from moved`,
      [workspaceId, id, percent, this.#row.attempt],
    );
  }
}
