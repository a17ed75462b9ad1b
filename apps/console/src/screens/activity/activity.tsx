import type { Event } from "@daybook/contract";
import { useCallback, useMemo, useState } from "react";
import { Problem } from "../../api/request.ts";
import { ScreenHeader } from "../../frame/screen-header.tsx";
import { useMedia } from "../../lib/media.ts";
import { Icon } from "../../ui/icon.tsx";
import { Modal } from "../../ui/modal.tsx";
import { openPopup } from "../../ui/popup.tsx";
import { Failure, Skeleton } from "../../ui/states.tsx";
import "./activity.css";
import { ExportMenu } from "./export-menu.tsx";
import { FacetLists } from "./facets/facets.tsx";
import { HistogramBars } from "./histogram/histogram.tsx";
import { LiveButton, NewRows } from "./live-button.tsx";
import { NoRows } from "./no-rows.tsx";
import { EventPanel } from "./panel/event-panel.tsx";
import { RangePicker } from "./range-picker.tsx";
import { faultOfProblem } from "./search/fault.ts";
import { SearchBox } from "./search/search-box.tsx";
import { Table } from "./table/table.tsx";
import { useCursor } from "./use-cursor.ts";
import { useKeys } from "./use-keys.ts";
import { useRows } from "./use-rows.ts";
import { ActivityViewProvider, useAddress } from "./view.ts";

/** The log: search box, ranges, histogram, facets, the table of events, and the panel of the one that is open. */
export function Activity() {
  const view = useAddress();
  const { workspace, search, question, change } = view;
  const narrow = useMedia("(width < 760px)");
  const [paused, setPaused] = useState(false);
  const { pages, rows, live, feed, canLive, reveal } = useRows(view, !paused);
  const cursor = useCursor(rows, isShown);
  const { event: openId } = search;
  const open = useCallback(
    (event: Event) => change({ event: event.id }, { replace: openId !== undefined }),
    [change, openId],
  );
  const close = useCallback(() => change({ event: undefined }), [change]);
  const onMore = useCallback(() => void pages.fetchNextPage(), [pages.fetchNextPage]);
  const onFollow = useCallback(
    (follows: boolean) => {
      feed.follows = () => follows && openId === undefined;
    },
    [feed, openId],
  );
  useKeys({
    view,
    rows,
    cursor,
    open,
    close,
    reveal,
    togglePause: () => setPaused(!paused),
    startExport: () => openPopup("export"),
  });
  const opened = useMemo(() => rows.find((event) => event.id === openId), [rows, openId]);
  const fault = faultOfProblem(pages.error);
  return (
    <ActivityViewProvider value={view}>
      <div className="activity" data-panel={openId !== undefined}>
        <ScreenHeader name="Activity">
          <SearchBox
            workspace={workspace}
            q={question.q}
            refused={fault}
            onApply={(q) => change({ q: q || undefined, event: undefined })}
          />
          <div className="controls">
            <RangePicker />
            {narrow ? <FacetSheet /> : null}
            <LiveButton status={live.status} paused={paused} possible={canLive} onToggle={() => setPaused(!paused)} />
            <ExportMenu />
          </div>
        </ScreenHeader>
        <HistogramBars />
        <div className="activity-body">
          {narrow ? null : (
            <aside className="facets" aria-label="Filters">
              <FacetLists />
            </aside>
          )}
          <section className="rows" aria-label="Events found" data-waiting={pages.isPlaceholderData}>
            <NewRows waiting={live.waiting} onShow={reveal} />
            {pages.isPending ? (
              <Skeleton lines={18} label="Reading the log" />
            ) : pages.isError && !pages.data ? (
              <Failure error={fault ? queryProblem(fault.message) : pages.error} retry={() => void pages.refetch()} />
            ) : rows.length === 0 ? (
              <NoRows />
            ) : (
              <Table
                rows={rows}
                narrow={narrow}
                cursor={cursor}
                selectedId={openId}
                order={question.order}
                hasMore={pages.hasNextPage}
                readingMore={pages.isFetchingNextPage}
                onMore={onMore}
                onOrder={() => change({ order: question.order === "asc" ? undefined : "asc" })}
                onOpen={open}
                onFollow={onFollow}
              />
            )}
          </section>
          {openId ? <EventPanel id={openId} known={opened} narrow={narrow} onClose={close} /> : null}
        </div>
      </div>
    </ActivityViewProvider>
  );
}

/** Whether a column is drawn at this width. */
function isShown(column: string): boolean {
  const head = document.querySelector(`#events .head .${column}`);
  return head === null || getComputedStyle(head).display !== "none";
}

function queryProblem(detail: string): Problem {
  return new Problem(400, { title: "The query is not understood", detail });
}

/** The facets where there is no room beside the table. */
function FacetSheet() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="btn" onClick={() => setOpen(true)}>
        <Icon name="filter" size={14} />
        <span className="word">Filters</span>
      </button>
      {open ? (
        <Modal label="Filters" className="dialog facet-sheet" onClose={() => setOpen(false)}>
          <FacetLists />
          <div className="actions">
            <button type="button" className="btn primary" onClick={() => setOpen(false)}>
              Show the events
            </button>
          </div>
        </Modal>
      ) : null}
    </>
  );
}
