// biome-ignore-all lint/a11y/useSemanticElements: as in row-grid.tsx
// biome-ignore-all lint/a11y/useFocusableInteractive: as in row-grid.tsx
import type { Task } from "@daybook/contract";
import { memo } from "react";
import { ShortTime } from "../../../ui/time.tsx";
import { targetName } from "../../activity/sentence.ts";
import { Duration, Progress, StatusMark } from "../status-mark.tsx";

interface TaskRowProps {
  task: Task;
  index: number;
  top: number;
  cursor: boolean;
  selected: boolean;
  narrow: boolean;
  columns: readonly TaskColumn[];
}

/** What a row shows, in the order of the columns. */
export const taskColumns = [
  { name: "status", head: "Status", width: "122px" },
  { name: "title", head: "Task", width: "minmax(190px, 2.2fr)" },
  { name: "progress", head: "Progress", width: "124px" },
  { name: "took", head: "Duration", width: "138px" },
  { name: "attempt", head: "Try", width: "52px" },
  { name: "target", head: "Instance", width: "minmax(90px, 1fr)" },
  { name: "user", head: "User", width: "minmax(90px, 0.9fr)" },
  { name: "node", head: "Node", width: "minmax(80px, 0.7fr)" },
  { name: "type", head: "Type", width: "minmax(138px, 0.9fr)" },
  { name: "queued", head: "Queued", width: "92px" },
] as const;

type TaskColumn = (typeof taskColumns)[number];

/** Beside the panel of a task there is room for less. */
export const briefColumns = taskColumns.filter(({ name }) =>
  ["status", "title", "progress", "took", "queued"].includes(name),
);

/** One task. A change draws its row alone again. */
export const TaskRow = memo(function TaskRow({ task, index, top, cursor, selected, narrow, columns }: TaskRowProps) {
  const [target] = task.targets;
  const cells: Record<TaskColumn["name"], React.ReactNode> = {
    status: <StatusMark status={task.status} />,
    title: <TitleCell task={task} />,
    progress: task.status === "pending" || task.status === "cancelled" ? null : <Progress task={task} />,
    took: <Duration task={task} />,
    attempt: task.attempt > 1 ? <AttemptText task={task} /> : <span className="faint">1</span>,
    target: target ? <span title={`${target.type}/${target.id}`}>{targetName(target)}</span> : null,
    user: task.user ? <span title={task.user.id}>{task.user.name ?? task.user.id}</span> : null,
    node: task.node,
    type: <span className="mono">{task.type}</span>,
    queued: <ShortTime at={task.queuedAt} />,
  };
  return (
    <div
      role="row"
      id={`row-${task.id}`}
      className={narrow ? "row two-line" : "row"}
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-cursor={cursor}
      data-status={task.status}
      data-task={task.id}
      style={{ transform: `translateY(${top}px)` }}
    >
      {columns.map(({ name }) => (
        <div role="gridcell" key={name} className={`cell ${name}`}>
          {cells[name]}
        </div>
      ))}
    </div>
  );
});

/** The title, and behind it what there is to say: why it failed, or what it wrote last. */
function TitleCell({ task }: { task: Task }) {
  const { request, error, status, lastLine } = task;
  const said = status === "failed" ? error?.message : status === "running" ? lastLine : undefined;
  return (
    <>
      <b>{task.title}</b>
      {request?.state === "waiting" ? <span className="asked"> waiting for the panel</span> : null}
      {said ? <span className={status === "failed" ? "said bad" : "said"}> {withoutColours(said)}</span> : null}
    </>
  );
}

function withoutColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ESC begins a colour
  return text.replace(/\u001b\[[\d;:]*m/g, "");
}

function AttemptText({ task }: { task: Task }) {
  const { attempt, attemptsMax } = task;
  return (
    <span title={attempt <= attemptsMax ? `Attempt ${attempt} of ${attemptsMax}` : `Attempt ${attempt}`}>
      {attempt <= attemptsMax ? `${attempt}/${attemptsMax}` : attempt}
    </span>
  );
}
