import type { TaskDetail } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { taskQuery } from "../../../api/tasks.ts";
import { durationText } from "../../../lib/duration-text.ts";
import { Failure, Skeleton } from "../../../ui/states.tsx";
import { JsonTree } from "../../activity/panel/json-tree.tsx";
import { LogPane } from "../lines/log-pane.tsx";
import { Duration, Progress, StatusMark } from "../status-mark.tsx";
import { Attempts } from "./attempts.tsx";
import { Happenings } from "./happenings.tsx";
import { TaskActs } from "./task-acts.tsx";
import { TaskFacts } from "./task-facts.tsx";
import "./task-page.css";

interface TaskInFullProps {
  workspace: string;
  id: string;
  layout: "page" | "panel";
}

/** One task in full: how far it is, what it wrote, why it failed, what happened to it. */
export function TaskInFull({ workspace, id, layout }: TaskInFullProps) {
  const read = useQuery(taskQuery(workspace, id));
  if (read.data) return <Parts workspace={workspace} task={read.data} layout={layout} />;
  if (read.isError) return <Failure error={read.error} retry={() => void read.refetch()} />;
  return <Skeleton lines={14} label="Reading the task" />;
}

function Parts({ workspace, task, layout }: { workspace: string; task: TaskDetail; layout: "page" | "panel" }) {
  const [attempt, setAttempt] = useState<number | null>(null);
  const shown = attempt === null ? undefined : task.attempts.find((each) => each.attempt === attempt);
  const error = shown ? shown.error : task.error;
  return (
    <article className="task" data-layout={layout}>
      <header className="task-head">
        <h2>{task.title}</h2>
        <p className="task-state">
          <StatusMark status={task.status} />
          <span>
            <Duration task={task} />
          </span>
          {task.usualMs === undefined ? null : (
            <span className="faint" title="The p95 of its type over the last days">
              usually up to {durationText(task.usualMs)}
            </span>
          )}
          {task.attempt > 1 ? <span className="soft">attempt {task.attempt}</span> : null}
        </p>
        {task.status === "pending" ? null : <Progress task={task} label={`Progress of ${task.title}`} />}
        <TaskActs workspace={workspace} task={task} />
      </header>
      {error ? <Why error={error} attempt={shown?.attempt} /> : null}
      <div className="task-output">
        {task.attempts.length > 1 ? <Attempts attempts={task.attempts} chosen={attempt} onChoose={setAttempt} /> : null}
        <LogPane workspace={workspace} task={task} attempt={attempt} />
      </div>
      <div className="task-side">
        <TaskFacts workspace={workspace} task={task} />
        <Happenings workspace={workspace} task={task} />
        <Tree name="Payload" value={task.payload} />
        <Tree name="Result" value={task.result} />
      </div>
    </article>
  );
}

/** Why it failed, in words, with the code and what else is known. */
function Why({ error, attempt }: { error: NonNullable<TaskDetail["error"]>; attempt: number | undefined }) {
  return (
    <section className="task-why" aria-label="Why it failed">
      <p>
        <b>{attempt === undefined ? "Failed" : `Attempt ${attempt} failed`}</b>
        {error.code ? <code>{error.code}</code> : null}
      </p>
      <p className="task-message">{error.message}</p>
      {error.details === undefined ? null : <JsonTree value={error.details} />}
    </section>
  );
}

function Tree({ name, value }: { name: string; value: TaskDetail["payload"] }) {
  if (value === undefined || value === null) return null;
  return (
    <section>
      <h3>{name}</h3>
      <JsonTree value={value} />
    </section>
  );
}
