import { AppError, type TaskChange, type TaskRequest } from "@daybook/contract";
import { type Listening, listen } from "../../db/listen.ts";
import type { Deps } from "../../deps.ts";
import type { GuardedAnswer } from "../../net/guarded-fetch.ts";
import { changeTask } from "../task-acts.ts";
import { type TaskRow, toTask } from "../task-row.ts";
import { readTask } from "../task-store.ts";
import { openTypeSecret } from "../type-secret.ts";
import { callbackChannel } from "./ask-panel.ts";
import { callPanel, faultInWords, inWords, type PanelGuard, retryAfterMs } from "./panel-call.ts";

type CallbackDeps = Pick<Deps, "db" | "clock" | "config" | "log" | "tasks" | "vault">;

/** Calls at a time in one process: a panel that hangs holds up to so many for ten seconds. */
const CALLS_MAX = 8;
/** A call that has not ended by then died with its worker: longer than any call takes. */
const LEASE_MS = 60_000;
const POLL_MS = 1_000;
const FIRST_WAIT_MS = 2_000;
const LAST_WAIT_MS = 5 * 60_000;
/** After that nobody waits for the answer any more. */
const GIVE_UP_MS = 3_600_000;

/** So long it can be seen what a panel answered. */
const KEPT_MS = 30 * 24 * 3_600_000;

interface CallbackRow {
  id: string;
  workspace_id: number;
  task_id: string;
  act: "retry" | "cancel";
  url: string;
  tries: number;
  asked_at: Date;
}

/** What became of a try. `nextTryAt` is null when there is none. */
interface Outcome {
  state: TaskRequest["state"];
  answer: string;
  nextTryAt: Date | null;
  /** What the panel says of the task at once. */
  status?: TaskChange["status"];
}

/** Asks panels to retry or cancel tasks that they run: rows of task_callback, each until it was answered or given up. */
export class Callbacks {
  readonly #deps: CallbackDeps;
  readonly #guard: PanelGuard;

  constructor(deps: CallbackDeps, guard: PanelGuard = {}) {
    this.#deps = deps;
    this.#guard = guard;
  }

  /** Makes the calls that are due, in any number of processes at once. Resolves with how many there were. */
  async runDue(): Promise<number> {
    const rows = await this.#claim();
    await Promise.all(
      rows.map((row) =>
        this.#call(row).catch((error: unknown) =>
          // The row is tried again when its lease ends.
          this.#deps.log.error({ err: error, task: row.task_id }, "a call to the panel could not be noted"),
        ),
      ),
    );
    return rows.length;
  }

  /** Takes rows that are due and puts their next try off, so that no other process takes them meanwhile. */
  async #claim(): Promise<CallbackRow[]> {
    const now = this.#deps.clock();
    const { rows } = await this.#deps.db.query<CallbackRow>(
      `update task_callback set tries = tries + 1, next_try_at = $2
       where id in (
         select id from task_callback where next_try_at <= $1 order by next_try_at limit ${CALLS_MAX} for update skip locked)
       returning id, workspace_id, task_id, act, url, tries, asked_at`,
      [new Date(now), new Date(now + LEASE_MS)],
    );
    return rows;
  }

  async #call(row: CallbackRow): Promise<void> {
    const { db } = this.#deps;
    const task = await readTask(db, row.workspace_id, row.task_id);
    if (!isAskedBy(task, row)) {
      const answer = "not asked any more: the panel reported on the task, or was asked anew";
      await this.#note(row, { state: "answered", answer, nextTryAt: null });
      return;
    }
    const secrets = await db.query<{ secret: string | null }>(
      "select secret from task_type where workspace_id = $1 and type = $2",
      [row.workspace_id, task.type],
    );
    const secret = secrets.rows[0]?.secret ?? null;
    const outcome =
      secret === null
        ? { state: "failed" as const, answer: `the type ${task.type} has no secret any more`, nextTryAt: null }
        : await this.#ask(row, task, openTypeSecret(this.#deps.vault, row.workspace_id, task.type, secret));
    await this.#note(row, outcome);
    if (outcome.status !== undefined) await this.#report(row, outcome.status);
  }

  async #ask(row: CallbackRow, task: TaskRow, secret: string): Promise<Outcome> {
    const { clock, config } = this.#deps;
    const { request: _, ...shown } = toTask(task);
    const call = { url: row.url, secret, act: row.act, task: shown, requestId: row.id };
    try {
      const answer = await callPanel(call, config.allowedHosts, clock(), this.#guard);
      if (answer.status >= 200 && answer.status < 300)
        return { state: "answered", answer: inWords(answer), nextTryAt: null, ...statusIn(answer) };
      if (answer.status === 409) return { state: "failed", answer: inWords(answer), nextTryAt: null };
      return this.#later(row, inWords(answer), retryAfterMs(answer, clock()));
    } catch (error) {
      if (error instanceof AppError) return { state: "failed", answer: error.message, nextTryAt: null };
      return this.#later(row, faultInWords(error), 0);
    }
  }

  #later(row: CallbackRow, answer: string, wantedMs: number): Outcome {
    const now = this.#deps.clock();
    const backoffMs = Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(row.tries - 1, 20));
    const next = now + Math.max(backoffMs, wantedMs);
    if (next <= Number(row.asked_at) + GIVE_UP_MS) return { state: "waiting", answer, nextTryAt: new Date(next) };
    return { state: "failed", answer: `given up after an hour; the last answer: ${answer}`, nextTryAt: null };
  }

  /** In the row, and in the task if it still waits for this answer. */
  async #note(row: CallbackRow, { state, answer: said, nextTryAt }: Outcome): Promise<void> {
    const answer = this.#deps.tasks.clean(row.workspace_id, said) as string;
    const request: TaskRequest = {
      act: row.act,
      state,
      askedAt: row.asked_at.toISOString(),
      tries: row.tries,
      answer,
      ...(nextTryAt === null ? {} : { nextTryAt: nextTryAt.toISOString() }),
    };
    await this.#deps.db.query(
      `with noted as (update task_callback set next_try_at = $4, answer = $5 where id = $3 and workspace_id = $1),
       moved as (
         update task set request = $6 where workspace_id = $1 and id = $2 and request->>'act' = $7 and request->>'askedAt' = $8
         returning id)
       select pg_notify('daybook_task', $1::int || ' ' || id) from moved`,
      [row.workspace_id, row.task_id, row.id, nextTryAt, answer, request, row.act, request.askedAt],
    );
  }

  /** The answer says how the task is by now, as a PATCH would. */
  async #report(row: CallbackRow, status: NonNullable<TaskChange["status"]>): Promise<void> {
    const act = { workspaceId: row.workspace_id, id: row.task_id, doer: {} };
    await changeTask(this.#deps, act, { status }).catch((error: unknown) => {
      // It may have reported itself before its answer was read.
      if (!(error instanceof AppError)) throw error;
    });
  }
}

/** Whether the task still waits for what this row asks; a report of the panel ends the waiting. */
function isAskedBy({ request }: TaskRow, row: CallbackRow): boolean {
  return request?.act === row.act && request.askedAt === row.asked_at.toISOString();
}

function statusIn({ text }: GuardedAnswer): Pick<Outcome, "status"> {
  try {
    const { status } = JSON.parse(text) as { status?: unknown };
    const known = (["running", "completed", "failed", "cancelled"] as const).find((one) => one === status);
    return known === undefined ? {} : { status: known };
  } catch {
    return {};
  }
}

/** Deletes questions that were answered or given up long ago. */
export async function forgetCallbacks(db: Deps["db"], nowMs: number): Promise<void> {
  await db.query("delete from task_callback where next_try_at is null and asked_at < $1", [new Date(nowMs - KEPT_MS)]);
}

/** Makes calls as soon as they are asked for, and again when they are due: looked for every `pollMs`. */
export async function startCallbacks(deps: CallbackDeps, pollMs = POLL_MS): Promise<{ stop(): Promise<void> }> {
  const callbacks = new Callbacks(deps);
  let stopped = false;
  let wake = (): void => {};
  const round = async (): Promise<void> => {
    while (!stopped) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const made = await callbacks.runDue().catch((error: unknown) => {
        deps.log.warn({ err: error }, "calls to the panel could not be made");
        return 0;
      });
      if (made === CALLS_MAX || stopped) continue;
      const timer = setTimeout(wake, pollMs);
      await woken;
      clearTimeout(timer);
    }
  };
  const listening: Listening = await listen(deps.db, {
    channel: callbackChannel,
    onMessage: () => wake(),
    onGap: () => wake(),
    onFault: (error) => deps.log.warn({ err: error }, "calls to the panel are looked for every second"),
  });
  const running = round();
  return {
    stop: async () => {
      stopped = true;
      wake();
      await Promise.all([running, listening.close()]);
    },
  };
}
