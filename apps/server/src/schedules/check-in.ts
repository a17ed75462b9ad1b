import { AppError, type CheckIn, scheduleLimits } from "@daybook/contract";
import type { PoolClient } from "pg";
import { inTransaction } from "../db/transaction.ts";
import type { Deps } from "../deps.ts";
import { newId } from "../record/event-id.ts";
import { beginTask, endTask } from "./check-in-task.ts";
import { type ClaimedTime, claimTime } from "./claim-time.ts";
import { slowSql } from "./follow.ts";
import { insertRuns } from "./run-store.ts";
import { kindOf, type RunRow, runState, type ScheduleRow } from "./schedule-row.ts";
import { lockSchedule, tell } from "./schedule-store.ts";

export type CheckInDeps = Pick<Deps, "db" | "clock" | "tasks">;

const runColumns = `id, name, due_at, state, reason, started_at, finished_at, duration_ms, exit_code, output, task_id, slow, created_at`;

/**
 * Takes a check-in of a job that runs elsewhere. Throws `not_found`, and `conflict` for a schedule that Daybook runs itself.
 *  1. The lock on the schedule makes check-ins of one schedule follow each other.
 *  2. `started` begins a run; the same `runId` again changes nothing.
 *  3. `succeeded` and `failed` end the run that is meant: that of `runId`, else the one under way; without one, a run that began and
 *     ended with this check-in.
 *  4. The run takes the due time that it fits; without one it came of itself.
 */
export async function takeCheckIn(
  deps: CheckInDeps,
  workspaceId: number,
  name: string,
  checkIn: CheckIn,
): Promise<RunRow> {
  const now = deps.clock();
  const atMs = Math.min(now, checkIn.at === undefined ? now : Date.parse(checkIn.at));
  return inTransaction(deps.db, async (client) => {
    const schedule = await lockSchedule(client, workspaceId, name);
    if (kindOf(schedule) !== "monitored")
      throw new AppError("conflict", `Daybook runs ${name} itself; check-ins are for schedules that run elsewhere.`);
    const known = await findRun(client, schedule, checkIn);
    const context = { deps, client, schedule, checkIn, atMs, nowMs: now };
    const id = checkIn.state === "started" ? await begin(context, known) : await end(context, known);
    // What went wrong is put on record by the ticker; the rest it sees when its time comes.
    if (checkIn.state === "failed" || known !== undefined) await tell(client);
    return readRun(client, workspaceId, id);
  });
}

interface CheckInContext {
  deps: CheckInDeps;
  client: PoolClient;
  schedule: ScheduleRow;
  checkIn: CheckIn;
  /** When it happened. */
  atMs: number;
  nowMs: number;
}

/** The run that a check-in means. */
async function findRun(client: PoolClient, schedule: ScheduleRow, { runId }: CheckIn): Promise<RunRow | undefined> {
  const own = [schedule.workspace_id, schedule.name];
  const which = runId === undefined ? `state = ${runState("running")} and state < 2` : "id = $3";
  const { rows } = await client.query<RunRow>(
    `select ${runColumns} from schedule_run where workspace_id = $1 and name = $2 and ${which}
      order by created_at desc limit 1`,
    runId === undefined ? own : [...own, runId],
  );
  return rows[0];
}

async function begin(context: CheckInContext, known: RunRow | undefined): Promise<string> {
  const { client, schedule, checkIn, nowMs } = context;
  if (known !== undefined && checkIn.runId !== undefined) return known.id;
  if (known !== undefined) {
    const reason = "Another run began, and this one was not heard of again.";
    await client.query(
      `update schedule_run set state = ${runState("lost")}, reason = $3, finished_at = $4, untold = true
        where workspace_id = $1 and id = $2`,
      [schedule.workspace_id, known.id, reason, new Date(nowMs).toISOString()],
    );
    if (known.task_id !== null)
      await endTask(client, {
        ...{ workspaceId: schedule.workspace_id, taskId: known.task_id, fault: reason, happening: "lost" },
        startedMs: new Date(known.started_at ?? known.created_at).getTime(),
        finishedMs: nowMs,
      });
  }
  return store(context, context.atMs);
}

/** Stores a run that began at `startedMs`, with its task, under way. Returns its id. */
async function store({ deps, client, schedule, checkIn, nowMs }: CheckInContext, startedMs: number): Promise<string> {
  const claimed: ClaimedTime = await claimTime(client, schedule, startedMs, nowMs);
  const taskId = newId(nowMs);
  const id = checkIn.runId ?? newId(nowMs);
  const values = { started_at: new Date(startedMs).toISOString(), task_id: taskId };
  if (claimed.missedId !== undefined) {
    await client.query(
      `update schedule_run set id = $3, state = ${runState("running")}, reason = $4, started_at = $5, task_id = $6, untold = false
        where workspace_id = $1 and id = $2`,
      [schedule.workspace_id, claimed.missedId, id, claimed.reason ?? null, values.started_at, taskId],
    );
  } else {
    const dueAt = claimed.dueMs === undefined ? null : new Date(claimed.dueMs).toISOString();
    const created = new Date(nowMs).toISOString();
    const run = { workspace_id: schedule.workspace_id, id, name: schedule.name, due_at: dueAt, state: 1 };
    const stored = await insertRuns(client, [
      { ...run, ...values, reason: claimed.reason ?? null, created_at: created },
    ]);
    if (!stored.has(id)) throw new AppError("id_conflict", `The run id ${id} is that of another schedule's run.`);
  }
  await beginTask(deps.tasks, client, { workspaceId: schedule.workspace_id, name: schedule.name, taskId });
  return id;
}

async function end(context: CheckInContext, known: RunRow | undefined): Promise<string> {
  const { client, schedule, checkIn, atMs } = context;
  const id = known?.id ?? (await store(context, atMs - (checkIn.durationMs ?? 0)));
  const run = known ?? (await readRun(client, schedule.workspace_id, id));
  // A check-in that is sent twice; one that was given up as lost has come after all.
  if (run.state !== runState("running") && run.state !== runState("lost")) return id;
  const startedMs = new Date(run.started_at ?? run.created_at).getTime();
  const tookMs = checkIn.durationMs ?? Math.max(0, atMs - startedMs);
  const failed = checkIn.state === "failed";
  const fault = failed ? faultOf(checkIn) : undefined;
  await client.query(
    `update schedule_run as run set state = $3::smallint, finished_at = $4, duration_ms = $5::bigint, exit_code = $6, output = $7,
            reason = case when $3::smallint = ${runState("failed")} then $8 when state = ${runState("lost")} then null else reason end,
            untold = $3::smallint = ${runState("failed")},
            slow = $3::smallint = ${runState("succeeded")} and ${slowSql("run", "$5::bigint")}
      where workspace_id = $1 and id = $2`,
    [
      ...[schedule.workspace_id, id, runState(failed ? "failed" : "succeeded"), new Date(atMs).toISOString(), tookMs],
      ...[checkIn.exitCode ?? null, outputOf(context), fault ?? null],
    ],
  );
  if (run.task_id !== null)
    await endTask(client, {
      ...{ workspaceId: schedule.workspace_id, taskId: run.task_id, fault, startedMs, finishedMs: startedMs + tookMs },
      happening: failed ? "failed" : "completed",
    });
  return id;
}

function faultOf({ exitCode }: CheckIn): string {
  return exitCode === undefined || exitCode === 0 ? "It reported a failure." : `Exit code ${exitCode}.`;
}

/** The output without secrets; of what is too long the middle is cut. */
function outputOf({ deps, schedule, checkIn }: CheckInContext): string | null {
  if (checkIn.output === undefined || checkIn.output === "") return null;
  // PostgreSQL keeps no NUL in texts.
  const clean = deps.tasks.clean(schedule.workspace_id, checkIn.output.replaceAll("\0", "")) as string;
  return cutMiddle(clean, scheduleLimits.outputBytesMax);
}

/** A text of at most `bytesMax` bytes: its beginning (a quarter) and its end, with a line in between that says what was cut. */
export function cutMiddle(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= bytesMax) return text;
  const room = bytesMax - 100;
  const head = bytes.subarray(0, Math.floor(room / 4));
  const tail = bytes.subarray(bytes.length - Math.floor((room * 3) / 4));
  const cut = bytes.length - head.length - tail.length;
  // A character that is cut in two is left out.
  const whole = (part: Buffer): string => part.toString("utf8").replace(/^\uFFFD+|\uFFFD+$/g, "");
  return `${whole(head)}\n[${cut} bytes are left out here]\n${whole(tail)}`;
}

async function readRun(client: PoolClient, workspaceId: number, id: string): Promise<RunRow> {
  const { rows } = await client.query<RunRow>(
    `select ${runColumns} from schedule_run where workspace_id = $1 and id = $2`,
    [workspaceId, id],
  );
  if (rows[0] === undefined) throw new Error(`the run ${id} is gone`);
  return rows[0];
}
