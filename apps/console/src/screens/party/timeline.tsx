import type { Event } from "@daybook/contract";
import { type ReactNode, useCallback, useMemo, useRef, useState } from "react";
import { density } from "../../lib/display.ts";
import { useMedia } from "../../lib/media.ts";
import { usePreference } from "../../lib/preference.ts";
import { isLong } from "../../lib/range.ts";
import { useWidth } from "../../lib/size.ts";
import { Failure, Skeleton } from "../../ui/states.tsx";
import "../activity/activity.css";
import { FacetLists } from "../activity/facets/facets.tsx";
import { HistogramBars } from "../activity/histogram/histogram.tsx";
import { NewRows } from "../activity/live-button.tsx";
import { NoRows } from "../activity/no-rows.tsx";
import { EventPanel } from "../activity/panel/event-panel.tsx";
import { Table } from "../activity/table/table.tsx";
import { type Columns, useColumns } from "../activity/use-columns.ts";
import { type Cursor, useCursor } from "../activity/use-cursor.ts";
import { useKeys } from "../activity/use-keys.ts";
import { useRows } from "../activity/use-rows.ts";
import { useLogView } from "../activity/view.ts";

/** Everything of one party in one table: the body of a log screen without its search box. */
export function Timeline({ header }: { header: ReactNode }) {
  const view = useLogView();
  const { search, question, change } = view;
  const narrow = useMedia("(width < 760px)");
  const [paused, setPaused] = useState(false);
  const found = useRows(view, !paused);
  const table = useRef<HTMLElement>(null);
  const columns = useColumns(view, { widthPx: useWidth(table), dated: isLong(question.span), narrow });
  const cursor = useCursor(found.rows, columns.shown);
  const openId = search.event;
  const open = useCallback(
    (event: Event) => change({ event: event.id }, { replace: openId !== undefined }),
    [change, openId],
  );
  const close = useCallback(() => change({ event: undefined }), [change]);
  const { rows, reveal } = found;
  const nothing = () => undefined;
  const link = () => location.href;
  useKeys({
    ...{ view, rows, columns, cursor, open, close, reveal, link },
    togglePause: () => setPaused(!paused),
    save: nothing,
  });
  const opened = useMemo(() => rows.find((event) => event.id === openId), [rows, openId]);
  return (
    <div className="activity party" data-panel={openId !== undefined}>
      {header}
      <HistogramBars />
      <div className="activity-body">
        {narrow ? null : (
          <aside className="facets" aria-label="Most frequent">
            <FacetLists />
          </aside>
        )}
        <Rows table={table} found={found} narrow={narrow} columns={columns} cursor={cursor} onOpen={open} />
        {openId ? <EventPanel id={openId} known={opened} narrow={narrow} onClose={close} /> : null}
      </div>
    </div>
  );
}

interface RowsProps {
  table: React.RefObject<HTMLElement | null>;
  found: ReturnType<typeof useRows>;
  narrow: boolean;
  columns: Columns;
  cursor: Cursor;
  onOpen: (event: Event) => void;
}

function Rows({ table, found, narrow, columns, cursor, onOpen }: RowsProps) {
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
  return (
    <section ref={table} className="rows" aria-label="Events" data-waiting={pages.isPlaceholderData}>
      <NewRows live={live} onShow={reveal} />
      {pages.isPending ? (
        <Skeleton lines={12} label="Reading the log" />
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
          after={null}
        />
      )}
    </section>
  );
}
