import { type ReactNode, useCallback, useEffect } from "react";
import { density } from "../lib/display.ts";
import { plural } from "../lib/numbers.ts";
import { usePreference } from "../lib/preference.ts";
import type { RowCursor } from "./row-cursor.ts";
import type { RowGridProps } from "./row-grid.tsx";
import { Failure, Skeleton } from "./states.tsx";

/** Rows that are read page by page and change as they are looked at. */
export interface FoundRows<Row> {
  rows: readonly Row[];
  /** Whether `rows` are those of the filter as it is now. */
  settled: boolean;
  pages: {
    data?: { pages: readonly { items: readonly Row[] }[] } | undefined;
    error: Error | null;
    isPending: boolean;
    isError: boolean;
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    fetchNextPage: () => unknown;
    refetch: () => unknown;
  };
  /** New rows that are not shown yet, so that nothing jumps under the pointer. */
  state: { waiting: number; overflow: boolean };
  store: { follows: () => boolean };
  reveal: () => void;
  /** More came than were read. */
  gap?: boolean;
}

interface FoundRowsProps<Row extends { id: string }> {
  /** One of them: "task". */
  what: string;
  found: FoundRows<Row>;
  openId: string | undefined;
  narrow: boolean;
  cursor: RowCursor;
  onOpen: (id: string) => void;
  table: (grid: RowGridProps<Row>) => ReactNode;
  /** What stands for the table when nothing is found. */
  none: ReactNode;
}

/** The table, or what stands for it while there is none. */
export function FoundTable<Row extends { id: string }>(props: FoundRowsProps<Row>) {
  const { what, found, openId, narrow, cursor, onOpen } = props;
  const { pages, rows, state, store, settled, reveal, gap } = found;
  const compact = usePreference(density) === "compact";
  const onMore = useCallback(() => void pages.fetchNextPage(), [pages.fetchNextPage]);
  const onFollow = useCallback(
    (follows: boolean) => {
      store.follows = () => follows && openId === undefined;
    },
    [store, openId],
  );
  useEffect(() => {
    // Nothing can jump in an empty table: the first row is shown as soon as it comes.
    if (rows.length === 0) store.follows = () => true;
  }, [store, rows.length]);
  const { waiting, overflow } = state;
  const [hasMore, readingMore] = [pages.hasNextPage, pages.isFetchingNextPage];
  const name = `${what[0]?.toUpperCase()}${what.slice(1)}s found`;
  return (
    <section className="rows" aria-label={name} data-waiting={!settled && rows.length > 0}>
      {waiting > 0 ? (
        <button type="button" className="new-rows" onClick={reveal} aria-keyshortcuts="n">
          ↑ {overflow || gap ? "Many" : waiting} new
        </button>
      ) : null}
      <span className="only-read" role="status">
        {waiting > 0 ? `${plural(waiting, `new ${what}`)}. Press n to show.` : ""}
      </span>
      {rows.length > 0 ? (
        props.table({
          ...{ rows, narrow, compact, cursor, selectedId: openId, hasMore, readingMore, onMore, onFollow },
          onOpen: (row) => onOpen(row.id),
        })
      ) : pages.isError && pages.error ? (
        <Failure error={pages.error} retry={() => void pages.refetch()} />
      ) : pages.isPending || !settled || pages.data?.pages.some((page) => page.items.length > 0) ? (
        <Skeleton lines={16} label={`Reading the ${what}s`} />
      ) : (
        props.none
      )}
    </section>
  );
}
