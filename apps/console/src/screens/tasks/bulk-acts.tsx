import type { TaskFilter } from "@daybook/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { startBatch, taskCountsQuery } from "../../api/tasks.ts";
import { useMay } from "../../lib/may.ts";
import { plural } from "../../lib/numbers.ts";
import { Question } from "../../ui/confirm.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Popup } from "../../ui/popup.tsx";
import type { TaskView } from "./use-task-view.ts";

type BulkAct = "retry" | "cancel";

/** What an act takes in: retry the failed ones, cancel the pending ones. */
const statusOf = { retry: "failed", cancel: "pending" } as const;

/** Retry or cancel of all that the filter finds, as a task of its own, which is opened then. */
export function BulkActs({ view }: { view: TaskView }) {
  const mayRetry = useMay("tasks.retry");
  const mayCancel = useMay("tasks.cancel");
  const [asks, setAsks] = useState<BulkAct | null>(null);
  const { workspace, filter, change } = view;
  const counts = useQuery(taskCountsQuery({ workspace, filter })).data;
  const start = useMutation({
    mutationFn: (act: BulkAct) => startBatch(workspace, act, batchFilter(filter, act)),
    onSuccess: (task) => change({ task: task.id }),
  });
  if (!mayRetry && !mayCancel) return null;
  const applies = (act: BulkAct) =>
    filter.status === undefined || filter.status.split(",").includes(statusOf[act])
      ? counts?.[statusOf[act]]
      : undefined;
  const text = (act: BulkAct) => {
    const total = applies(act);
    return total ? `${plural(total.value, `${statusOf[act]} task`)}${total.relation === "gte" ? " or more" : ""}` : "";
  };
  const offer = (act: BulkAct, name: string) => (
    <button type="button" role="menuitem" className="item" disabled={!applies(act)?.value} onClick={() => setAsks(act)}>
      {name} <span className="end">{text(act) || "none"}</span>
    </button>
  );
  return (
    <>
      <button type="button" className="btn" popoverTarget="bulk-acts" aria-haspopup="menu" aria-label="All found">
        <Icon name="more" size={14} />
        <span className="word">All found</span>
      </button>
      <Popup id="bulk-acts" label="All found" role="menu" className="bulk-acts">
        {mayRetry ? offer("retry", "Retry what failed") : null}
        {mayCancel ? offer("cancel", "Cancel what is pending") : null}
      </Popup>
      {start.isError ? (
        <span className="fault" role="alert">
          {start.error.message}
        </span>
      ) : null}
      {asks ? (
        <Question
          title={asks === "retry" ? `Retry ${text("retry")}?` : `Cancel ${text("cancel")}?`}
          danger={asks === "cancel"}
          act={asks === "retry" ? "Retry them" : "Cancel them"}
          onAct={() => start.mutate(asks)}
          onClose={() => setAsks(null)}
        >
          {asks === "retry"
            ? "Each becomes a new attempt of the same task, if its type may be tried again. A task of its own does it and shows how far it is."
            : "Those that have begun in the meantime run on. A task of its own does it and shows how far it is."}
        </Question>
      ) : null}
    </>
  );
}

function batchFilter(filter: TaskFilter, act: BulkAct): TaskFilter {
  const { slow: _, ...others } = filter;
  return { ...others, status: statusOf[act] };
}
