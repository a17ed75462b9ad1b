import { AppError, type TaskChange, type TaskError, taskLimits } from "@daybook/contract";
import type { PoolClient } from "pg";
import { inTransaction } from "../db/transaction.ts";
import type { Deps } from "../deps.ts";
import { newId } from "../record/event-id.ts";
import { askPanel } from "./callback/ask-panel.ts";
import { jobOf } from "./task-desk.ts";
import { checkAttempts, checkSize, notFailed, notPending, notRetryable } from "./task-refusals.ts";
import { executorOf, statusNumber, statusOf, type TaskRow } from "./task-row.ts";
import { readTask } from "./task-store.ts";
import type { TypeRule } from "./task-type.ts";
import { type Doer, finished, requireStep, type Step } from "./transition.ts";

export type ActDeps = Pick<Deps, "db" | "clock" | "tasks">;

/** Whose task, which one, and who acts. */
export interface TaskAct {
  workspaceId: number;
  id: string;
  doer: Doer;
}

const open = [0, 1];
const pending = [0];

/**
 * What the panel says of a task that it runs. The same said twice changes nothing the second time. Throws `task_finished`, `conflict` for a task
 * that a worker of Daybook holds, `not_found`.
 */
export async function changeTask(deps: ActDeps, act: TaskAct, change: TaskChange): Promise<TaskRow> {
  return inTransaction(deps.db, async (client) => {
    const before = await readTask(client, act.workspaceId, act.id);
    const executor = executorOf(before);
    if (executor === "handler" || executor === "command")
      throw new AppError("conflict", "A worker of Daybook runs this task and reports it itself.");
    const { status, ...fields } = change;
    if (status === undefined || status === statusOf(before)) return touch(deps, client, act, before, fields);
    return status === "running" ? begin(deps, client, act, before, change) : end(deps, client, act, status, change);
  });
}

/** Progress, title and the like, of a task that is open. */
async function touch(
  deps: ActDeps,
  client: PoolClient,
  act: TaskAct,
  before: TaskRow,
  change: Omit<TaskChange, "status">,
): Promise<TaskRow> {
  const sets = fieldsOf(deps, act, change);
  if (sets.length === 0) return before;
  if (before.status > 1) {
    // A repetition of what ended it is no fault.
    if (before.status === 2 && change.result !== undefined) return before;
    if (before.status === 3 && change.error !== undefined) return before;
    throw finished(before);
  }
  const values: unknown[] = [act.workspaceId, act.id];
  const texts = sets.map(([sql, value]) => sql.replace("{0}", `$${values.push(value)}`));
  // Of a task that the panel runs, its word is the sign of life.
  if (executorOf(before) === "reported") texts.push(`heartbeat_at = $${values.push(new Date(deps.clock()))}`);
  const { rowCount } = await client.query(
    `update task set ${texts.join(", ")} where workspace_id = $1 and id = $2 and status < 2`,
    values,
  );
  const after = await readTask(client, act.workspaceId, act.id);
  if (rowCount === 0) throw finished(after);
  await findable(client, after, change);
  await client.query("select pg_notify('daybook_task', $1)", [`${act.workspaceId} ${act.id}`]);
  return after;
}

/** It runs: for the first time, or once more after it had failed. */
async function begin(
  deps: ActDeps,
  client: PoolClient,
  act: TaskAct,
  before: TaskRow,
  change: TaskChange,
): Promise<TaskRow> {
  const atMs = timeOf(deps, change);
  const base = { workspaceId: act.workspaceId, id: act.id, atMs, ...act.doer };
  if (statusOf(before) === "failed") {
    checkAttempts(before);
    await requireStep(
      client,
      { ...base, happening: "retried", from: [statusNumber("failed")], set: nextAttempt(null) },
      finished,
    );
  }
  const started: Step = {
    ...base,
    happening: "started",
    from: pending,
    set: [
      ["status = 1"],
      ["started_at = {0}", new Date(atMs).toISOString()],
      ["request = null"],
      ...fieldsOf(deps, act, change),
    ],
  };
  const moved = await requireStep(client, started, finished);
  await findable(client, moved, change);
  return moved;
}

const happeningOf = { completed: "completed", failed: "failed", cancelled: "cancelled" } as const;

async function end(
  deps: ActDeps,
  client: PoolClient,
  act: TaskAct,
  status: keyof typeof happeningOf,
  change: TaskChange,
): Promise<TaskRow> {
  const atMs = timeOf(deps, change);
  const error = status === "failed" ? (change.error ?? { message: "The panel gave no reason." }) : undefined;
  const clean = error && (deps.tasks.clean(act.workspaceId, error) as typeof error);
  const moved = await requireStep(
    client,
    {
      workspaceId: act.workspaceId,
      id: act.id,
      happening: happeningOf[status],
      from: open,
      atMs,
      ...act.doer,
      error: clean,
      set: [
        ["status = {0}", statusNumber(status)],
        ["finished_at = greatest({0}::timestamptz, started_at)", new Date(atMs).toISOString()],
        ["request = null"],
        ...(status === "completed" && change.progress === undefined ? ([["progress = 100"]] as [string][]) : []),
        ...fieldsOf(deps, act, { ...change, error: clean }),
      ],
    },
    finished,
  );
  await findable(client, moved, { ...change, error: clean });
  await deps.tasks.ended(client, [moved]);
  return moved;
}

/**
 * One more attempt of a failed task. Daybook's own goes back into the queue; of a reported one the panel is asked. Throws `task_not_failed`,
 * `task_type_not_retryable`, `conflict`.
 */
export async function retryTask(deps: ActDeps, act: TaskAct): Promise<TaskRow> {
  await readRules(deps, act);
  return inTransaction(deps.db, async (client) => {
    const before = await readTask(client, act.workspaceId, act.id);
    const rule = await deps.tasks.types.of(act.workspaceId, before.type);
    if (statusOf(before) !== "failed") throw notFailed(before);
    if (!(rule.idempotent || (rule.source === "seen" && before.retryable))) throw notRetryable(before);
    checkAttempts(before);
    if (executorOf(before) === "reported") return ask(deps, client, act, "retry", rule);
    const base = { workspaceId: act.workspaceId, id: act.id, atMs: deps.clock(), ...act.doer };
    const job = newId(deps.clock());
    const step: Step = {
      ...base,
      happening: "retried",
      from: [statusNumber("failed")],
      attempt: before.attempt,
      set: nextAttempt(job),
    };
    const moved = await requireStep(client, step, notFailed);
    await deps.tasks.queue.enqueue(client, jobOf(moved, rule));
    return moved;
  });
}

/** Takes a task back before it began. Throws `task_not_pending`, also when it begins in the same moment. */
export async function cancelTask(deps: ActDeps, act: TaskAct): Promise<TaskRow> {
  await readRules(deps, act);
  return inTransaction(deps.db, async (client) => {
    const before = await readTask(client, act.workspaceId, act.id);
    if (statusOf(before) !== "pending") throw notPending(before);
    if (executorOf(before) === "reported")
      return ask(deps, client, act, "cancel", await deps.tasks.types.of(act.workspaceId, before.type));
    const atMs = deps.clock();
    const step: Step = {
      ...{ workspaceId: act.workspaceId, id: act.id, atMs, ...act.doer },
      happening: "cancelled",
      from: pending,
      set: [["status = 4"], ["finished_at = {0}", new Date(atMs).toISOString()]],
    };
    const moved = await requireStep(client, step, notPending);
    if (moved.job_id !== null) await deps.tasks.queue.settle(client, moved.type, moved.job_id);
    await deps.tasks.ended(client, [moved]);
    return moved;
  });
}

/** Has the rules at hand: read within the transactions of many, they would wait for a connection that none of these gives back. */
async function readRules(deps: ActDeps, { workspaceId }: TaskAct): Promise<void> {
  await deps.tasks.types.all(workspaceId);
}

/** Asks the panel that runs the task; the answer comes later. */
async function ask(
  deps: ActDeps,
  client: PoolClient,
  act: TaskAct,
  what: "retry" | "cancel",
  rule: TypeRule,
): Promise<TaskRow> {
  const { callback, secret } = rule;
  if (callback === undefined || secret === undefined) {
    const missing = callback === undefined ? "callback address" : "secret";
    const detail = `The panel runs this task, and the type ${rule.type} has no ${missing} to ask it by: PUT /task-types/${rule.type}, then POST its secret.`;
    throw new AppError("conflict", detail);
  }
  const atMs = deps.clock();
  const request = { act: what, state: "waiting" as const, askedAt: new Date(atMs).toISOString(), tries: 0 };
  const moved = await requireStep(
    client,
    {
      ...{ workspaceId: act.workspaceId, id: act.id, atMs, ...act.doer },
      happening: what === "retry" ? "retry_requested" : "cancel_requested",
      from: what === "retry" ? [statusNumber("failed")] : pending,
      set: [["request = {0}::jsonb", JSON.stringify(request)]],
    },
    what === "retry" ? notFailed : notPending,
  );
  await askPanel(client, {
    workspaceId: act.workspaceId,
    task: moved,
    act: what,
    url: callback,
    by: act.doer.actor,
    atMs,
  });
  return moved;
}

/** The row of the next attempt: pending, as if it had just been made, with at least so many attempts left. */
export function nextAttempt(jobId: string | null, runAt: Date | null = null, spare = 1): Step["set"] {
  return [
    ["status = 0"],
    ["attempt = attempt + 1"],
    ["attempts_max = greatest(attempts_max, attempt + {0})", spare],
    ["progress = 0"],
    ["started_at = null"],
    ["finished_at = null"],
    ["heartbeat_at = null"],
    ["worker = null"],
    ["error = null"],
    ["result = null"],
    ["request = null"],
    ["job_id = {0}", jobId],
    ["run_at = {0}", runAt],
  ];
}

/** Adds a new title and the error to what a search for words looks into. */
export async function findable(
  client: PoolClient,
  { workspace_id, id, title, error }: TaskRow,
  change: Pick<TaskChange, "title" | "error">,
): Promise<void> {
  const words = [
    ...(change.title === undefined ? [] : [title]),
    ...(change.error === undefined || error === null ? [] : [error?.code ?? "", error?.message ?? ""]),
  ];
  if (words.length === 0) return;
  await client.query(
    "update task_text set body = left(body || ' ' || $3, 200000) where workspace_id = $1 and task_id = $2 and position($3 in body) = 0",
    [workspace_id, id, words.join(" ")],
  );
}

function fieldsOf(deps: ActDeps, { workspaceId }: TaskAct, change: Omit<TaskChange, "status">): [string, unknown][] {
  const sets: [string, unknown][] = [];
  checkSize("result", change.result);
  checkSize("error/details", (change.error as TaskError | undefined)?.details);
  if (change.progress !== undefined) sets.push(["progress = {0}", Math.round(change.progress)]);
  if (change.title !== undefined)
    sets.push([
      "title = {0}",
      (deps.tasks.clean(workspaceId, change.title) as string).slice(0, taskLimits.titleLengthMax).toWellFormed(),
    ]);
  if (change.node !== undefined) sets.push(["node = {0}", deps.tasks.clean(workspaceId, change.node)]);
  if (change.result !== undefined)
    sets.push(["result = {0}::jsonb", JSON.stringify(deps.tasks.clean(workspaceId, change.result))]);
  if (change.error !== undefined)
    sets.push(["error = {0}::jsonb", JSON.stringify(deps.tasks.clean(workspaceId, change.error))]);
  return sets;
}

/** When it happened: as the panel says, but not in the future. */
function timeOf(deps: ActDeps, change: TaskChange): number {
  const now = deps.clock();
  return change.at === undefined ? now : Math.min(now, Date.parse(change.at));
}
