import { useCallback, useEffect, useMemo, useState } from "react";
import { useOfferedActs } from "../../frame/acts.ts";
import { useRowKeys } from "../../frame/row-keys.ts";
import { ScreenHeader } from "../../frame/screen-header.tsx";
import { density } from "../../lib/display.ts";
import { useMedia } from "../../lib/media.ts";
import { plural } from "../../lib/numbers.ts";
import { usePreference } from "../../lib/preference.ts";
import { type RowCursor, useRowCursor } from "../../ui/row-cursor.ts";
import { SearchField } from "../../ui/search-field.tsx";
import { Failure, Skeleton } from "../../ui/states.tsx";
import "../activity/activity.css";
import "../activity/bar/bar.css";
import { logins } from "../activity/lens.ts";
import { LiveButton } from "../activity/live-button.tsx";
import { RangePicker } from "../activity/range-picker.tsx";
import { type LogView, LogViewProvider } from "../activity/view.ts";
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
              <Found view={view} found={found} narrow={narrow} cursor={cursor} onOpen={open} />
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

interface FoundProps {
  view: TaskView;
  found: ReturnType<typeof useTasks>;
  narrow: boolean;
  cursor: RowCursor;
  onOpen: (id: string) => void;
}

/** The table, or what stands for it while there is none. */
function Found({ view, found, narrow, cursor, onOpen }: FoundProps) {
  const { pages, rows, state, store, settled, reveal } = found;
  const chosenDensity = usePreference(density);
  const openId = view.search.task;
  const onMore = useCallback(() => void pages.fetchNextPage(), [pages.fetchNextPage]);
  const onFollow = useCallback(
    (follows: boolean) => {
      store.follows = () => follows && openId === undefined;
    },
    [store, openId],
  );
  useEffect(() => {
    // Nothing can jump in an empty table: the first task is shown as soon as it comes.
    if (rows.length === 0) store.follows = () => true;
  }, [store, rows.length]);
  const { waiting, overflow } = state;
  return (
    <section className="rows" aria-label="Tasks found" data-waiting={!settled && rows.length > 0}>
      {waiting > 0 ? (
        <button type="button" className="new-rows" onClick={reveal} aria-keyshortcuts="n">
          ↑ {overflow ? "Many" : waiting} new
        </button>
      ) : null}
      <span className="only-read" role="status">
        {waiting > 0 ? `${plural(waiting, "new task")}. Press n to show.` : ""}
      </span>
      {rows.length > 0 ? (
        <TaskTable
          rows={rows}
          narrow={narrow}
          compact={chosenDensity === "compact"}
          cursor={cursor}
          selectedId={openId}
          hasMore={pages.hasNextPage}
          readingMore={pages.isFetchingNextPage}
          onMore={onMore}
          onOpen={(task) => onOpen(task.id)}
          onFollow={onFollow}
        />
      ) : pages.isError ? (
        <Failure error={pages.error} retry={() => void pages.refetch()} />
      ) : pages.isPending || !settled || pages.data.pages.some((page) => page.items.length > 0) ? (
        <Skeleton lines={16} label="Reading the tasks" />
      ) : (
        <NoTasks view={view} />
      )}
    </section>
  );
}

/** The range of the address in the form that the range picker takes. */
function useRangeView({ workspace, search, filter, change, refresh }: TaskView): LogView {
  const { range, from, to } = search;
  return useMemo<LogView>(
    () => ({
      lens: logins,
      workspace,
      search: { ...(range && { range }), ...(from && { from }), ...(to && { to }) },
      question: { workspace, q: "", span: { from: filter.from, to: filter.to, buckets: 60 }, order: "desc" },
      rowsThere: true,
      endsNow: !to,
      change: (patch, options) => change(patch, options),
      refresh,
    }),
    [workspace, range, from, to, filter, change, refresh],
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
