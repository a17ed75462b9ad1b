import { AppError, type NewTask } from "@daybook/contract";
import type { PoolClient } from "pg";
import type { Logger } from "pino";
import type { Querier } from "../access/staff-store.ts";
import type { Db } from "../db/pool.ts";
import { inTransaction } from "../db/transaction.ts";
import { newId } from "../record/event-id.ts";
import type { Doer } from "../tasks/transition.ts";
import { considerDue, type DueAnswer, type DueRun } from "./due.ts";
import { insertRuns, type NewRun } from "./run-store.ts";
import { kindNumber, runState, type ScheduleRow, timesOf } from "./schedule-row.ts";

/** Makes the tasks of runs, in the caller's transaction. */
export interface TaskMaker {
  createAll(client: Querier, workspaceId: number, orders: readonly NewTask[], doer?: Doer): Promise<unknown>;
}

export interface TickDeps {
  db: Db;
  log: Logger;
  tasks: TaskMaker;
  /** For ids; what is due is told by the time that is asked about. */
  clock: () => number;
}

/** Schedules taken at once: large enough that statements are few, small enough that several servers share the work. */
const BATCH = 500;

/** Batches share a commit for so long: what tells the log of the tasks begins with the first commit, and would take half of the processor
 *  from those that are still to be made. */
const TRANSACTION_MS = 1_000;

/** Runs made in one batch; schedules beyond them keep their times for the next. Only a long catching-up comes so far. */
const RUNS_MAX = 5_000;

interface DueRow extends ScheduleRow {
  open_count: number;
  waiting_count: number;
}

/** Works off everything that is due at `nowMs`. Any number of servers may do it at the same time. Returns how many runs were started. */
export async function tickAll(deps: TickDeps, nowMs: number): Promise<number> {
  let started = 0;
  for (let more = true; more; ) {
    await inTransaction(deps.db, async (client) => {
      const began = performance.now();
      do {
        const batch = await tickBatch(deps, client, nowMs);
        started += batch.started;
        more = batch.more || batch.taken === BATCH;
      } while (more && performance.now() - began < TRANSACTION_MS);
    });
  }
  return started;
}

/**
 * One batch, within a transaction.
 *  1. Take schedules whose time has come; those that another server has just taken are passed over.
 *  2. Decide what becomes of each of their due times.
 *  3. Store the runs. The due time is unique: one that has a run already gets no second one, whoever made it.
 *  4. Make the tasks of those that start.
 *  5. Move the schedules on to their next times.
 */
async function tickBatch(
  deps: TickDeps,
  client: PoolClient,
  nowMs: number,
): Promise<{ taken: number; started: number; more: boolean }> {
  const rows = await takeDue(client, nowMs);
  const considered: { row: DueRow; answer: DueAnswer }[] = [];
  let count = 0;
  for (const row of rows) {
    const answer = considerSafely(deps, row, nowMs);
    considered.push({ row, answer });
    count += answer.runs.length;
    if (count >= RUNS_MAX) break;
  }
  const planned = considered.flatMap(({ row, answer }) =>
    answer.runs.map((run) => plannedRun(row, run, nowMs, newId(deps.clock()))),
  );
  const stored = await insertRuns(
    client,
    planned.map(({ run }) => run),
  );
  const starting = planned.filter(({ run }) => stored.has(run.id) && run.state === runState("running"));
  await makeTasks(deps, client, starting, nowMs);
  await moveOn(client, considered);
  return { taken: rows.length, started: starting.length, more: considered.length < rows.length };
}

async function takeDue(client: PoolClient, nowMs: number): Promise<DueRow[]> {
  const { rows } = await client.query<DueRow>(
    `select schedule.*,
            (select count(*) from schedule_run as run where run.workspace_id = schedule.workspace_id and run.name = schedule.name
               and run.state = ${runState("running")} and run.state < 2)::int as open_count,
            (select count(*) from schedule_run as run where run.workspace_id = schedule.workspace_id and run.name = schedule.name
               and run.state = ${runState("waiting")} and run.state < 2)::int as waiting_count
       from schedule where start_at <= $1 and kind = ${kindNumber("task")} and not paused
      order by start_at limit ${BATCH} for update skip locked`,
    [new Date(nowMs).toISOString()],
  );
  return rows;
}

/** One schedule whose times cannot be worked out must not keep the others from running: it fails, and has no next time until it is set again. */
function considerSafely(deps: TickDeps, row: DueRow, nowMs: number): DueAnswer {
  try {
    return consider(row, nowMs);
  } catch (error) {
    deps.log.error({ err: error, schedule: row.name }, "the times of a schedule cannot be worked out");
    const reason = `Its times cannot be worked out: ${(error as Error).message}`;
    const run = { dueMs: row.next_run_at?.getTime() ?? nowMs, act: "fail" as const, reason };
    return { runs: [run], unlisted: 0, next: undefined };
  }
}

function consider(row: DueRow, nowMs: number): DueAnswer {
  const { cron, timeZone, catchUp, overlap, jitterSeconds } = row.settings;
  return considerDue({
    ...{ name: row.name, cron, timeZone, catchUp, overlap, jitterSeconds },
    dueMs: row.next_run_at?.getTime() ?? nowMs,
    nowMs,
    open: row.open_count > 0,
    waiting: row.waiting_count,
  });
}

/** A run together with the task that it starts. */
export interface PlannedRun {
  run: NewRun;
  order: NewTask;
}

const stateOfAct = {
  start: runState("running"),
  wait: runState("waiting"),
  skip: runState("skipped"),
  fail: runState("failed"),
};

function plannedRun(row: ScheduleRow, { dueMs, act, reason }: DueRun, nowMs: number, taskId: string): PlannedRun {
  return {
    run: {
      workspace_id: row.workspace_id,
      id: newId(nowMs),
      name: row.name,
      due_at: new Date(dueMs).toISOString(),
      state: stateOfAct[act],
      reason: reason ?? null,
      task_id: act === "start" ? taskId : null,
      untold: act === "fail",
      created_at: new Date(nowMs).toISOString(),
    },
    order: orderOf(row, taskId),
  };
}

/** The task of a run. */
export function orderOf({ name, settings }: Pick<ScheduleRow, "name" | "settings">, taskId: string): NewTask {
  const task = settings.task ?? { type: "schedule.run" };
  return { ...task, title: task.title ?? name, id: taskId, scheduleName: name };
}

/**
 * Makes the tasks of runs that are stored. If one of them cannot be made (its payload no longer fits its type), all are tried one by one,
 * so that it fails alone.
 */
export async function makeTasks(
  deps: TickDeps,
  client: PoolClient,
  planned: readonly PlannedRun[],
  nowMs: number,
): Promise<void> {
  for (const [workspaceId, some] of Map.groupBy(planned, ({ run }) => run.workspace_id)) {
    const fault = await attempt(deps, client, workspaceId, some);
    if (fault === undefined) continue;
    for (const one of some) {
      const own = some.length === 1 ? fault : await attempt(deps, client, workspaceId, [one]);
      if (own !== undefined) await failRun(client, one.run, own, nowMs);
    }
  }
}

/** Undefined if they were made; the fault of a task that cannot be made, with nothing done. Throws what is no fault of a task. */
async function attempt(
  deps: TickDeps,
  client: PoolClient,
  workspaceId: number,
  planned: readonly PlannedRun[],
): Promise<string | undefined> {
  await client.query("savepoint tasks");
  try {
    await deps.tasks.createAll(
      client,
      workspaceId,
      planned.map(({ order }) => order),
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    await client.query("rollback to savepoint tasks");
    return error.message;
  }
}

async function failRun(client: PoolClient, run: NewRun, fault: string, nowMs: number): Promise<void> {
  await client.query(
    `update schedule_run set state = ${runState("failed")}, reason = $3, finished_at = $4, task_id = null, untold = true
      where workspace_id = $1 and id = $2`,
    [run.workspace_id, run.id, `Its task could not be made: ${fault}`, new Date(nowMs).toISOString()],
  );
}

async function moveOn(client: PoolClient, considered: readonly { row: DueRow; answer: DueAnswer }[]): Promise<void> {
  const moves = considered.map(({ row, answer }) => {
    const times = timesOf(row.name, "task", row.settings, answer.next?.dueMs);
    return { w: row.workspace_id, n: row.name, d: times.nextRunAt, s: times.startAt };
  });
  await client.query(
    `update schedule set next_run_at = move.d, start_at = move.s
       from jsonb_to_recordset($1::jsonb) as move(w int, n text, d timestamptz, s timestamptz)
      where schedule.workspace_id = move.w and schedule.name = move.n`,
    [JSON.stringify(moves)],
  );
}
