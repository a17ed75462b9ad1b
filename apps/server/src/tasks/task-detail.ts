import {
  type Actor,
  type Json,
  type TaskAttempt,
  type TaskDetail,
  type TaskError,
  type TaskHappening,
  taskHappenings,
} from "@daybook/contract";
import type { Querier } from "../access/staff-store.ts";
import { statusOf, type TaskRow, toTask } from "./task-row.ts";

interface HappeningRow {
  happening: number;
  attempt: number;
  at: Date;
  event_id: string;
  actor: Actor | null;
  worker: string | null;
  note: string | null;
  error: TaskError | null;
  duration_ms: number | null;
}

/** A task with all that happened to it, its attempts made of that. */
export async function taskInFull(
  db: Querier,
  row: TaskRow,
  usualMs: number | undefined,
  nowMs: number,
): Promise<TaskDetail> {
  const { rows } = await db.query<HappeningRow>(
    `select happening, attempt, at, event_id, actor, worker, note, error, duration_ms
       from task_happening where workspace_id = $1 and task_id = $2 order by n`,
    [row.workspace_id, row.id],
  );
  return {
    ...toTask(row, usualMs, nowMs),
    ...(row.payload === null ? {} : { payload: row.payload as Json }),
    ...(row.result === null ? {} : { result: row.result as Json }),
    attempts: attemptsOf(row, rows),
    happenings: rows.map((each) => ({
      happening: nameOf(each),
      at: each.at.toISOString(),
      attempt: each.attempt,
      eventId: each.event_id,
      ...byOf(each),
      ...(each.note === null ? {} : { note: each.note }),
    })),
  };
}

function nameOf(row: HappeningRow): TaskHappening {
  return taskHappenings[row.happening] ?? "created";
}

function byOf({ actor, worker }: HappeningRow): { by?: string } {
  const by = actor?.name ?? actor?.email ?? actor?.id ?? worker;
  return by ? { by } : {};
}

/** Happenings folded into attempts: a retry opens the next one. */
function attemptsOf(task: TaskRow, rows: readonly HappeningRow[]): TaskAttempt[] {
  const attempts: TaskAttempt[] = [];
  for (const row of rows) {
    const at = row.at.toISOString();
    const happening = nameOf(row);
    const given = attempts.find((each) => each.attempt === row.attempt);
    const attempt = given ?? { attempt: row.attempt, status: "pending", queuedAt: at };
    if (given === undefined) attempts.push(attempt);
    const worker = row.worker === null ? {} : { worker: row.worker };
    if (happening === "started") Object.assign(attempt, { status: "running", startedAt: at, ...worker });
    if (happening === "completed" || happening === "cancelled" || happening === "failed" || happening === "timed_out")
      Object.assign(attempt, {
        status: happening === "timed_out" ? "failed" : happening,
        finishedAt: at,
        ...worker,
        ...(row.duration_ms === null ? {} : { durationMs: row.duration_ms }),
        ...(row.error === null ? {} : { error: row.error }),
      });
    if (happening === "lost") {
      const held = attempts.find((each) => each.status === "running") ?? attempt;
      Object.assign(held, {
        status: "failed",
        finishedAt: at,
        error: row.error ?? { message: "worker lost", code: "worker_lost" },
      });
    }
  }
  const last = attempts.at(-1);
  if (last?.attempt === task.attempt) last.status = statusOf(task);
  return attempts;
}
