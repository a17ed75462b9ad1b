import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useLayoutEffect, useState } from "react";

/** Of a line that does not wrap. */
const LINE_PX = 19;
/** Lines drawn above and below what is seen. */
const OVERSCAN = 12;

interface LineWindow {
  heightPx: number;
  items: readonly { index: number; start: number }[];
  /** Measures a drawn line; only of those that wrap. */
  measure: ((element: HTMLElement | null) => void) | undefined;
  scrollTo: (row: number) => void;
}

/** Which lines are drawn. Lines that do not wrap are all of one height, so that a hundred thousand need no list of places. */
export function useLineWindow(scroller: RefObject<HTMLElement | null>, rows: number, wraps: boolean): LineWindow {
  const virtual = useVirtualizer({
    count: wraps ? rows : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    overscan: OVERSCAN,
    enabled: wraps,
  });
  const seen = useSeen(scroller, !wraps);
  if (wraps)
    return {
      heightPx: virtual.getTotalSize(),
      items: virtual.getVirtualItems(),
      measure: virtual.measureElement,
      scrollTo: (row) => virtual.scrollToIndex(row, { align: "center" }),
    };
  const first = Math.max(0, Math.min(seen.first, rows - seen.count) - OVERSCAN);
  const last = Math.min(rows, seen.first + seen.count + OVERSCAN);
  return {
    heightPx: rows * LINE_PX,
    items: Array.from({ length: Math.max(0, last - first) }, (_, at) => ({
      index: first + at,
      start: (first + at) * LINE_PX,
    })),
    measure: undefined,
    scrollTo: (row) => {
      const pane = scroller.current;
      if (pane) pane.scrollTop = row * LINE_PX - pane.clientHeight / 2;
    },
  };
}

/** The first line that is seen, and how many. */
function useSeen(scroller: RefObject<HTMLElement | null>, wanted: boolean): { first: number; count: number } {
  const [seen, setSeen] = useState({ first: 0, count: 60 });
  useLayoutEffect(() => {
    const pane = scroller.current;
    if (!pane || !wanted) return;
    const look = () => {
      const first = Math.floor(pane.scrollTop / LINE_PX);
      const count = Math.ceil(pane.clientHeight / LINE_PX) + 1;
      setSeen((before) => (before.first === first && before.count === count ? before : { first, count }));
    };
    look();
    pane.addEventListener("scroll", look, { passive: true });
    const observer = new ResizeObserver(look);
    observer.observe(pane);
    return () => {
      pane.removeEventListener("scroll", look);
      observer.disconnect();
    };
  }, [scroller, wanted]);
  return seen;
}

/** So near the end counts as at the end. */
const NEAR_END_PX = 30;

/** Keeps the end in sight while more comes, until somebody scrolls up. */
export function useTail(scroller: RefObject<HTMLElement | null>, heightPx: number) {
  const [follows, setFollows] = useState(true);
  useEffect(() => {
    const pane = scroller.current;
    if (!pane) return;
    let top = pane.scrollTop;
    const onScroll = () => {
      const atEnd = pane.scrollHeight - pane.scrollTop - pane.clientHeight < NEAR_END_PX;
      // What grows below moves nobody: only a move upwards ends it.
      if (atEnd) setFollows(true);
      else if (pane.scrollTop < top) setFollows(false);
      top = pane.scrollTop;
    };
    pane.addEventListener("scroll", onScroll, { passive: true });
    return () => pane.removeEventListener("scroll", onScroll);
  }, [scroller]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the height grows, the end lies elsewhere
  useLayoutEffect(() => {
    const pane = scroller.current;
    if (pane && follows) pane.scrollTop = pane.scrollHeight;
  }, [scroller, follows, heightPx]);
  return { follows, setFollows };
}
