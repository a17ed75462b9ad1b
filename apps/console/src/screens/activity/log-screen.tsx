import type { Event } from "@daybook/contract";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ScreenHeader } from "../../frame/screen-header.tsx";
import { density } from "../../lib/display.ts";
import { useMedia } from "../../lib/media.ts";
import { usePreference } from "../../lib/preference.ts";
import { isLong } from "../../lib/range.ts";
import { useWidth } from "../../lib/size.ts";
import { Failure, Skeleton } from "../../ui/states.tsx";
import "./activity.css";
import { LensBar } from "./bar/lens-bar.tsx";
import { ExportMenu } from "./export-menu.tsx";
import { FacetSheet } from "./facets/facet-sheet.tsx";
import { FacetLists } from "./facets/facets.tsx";
import { HistogramBars } from "./histogram/histogram.tsx";
import type { Lens } from "./lens.ts";
import { LiveButton, NewRows } from "./live-button.tsx";
import { FirstHint, NoRows } from "./no-rows.tsx";
import { EventPanel } from "./panel/event-panel.tsx";
import { RangePicker } from "./range-picker.tsx";
import { faultOfProblem } from "./search/fault.ts";
import { SearchBox } from "./search/search-box.tsx";
import { Table } from "./table/table.tsx";
import { linkToScreen, useScreenActs } from "./use-acts.ts";
import { type Columns, useColumns } from "./use-columns.ts";
import { type Cursor, useCursor } from "./use-cursor.ts";
import { useKeys } from "./use-keys.ts";
import { useRows } from "./use-rows.ts";
import { LogViewProvider, useAddress, useLogView } from "./view.ts";
import { ViewMenu } from "./view-menu.tsx";
import { SaveDialog } from "./views/save-dialog.tsx";

/** A table as short as this may be one of a workspace that nothing was sent to yet. */
const FEW_ROWS = 12;

/** The log through a lens: search box, ranges, quick filters, histogram, facets, the table of events, and the panel of the one that is open. */
export function LogScreen({ lens }: { lens: Lens }) {
  const address = useAddress(lens);
  const { workspace, search, question, change } = address;
  const narrow = useMedia("(width < 760px)");
  const [paused, setPaused] = useState(false);
  const [saving, setSaving] = useState(false);
  const found = useRows(address, !paused);
  const { rowsThere } = found;
  const view = useMemo(() => ({ ...address, rowsThere }), [address, rowsThere]);
  const table = useRef<HTMLElement>(null);
  const columns = useColumns(view, { widthPx: useWidth(table), dated: isLong(question.span), narrow });
  const cursor = useCursor(found.rows, columns.shown);
  const { event: openId } = search;
  const open = useCallback(
    (event: Event) => change({ event: event.id }, { replace: openId !== undefined }),
    [change, openId],
  );
  const close = useCallback(() => change({ event: undefined }), [change]);
  const { rows, reveal, live } = found;
  const togglePause = () => setPaused(!paused);
  const link = () => linkToScreen(columns);
  const save = () => setSaving(true);
  useKeys({ view, rows, columns, cursor, open, close, reveal, togglePause, save, link });
  useScreenActs({ view, columns, save, link, togglePause });
  const opened = useMemo(() => rows.find((event) => event.id === openId), [rows, openId]);
  return (
    <LogViewProvider value={view}>
      <div className="activity" data-panel={openId !== undefined} data-screen={lens.screen}>
        <ScreenHeader name={lens.title}>
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
            <ViewMenu columns={columns} onSave={save} link={link} />
            <ExportMenu />
          </div>
        </ScreenHeader>
        <LensBar />
        <HistogramBars />
        <div className="activity-body">
          {narrow ? null : (
            <aside className="facets" aria-label="Filters">
              <FacetLists />
            </aside>
          )}
          <Found table={table} found={found} narrow={narrow} columns={columns} cursor={cursor} onOpen={open} />
          {openId ? <EventPanel id={openId} known={opened} narrow={narrow} onClose={close} /> : null}
        </div>
        {saving ? (
          <SaveDialog columns={columns.chosen ? columns.names : null} onClose={() => setSaving(false)} />
        ) : null}
      </div>
    </LogViewProvider>
  );
}

interface FoundProps {
  table: React.RefObject<HTMLElement | null>;
  found: ReturnType<typeof useRows>;
  narrow: boolean;
  columns: Columns;
  cursor: Cursor;
  onOpen: (event: Event) => void;
}

/** The table, or what stands for it while there is none. */
function Found({ table, found, narrow, columns, cursor, onOpen }: FoundProps) {
  const { search, question, change } = useLogView();
  const chosenDensity = usePreference(density);
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
    <section ref={table} className="rows" aria-label="Events found" data-waiting={pages.isPlaceholderData}>
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
          columns={columns.shown}
          narrow={narrow}
          compact={chosenDensity === "compact"}
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
