import type { Json, TaskError } from "@daybook/contract";
import { taskErrorSchema, taskLimits } from "@daybook/contract";
import type { PoolClient } from "pg";
import { inTransaction } from "../db/transaction.ts";
import type { Deps } from "../deps.ts";
import { newId } from "../record/event-id.ts";
import { backoffAfter } from "./backoff.ts";
import { PermanentError, RetryLater, type TaskContext } from "./define-task.ts";
import type { GroupedEnds } from "./grouped-steps.ts";
import type { GivenLines } from "./lines/line-batch.ts";
import { RunLines } from "./run-lines.ts";
import { findable, nextAttempt } from "./task-acts.ts";
import { jobOf } from "./task-desk.ts";
import type { TaskRow } from "./task-row.ts";
import type { TypeRule } from "./task-type.ts";
import { type Step, takeStep } from "./transition.ts";

/** Runs a task by calling the panel: its result, or `taken` when the panel will report how it goes. */
export type EndpointCall = (
  rule: TypeRule,
  task: TaskRow,
  context: TaskContext,
) => Promise<{ taken: true } | { taken: false; result?: Json }>;

type RunDeps = Pick<Deps, "db" | "clock" | "tasks" | "log" | "redaction"> & { callEndpoint: EndpointCall };

/** A handler that does not end when it is aborted is waited for so long; then the task ends without it. */
const GRACE_MS = 5_000;

class TimeUp extends Error {}
class Lost extends Error {}

/** One attempt of a task in this process. */
export class TaskRun {
  readonly #deps: RunDeps;
  readonly #worker: string;
  readonly #ends: GroupedEnds;
  readonly #abort = new AbortController();
  /** The task as it began. */
  readonly row: TaskRow;

  constructor(deps: RunDeps, ends: GroupedEnds, worker: string, row: TaskRow) {
    this.#deps = deps;
    this.#ends = ends;
    this.#worker = worker;
    this.row = row;
  }

  /** The task is somebody else's by now: nothing of this attempt counts any more. */
  lose(): void {
    this.#abort.abort(new Lost("another worker has this task"));
  }

  /**
   * 1. Run the task, with its lines, its progress and a limit of time.
   * 2. End it: completed, failed, or back in the queue for another attempt; the task and its job change in one transaction.
   */
  async go(): Promise<void> {
    const { row } = this;
    const rule = await this.#deps.tasks.types.of(row.workspace_id, row.type);
    const lines = new RunLines(this.#deps, row);
    try {
      const outcome = await this.#runWithin(rule, row, lines);
      const all = outcome.taken ? undefined : lines.takeAll();
      if (all === undefined) await lines.close();
      if (outcome.taken) await this.#handOver(row);
      else await this.#complete(row, rule, outcome.result, all);
    } catch (error) {
      if (this.#abort.signal.reason instanceof Lost) return;
      await lines.close().catch(() => {});
      await this.#fail(row, rule, error, lines.percent);
    }
  }

  async #runWithin(
    rule: TypeRule,
    row: TaskRow,
    lines: RunLines,
  ): Promise<{ taken: boolean; result?: Json | undefined }> {
    const { signal } = this.#abort;
    const { type, attempt, workspace_id: workspaceId, targets, id } = row;
    const context: TaskContext = {
      task: { id, type, attempt, workspaceId, targets },
      signal,
      progress: (percent) => lines.progress(percent),
      line: (text) => lines.add("out", text),
      err: (text) => lines.add("err", text),
    };
    const timer = setTimeout(
      () => this.#abort.abort(new TimeUp(`It took longer than ${rule.timeoutSeconds} s.`)),
      rule.timeoutSeconds * 1_000,
    );
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => setTimeout(() => reject(signal.reason), GRACE_MS).unref());
    });
    try {
      const { definition } = rule;
      const work =
        definition === undefined
          ? this.#deps.callEndpoint(rule, row, context)
          : definition
              .run(row.payload ?? undefined, context)
              .then((result) => ({ taken: false, result: (result ?? undefined) as Json | undefined }));
      const outcome = await Promise.race([work, aborted]);
      signal.throwIfAborted();
      return outcome;
    } catch (error) {
      // What a handler throws because it was aborted says less than why it was.
      throw signal.aborted ? signal.reason : error;
    } finally {
      clearTimeout(timer);
      aborted.catch(() => {});
    }
  }

  async #complete(
    row: TaskRow,
    { concurrency }: TypeRule,
    result: Json | undefined,
    lines: GivenLines | undefined,
  ): Promise<void> {
    await this.#ends.complete({ row, result: this.#deps.tasks.clean(row.workspace_id, result), lines }, concurrency);
  }

  /** The panel has taken it and reports from here on: no worker answers for it. */
  async #handOver(row: TaskRow): Promise<void> {
    await inTransaction(this.#deps.db, async (client) => {
      await client.query(
        "update task set worker = null, heartbeat_at = null where workspace_id = $1 and id = $2 and worker = $3 and status = 1",
        [row.workspace_id, row.id, this.#worker],
      );
      if (row.job_id !== null) await this.#deps.tasks.queue.settle(client, row.type, row.job_id);
    });
  }

  async #fail(row: TaskRow, rule: TypeRule, thrown: unknown, percent: number): Promise<void> {
    const error = this.#deps.tasks.clean(row.workspace_id, errorOf(thrown)) as TaskError;
    const later = thrown instanceof RetryLater;
    const may = rule.idempotent && row.attempt < row.attempts_max && !(thrown instanceof PermanentError);
    const again = later || may;
    const waitMs = later ? thrown.waitMs : may ? backoffAfter(row.attempt, rule.backoffSeconds) : 0;
    // Attempts that the handler asks for are not those that it has for faults.
    const spare = later ? rule.retries + 1 : 1;
    const happening = thrown instanceof TimeUp ? ("timed_out" as const) : ("failed" as const);
    const failed = {
      happening,
      error,
      ...(again ? { note: `tried again in ${Math.round(waitMs / 1_000)} s` } : {}),
      set: [["status = 3"], ["progress = {0}", percent], ["error = {0}::jsonb", JSON.stringify(error)]] as Step["set"],
    };
    await this.#end(row, failed, async (client, moved) => {
      await findable(client, moved, { error });
      if (!again) return false;
      const runAt = waitMs === 0 ? null : new Date(this.#deps.clock() + waitMs);
      const next = await takeStep(client, {
        ...{ workspaceId: row.workspace_id, id: row.id, atMs: this.#deps.clock(), happening: "retried", from: [3] },
        set: nextAttempt(newId(this.#deps.clock()), runAt, spare),
      });
      if (next !== undefined) await this.#deps.tasks.queue.enqueue(client, jobOf(next, rule));
      return true;
    });
  }

  /** Ends the attempt, its job and what hangs on it, if the worker still holds it. `goesOn` says whether the task does. */
  async #end(
    row: TaskRow,
    step: Pick<Step, "happening" | "set" | "error" | "note">,
    goesOn: (client: PoolClient, moved: TaskRow) => Promise<boolean> = async () => false,
  ): Promise<void> {
    const atMs = this.#deps.clock();
    await inTransaction(this.#deps.db, async (client) => {
      const moved = await takeStep(client, {
        ...{
          workspaceId: row.workspace_id,
          id: row.id,
          attempt: row.attempt,
          heldBy: this.#worker,
          atMs,
          worker: this.#worker,
        },
        ...step,
        from: [1],
        set: [...step.set, ["finished_at = greatest({0}::timestamptz, started_at)", new Date(atMs).toISOString()]],
      });
      if (moved === undefined) return;
      if (row.job_id !== null) await this.#deps.tasks.queue.settle(client, row.type, row.job_id);
      if (!(await goesOn(client, moved))) await this.#deps.tasks.ended(client, [moved]);
    });
  }
}

/** What a handler threw, as the task's error. */
function errorOf(thrown: unknown): TaskError {
  if (thrown instanceof TimeUp) return { message: thrown.message, code: "timed_out" };
  const { message, code } =
    thrown instanceof Error ? (thrown as Error & { code?: unknown }) : { message: String(thrown), code: undefined };
  const parsed = taskErrorSchema.shape.code.safeParse(code);
  return {
    message: (message || "It failed without a message.").slice(0, taskLimits.errorLengthMax),
    ...(parsed.success && parsed.data !== undefined ? { code: parsed.data } : {}),
  };
}
