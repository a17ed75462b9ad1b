import type { TaskDetail, TaskHappening } from "@daybook/contract";
import { Link } from "@tanstack/react-router";
import { ShortTime } from "../../../ui/time.tsx";
import { term } from "../../activity/search/query-text.ts";

const words: Record<TaskHappening, string> = {
  created: "Created",
  started: "Started",
  completed: "Completed",
  failed: "Failed",
  cancelled: "Cancelled",
  retried: "Tried again",
  lost: "Worker lost",
  timed_out: "Took too long",
  retry_requested: "Panel asked to try again",
  cancel_requested: "Panel asked to cancel",
};

/** What happened to a task, each with its event in the log. */
export function Happenings({ workspace, task }: { workspace: string; task: TaskDetail }) {
  const tries = task.attempts.length > 1;
  return (
    <section>
      <h3>What happened</h3>
      <ol className="happenings">
        {task.happenings.map(({ happening, at, attempt, eventId, by, note }) => (
          <li key={eventId} data-happening={happening}>
            <Link
              to="/w/$workspace/activity"
              params={{ workspace }}
              search={{ range: "all", event: eventId }}
              title="The event in the log"
            >
              {words[happening]}
            </Link>
            {by ? <span className="soft"> by {by}</span> : null}
            {tries ? <span className="faint"> · attempt {attempt}</span> : null}
            <span className="happened-at">
              <ShortTime at={at} />
            </span>
            {note ? <span className="happening-note">{note}</span> : null}
          </li>
        ))}
      </ol>
      <p>
        <Link
          to="/w/$workspace/activity"
          params={{ workspace }}
          search={{ range: "all", q: term("target", `task/${task.id}`) }}
        >
          Everything about this task in the record
        </Link>
      </p>
    </section>
  );
}
