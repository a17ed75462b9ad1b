import { AppError, taskLimits } from "@daybook/contract";
import { statusOf, type TaskRow } from "./task-row.ts";

/** Why a task is not tried again: only a failed one is. */
export function notFailed(task: TaskRow): AppError {
  return new AppError("task_not_failed", `The task is ${statusOf(task)}; only a failed one is tried again.`, {
    extra: { status: statusOf(task) },
  });
}

/** Why a task is not cancelled: only a pending one is. */
export function notPending(task: TaskRow): AppError {
  return new AppError("task_not_pending", `The task is ${statusOf(task)}; only a pending one can be cancelled.`, {
    extra: { status: statusOf(task) },
  });
}

/** Why a task is never tried again. */
export function notRetryable(task: TaskRow): AppError {
  return new AppError(
    "task_type_not_retryable",
    `Tasks of the type ${task.type} are not marked as idempotent: running one twice might do harm.`,
  );
}

/** Refuses what is larger than a task keeps; `member` is the place in the request. Throws `invalid_payload`. */
export function checkSize(member: string, value: unknown): void {
  const bytes = value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value));
  if (bytes <= taskLimits.payloadBytesMax) return;
  const detail = `It is ${bytes} bytes as JSON; at most ${taskLimits.payloadBytesMax} are kept (payloadBytesMax).`;
  throw new AppError("invalid_payload", detail, {
    errors: [{ pointer: `/${member}`, code: "too_large", message: detail }],
  });
}

/** Throws `conflict` for a task that had as many attempts as a task may have. */
export function checkAttempts(task: TaskRow): void {
  if (task.attempt < taskLimits.attemptsMax) return;
  throw new AppError("conflict", `The task has had ${task.attempt} attempts, and more are not made (attemptsMax).`, {
    extra: { limit: "attemptsMax", max: taskLimits.attemptsMax },
  });
}
