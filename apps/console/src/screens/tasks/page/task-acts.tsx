import type { TaskDetail } from "@daybook/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { cancelTask, retryTask, taskQuery } from "../../../api/tasks.ts";
import { useMay } from "../../../lib/may.ts";
import { plural } from "../../../lib/numbers.ts";
import { Confirm } from "../../../ui/confirm.tsx";
import { Ago } from "../../../ui/time.tsx";

/** What may be done with a task in its state, and what the panel was asked for. */
export function TaskActs({ workspace, task }: { workspace: string; task: TaskDetail }) {
  const client = useQueryClient();
  const mayRetry = useMay("tasks.retry");
  const mayCancel = useMay("tasks.cancel");
  const { queryKey } = taskQuery(workspace, task.id);
  const act = useMutation({
    mutationFn: (name: "retry" | "cancel") => (name === "retry" ? retryTask : cancelTask)(workspace, task.id),
    onSuccess: (changed) => {
      client.setQueryData(queryKey, { ...task, ...changed });
      void client.invalidateQueries({ queryKey });
    },
    // Somebody else, or the task itself, was faster: show how it stands now.
    onError: () => void client.invalidateQueries({ queryKey }),
  });
  const waiting = task.request?.state === "waiting";
  const canRetry = mayRetry && task.status === "failed" && task.retryable && !waiting;
  const canCancel = mayCancel && task.status === "pending" && !waiting;
  return (
    <>
      {canRetry || canCancel ? (
        <div className="actions">
          {canRetry ? (
            <button type="button" className="btn small" disabled={act.isPending} onClick={() => act.mutate("retry")}>
              Try again
            </button>
          ) : null}
          {canCancel ? (
            <Confirm
              name="Cancel the task"
              danger
              title={`Cancel “${task.title}”?`}
              act="Cancel the task"
              onAct={() => act.mutate("cancel")}
            >
              It has not begun. It will not run, and stays in the list as cancelled.
            </Confirm>
          ) : null}
        </div>
      ) : null}
      {mayRetry && task.status === "failed" && !task.retryable ? (
        <p className="faint">Its type is not marked as safe to run twice, so it is not tried again.</p>
      ) : null}
      {task.request ? <Asked request={task.request} /> : null}
      {act.isError ? (
        <p className="fault" role="alert">
          {act.error.message}
        </p>
      ) : null}
    </>
  );
}

/** How far it is with what the panel was asked for. */
function Asked({ request }: { request: NonNullable<TaskDetail["request"]> }) {
  const { act, state, tries, nextTryAt, askedAt, answer } = request;
  const what = act === "retry" ? "to try again" : "to cancel";
  const said = answer ? <span className="soft"> Last answer: {answer}</span> : null;
  if (state === "waiting")
    return (
      <p className="notice warn" role="status">
        <b>Waiting for the panel.</b> It was asked {what} <Ago at={askedAt} />; {plural(tries, "try", "tries")} so far
        {nextTryAt ? (
          <>
            , next <Ago at={nextTryAt} />
          </>
        ) : null}
        .{said}
      </p>
    );
  if (state === "failed")
    return (
      <p className="notice bad" role="status">
        <b>The panel did not take it.</b> It was asked {what} <Ago at={askedAt} />, {plural(tries, "try", "tries")}.
        {said}
      </p>
    );
  return (
    <p className="faint">
      The panel took the request {what} <Ago at={askedAt} />.
    </p>
  );
}
