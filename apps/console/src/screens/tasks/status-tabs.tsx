import { type TaskStatus, taskStatuses } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { taskCountsQuery } from "../../api/tasks.ts";
import { shortCount } from "../../lib/numbers.ts";
import { StatusTab } from "../../ui/status-tab.tsx";
import type { TaskView } from "./use-task-view.ts";

/** The states as tabs, each with the number of tasks that the rest of the filter finds in it. */
export function StatusTabs({ view, ready }: { view: TaskView; ready: boolean }) {
  const { workspace, filter, search, change } = view;
  const counts = useQuery({ ...taskCountsQuery({ workspace, filter }), enabled: ready }).data;
  const sum = counts && Object.values(counts).reduce((all, { value }) => all + value, 0);
  const capped = counts && Object.values(counts).some(({ relation }) => relation === "gte");
  const text = (status: TaskStatus) => {
    const found = counts?.[status];
    return found && `${shortCount(found.value)}${found.relation === "gte" ? "+" : ""}`;
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
    <div className="status-tabs" role="group" aria-label="Status">
      <StatusTab
        name="All"
        count={sum === undefined ? undefined : `${shortCount(sum)}${capped ? "+" : ""}`}
        chosen={search.status === undefined && search.slow === undefined}
        onChoose={() => change({ status: undefined, slow: undefined })}
      />
      {taskStatuses.map((status) => (
        <StatusTab
          key={status}
          name={status}
          count={text(status)}
          chosen={search.status?.split(",").includes(status) ?? false}
          onChoose={() => change({ status, slow: undefined })}
        />
      ))}
      <StatusTab
        name="slow"
        title="Running for more than twice their usual time"
        count={undefined}
        chosen={search.slow === "true"}
        onChoose={() => change({ slow: "true", status: undefined })}
      />
    </div>
  );
}
