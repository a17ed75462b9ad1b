import type { Event } from "@daybook/contract";
import { useCallback, useEffect, useMemo, useState } from "react";
import { ScreenHeader } from "../../frame/screen-header.tsx";
import { useMedia } from "../../lib/media.ts";
import { isLong } from "../../lib/range.ts";
import { Icon } from "../../ui/icon.tsx";
import { Modal } from "../../ui/modal.tsx";
import { openPopup } from "../../ui/popup.tsx";
import { Failure, Skeleton } from "../../ui/states.tsx";
import "./activity.css";
import { ExportMenu } from "./export-menu.tsx";
import { FacetLists } from "./facets/facets.tsx";
import { HistogramBars } from "./histogram/histogram.tsx";
import { LiveButton, NewRows } from "./live-button.tsx";
import { FirstHint, NoRows } from "./no-rows.tsx";
import { EventPanel } from "./panel/event-panel.tsx";
import { RangePicker } from "./range-picker.tsx";
import { faultOfProblem } from "./search/fault.ts";
import { SearchBox } from "./search/search-box.tsx";
import { Table } from "./table/table.tsx";
import { type Cursor, useCursor } from "./use-cursor.ts";
import { useKeys } from "./use-keys.ts";
import { useRows } from "./use-rows.ts";
import { ActivityViewProvider, useActivityView, useAddress } from "./view.ts";

/** A table as short as this may be one of a workspace that nothing was sent to yet. */
const FEW_ROWS = 12;

/** The log: search box, ranges, histogram, facets, the table of events, and the panel of the one that is open. */
export function Activity() {
  const view = useAddress();
  const { workspace, search, question, change } = view;
  const narrow = useMedia("(width < 760px)");
  const [paused, setPaused] = useState(false);
  const found = useRows(view, !paused);
  const cursor = useCursor(found.rows, isShown);
  const { event: openId } = search;
  const open = useCallback(
    (event: Event) => change({ event: event.id }, { replace: openId !== undefined }),
    [change, openId],
  );
  const close = useCallback(() => change({ event: undefined }), [change]);
  const { rows, reveal, live } = found;
  const togglePause = () => setPaused(!paused);
  useKeys({ view, rows, cursor, open, close, reveal, togglePause, startExport: () => openPopup("export") });
  const opened = useMemo(() => rows.find((event) => event.id === openId), [rows, openId]);
  return (
    <ActivityViewProvider value={view}>
      <div className="activity" data-panel={openId !== undefined}>
        <ScreenHeader name="Activity">
          <SearchBox
            workspace={workspace}
            q={question.q}
            refused={faultOfProblem(found.pages.error)}
            onApply={(q) => (q === question.q ? view.refresh() : change({ q: q || undefined, event: undefined }))}
          />
          <div className="controls">
            <RangePicker />
            {narrow ? <FacetSheet /> : null}
            <LiveButton status={live.status} paused={paused} possible={found.canLive} onToggle={togglePause} />
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
          <Found found={found} narrow={narrow} cursor={cursor} onOpen={open} />
          {openId ? <EventPanel id={openId} known={opened} narrow={narrow} onClose={close} /> : null}
        </div>
      </div>
    </ActivityViewProvider>
  );
}

interface FoundProps {
  found: ReturnType<typeof useRows>;
  narrow: boolean;
  cursor: Cursor;
  onOpen: (event: Event) => void;
}

/** The table, or what stands for it while there is none. */
function Found({ found, narrow, cursor, onOpen }: FoundProps) {
  const { search, question, change } = useActivityView();
  const { pages, rows, live, feed, reveal } = found;
  const onMore = useCallback(() => void pages.fetchNextPage(), [pages.fetchNextPage]);
  const onFollow = useCallback(
    (follows: boolean) => {
      feed.follows = () => follows && search.event === undefined;
    },
    [feed, search.event],
  );
  useEffect(() => {
    // Nothing can jump in an empty table: the first event is shown as soon as it comes.
    if (rows.length === 0) feed.follows = () => true;
  }, [feed, rows.length]);
  return (
    <section className="rows" aria-label="Events found" data-waiting={pages.isPlaceholderData}>
      <NewRows live={live} onShow={reveal} />
      {pages.isPending ? (
        <Skeleton lines={18} label="Reading the log" />
      ) : pages.isError && !pages.data ? (
        <Failure error={pages.error} retry={() => void pages.refetch()} />
      ) : rows.length === 0 ? (
        <NoRows />
      ) : (
        <Table
          rows={rows}
          narrow={narrow}
          dated={isLong(question.span)}
          cursor={cursor}
          selectedId={search.event}
          order={question.order}
          hasMore={pages.hasNextPage}
          readingMore={pages.isFetchingNextPage}
          onMore={onMore}
          onOrder={() => change({ order: question.order === "asc" ? undefined : "asc" })}
          onOpen={onOpen}
          onFollow={onFollow}
          after={question.q === "" && !pages.hasNextPage && rows.length <= FEW_ROWS ? <FirstHint /> : null}
        />
      )}
    </section>
  );
}

/** Whether a column is drawn at this width. */
function isShown(column: string): boolean {
  const head = document.querySelector(`#events .head .${column}`);
  return head === null || getComputedStyle(head).display !== "none";
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
