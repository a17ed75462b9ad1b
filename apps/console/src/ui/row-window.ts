import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect } from "react";

/** Height of the line of column heads; a narrow table has none. */
const HEAD_PX = 31;
const OVERSCAN_ROWS = 14;
/** The next page is read when so many rows are left below the screen. */
const READ_AHEAD_ROWS = 60;

interface RowWindow {
  count: number;
  /** All rows are of the same height. */
  rowPx: number;
  narrow: boolean;
  cursor: { index: number; id: string | null };
  hasMore: boolean;
  readingMore: boolean;
  onMore: () => void;
}

/** Which rows of a table are drawn; reads on before the last one comes into sight, and keeps the cursor in sight. */
export function useRowWindow(scroller: React.RefObject<HTMLElement | null>, parts: RowWindow) {
  const { count, rowPx, narrow, cursor, hasMore, readingMore, onMore } = parts;
  const headPx = narrow ? 0 : HEAD_PX;
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: OVERSCAN_ROWS,
    paddingStart: headPx,
    scrollPaddingStart: headPx,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the rows are measured anew when their height changes
  useEffect(() => virtual.measure(), [rowPx]);
  const lastSeen = virtual.getVirtualItems().at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !readingMore && lastSeen >= count - READ_AHEAD_ROWS) onMore();
  }, [hasMore, readingMore, onMore, lastSeen, count]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a cursor that moves scrolls, not rows that come in above it
  useEffect(() => {
    if (cursor.index >= 0) virtual.scrollToIndex(cursor.index, { align: "auto" });
  }, [cursor.id, virtual]);
  return virtual;
}

/** Tells whether the table is scrolled to its top and neither the pointer nor the focus is in it. */
export function useFollowing(
  scroller: React.RefObject<HTMLElement | null>,
  onFollow: (follows: boolean) => void,
): void {
  useEffect(() => {
    const table = scroller.current;
    if (!table) return;
    let inside = false;
    const tell = () => onFollow(table.scrollTop < 2 && !inside && !table.contains(document.activeElement));
    const point = (event: Event) => {
      inside = event.type === "pointerenter";
      tell();
    };
    const later = () => setTimeout(tell);
    const watched = [
      ["pointerenter", point],
      ["pointerleave", point],
      ["scroll", tell],
      ["focusin", tell],
      ["focusout", later],
    ] as const;
    tell();
    for (const [name, act] of watched) table.addEventListener(name, act, { passive: true });
    return () => {
      for (const [name, act] of watched) table.removeEventListener(name, act);
    };
  }, [scroller, onFollow]);
}
