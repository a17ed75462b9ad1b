import type { Task, TaskStatus } from "@daybook/contract";
import { useTicking } from "../../lib/clock.ts";
import { clockDuration, durationText } from "../../lib/duration-text.ts";
import { ShortTime } from "../../ui/time.tsx";

/** Each state has a shape of its own on a grid of 12: what differs by colour differs by shape too. */
const shapes: Record<TaskStatus, React.ReactNode> = {
  pending: <circle cx="6" cy="6" r="4.25" strokeDasharray="2.2 2.25" />,
  running: (
    <>
      <circle cx="6" cy="6" r="4.25" opacity="0.3" />
      <path className="turning" d="M6 1.75a4.25 4.25 0 0 1 4.25 4.25" />
    </>
  ),
  completed: <path d="M2.25 6.5l2.5 2.5 5-6" />,
  failed: <path d="M2.75 2.75l6.5 6.5M9.25 2.75l-6.5 6.5" />,
  cancelled: (
    <>
      <circle cx="6" cy="6" r="4.25" />
      <path d="M3.2 8.8l5.6-5.6" />
    </>
  ),
};

/** The state of a task: shape, colour and word. */
export function StatusMark({ status, short = false }: { status: TaskStatus; short?: boolean }) {
  return (
    <span className="status-mark" data-status={status} title={short ? status : undefined}>
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        {shapes[status]}
      </svg>
      <span className={short ? "only-read" : undefined}>{status}</span>
    </span>
  );
}

/** How far a task is. */
export function Progress({ task, label }: { task: Task; label?: string }) {
  const { progress, status } = task;
  return (
    <span className="progress-bar" data-status={status}>
      <span
        className="progress-track"
        role="progressbar"
        aria-label={label ?? "Progress"}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={progress}
      >
        <i style={{ transform: `scaleX(${progress / 100})` }} />
      </span>
      <span className="progress-text">{progress} %</span>
    </span>
  );
}

/** How long a task has taken; of one that runs, it counts. */
export function Duration({ task }: { task: Task }) {
  if (task.status === "running" && task.startedAt) return <Counting task={task} since={task.startedAt} />;
  if (task.durationMs !== undefined) return <>{durationText(task.durationMs)}</>;
  if (task.status === "pending")
    return (
      <span className="faint" title="Waiting since it was queued">
        waits <ShortTime at={task.queuedAt} />
      </span>
    );
  return <span className="faint">–</span>;
}

function Counting({ task, since }: { task: Task; since: string }) {
  const ms = Date.parse(since);
  const text = useTicking((now) => clockDuration(now - ms));
  if (!task.slow) return <>{text}</>;
  const usual = task.usualMs === undefined ? "" : `; 95 in 100 of its type end within ${durationText(task.usualMs)}`;
  return (
    <span className="slow" title={`Takes more than twice its usual time${usual}`}>
      {text} <b>slow</b>
    </span>
  );
}
