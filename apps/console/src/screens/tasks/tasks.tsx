import { useCallback, useState } from "react";
import { useOfferedActs } from "../../frame/acts.ts";
import { useRowKeys } from "../../frame/row-keys.ts";
import { ScreenHeader } from "../../frame/screen-header.tsx";
import { useMedia } from "../../lib/media.ts";
import { FoundTable } from "../../ui/found-rows.tsx";
import { useRowCursor } from "../../ui/row-cursor.ts";
import { SearchField } from "../../ui/search-field.tsx";
import "../activity/activity.css";
import "../activity/bar/bar.css";
import { LiveButton } from "../activity/live-button.tsx";
import { RangePicker } from "../activity/range-picker.tsx";
import { useRangeView } from "../activity/range-view.ts";
import { LogViewProvider } from "../activity/view.ts";
import { Findings } from "../findings/findings.tsx";
import { BulkActs } from "./bulk-acts.tsx";
import { TaskCharts } from "./charts/charts.tsx";
import { NoTasks } from "./no-tasks.tsx";
import { TaskPanel } from "./page/task-panel.tsx";
import { StatusTabs } from "./status-tabs.tsx";
import { TaskTable } from "./table/task-table.tsx";
import "./tasks.css";
import { type TaskView, TaskViewProvider, useTaskAddress } from "./use-task-view.ts";
import { useTasks } from "./use-tasks.ts";
import { WordFilters } from "./word-filters.tsx";

/** Every long job: charts, filters, the table of tasks as they are now, and the panel of the one that is open. */
export function Tasks() {
  const view = useTaskAddress();
  const { search, change } = view;
  const narrow = useMedia("(width < 760px)");
  const [paused, setPaused] = useState(false);
  const found = useTasks(view, !paused);
  const { rows, reveal } = found;
  const cursor = useRowCursor(rows);
  const { task: openId } = search;
  const open = useCallback((id: string) => change({ task: id }, { replace: openId !== undefined }), [change, openId]);
  const close = useCallback(() => change({ task: undefined }), [change]);
  const togglePause = () => setPaused(!paused);
  useRowKeys({ grid: "tasks", search: "task-search", cursor, openId, open, close, reveal, togglePause });
  useTaskActs(view);
  const live = paused ? "off" : found.status;
  return (
    <TaskViewProvider value={view}>
      <LogViewProvider value={useRangeView(view)}>
        <div className="activity tasks-screen" data-panel={openId !== undefined}>
          <ScreenHeader name="Tasks">
            <SearchField id="task-search" label="Search tasks" placeholder="Title, name, error, payload" view={view} />
            <div className="controls">
              <RangePicker />
              <LiveButton status={live} paused={paused} possible={!search.to} onToggle={togglePause} />
              <BulkActs view={view} />
            </div>
          </ScreenHeader>
          <Findings screen="tasks" />
          <div className="lens-bar">
            <StatusTabs view={view} ready={found.settled} />
            <WordFilters view={view} rows={rows} />
            {search.parent ? <ParentFilter view={view} /> : null}
          </div>
          <div className="tasks-body">
            <div className="tasks-main">
              <TaskCharts view={view} ready={found.settled} />
              <FoundTable
                what="task"
                {...{ found, openId, narrow, cursor }}
                onOpen={open}
                table={(grid) => <TaskTable {...grid} />}
                none={<NoTasks view={view} />}
              />
            </div>
            {openId ? <TaskPanel id={openId} narrow={narrow} onClose={close} /> : null}
          </div>
        </div>
      </LogViewProvider>
    </TaskViewProvider>
  );
}

/** The filter of a bulk act's parts, which nobody types. */
function ParentFilter({ view }: { view: TaskView }) {
  return (
    <button type="button" className="quick" aria-pressed="true" onClick={() => view.change({ parent: undefined })}>
      Parts of one task ×
    </button>
  );
}

/** What the palette offers on this screen. */
function useTaskActs({ change }: TaskView): void {
  useOfferedActs(() => [
    {
      group: "Tasks",
      name: "Tasks that failed",
      words: "failed errors",
      run: () => change({ status: "failed", slow: undefined }),
    },
    {
      group: "Tasks",
      name: "Tasks running now",
      words: "running progress",
      run: () => change({ status: "running", slow: undefined }),
    },
    {
      group: "Tasks",
      name: "Tasks running too long",
      words: "slow stuck",
      run: () => change({ slow: "true", status: undefined }),
    },
  ]);
}
