// biome-ignore-all lint/a11y/useSemanticElements: a table element cannot be drawn in part and scrolled at 60 frames a second
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its active row
import { type ReactNode, useRef } from "react";
import "../screens/activity/table/table.css";
import type { RowCursor } from "./row-cursor.ts";
import { useFollowing, useRowWindow } from "./row-window.ts";
import { Skeleton } from "./states.tsx";

/** Of a row, comfortable and compact; of one with two lines. */
const ROW_PX = [33, 26] as const;
const NARROW_ROW_PX = [58, 52] as const;

export interface GridColumn {
  name: string;
  head: string;
  /** As in grid-template-columns. */
  width: string;
}

/** Where a row is, for whoever draws it. Its element has the id `row-` and that of the row. */
export interface RowPlace {
  index: number;
  top: number;
  cursor: boolean;
  selected: boolean;
  narrow: boolean;
}

/** What a table of rows needs that is read page by page. */
export interface RowGridProps<Row extends { id: string }> {
  rows: readonly Row[];
  narrow: boolean;
  compact: boolean;
  cursor: RowCursor;
  selectedId: string | undefined;
  hasMore: boolean;
  readingMore: boolean;
  onMore: () => void;
  onOpen: (row: Row) => void;
  /** Whether the reader is at the top with the pointer elsewhere: then new rows may come in by themselves. */
  onFollow: (follows: boolean) => void;
}

interface Drawing<Row extends { id: string }> extends RowGridProps<Row> {
  /** Of what, in lower case and the plural: "tasks". */
  what: string;
  label: string;
  columns: readonly GridColumn[];
  /** As wide as the columns need; a narrower table scrolls sideways. */
  widthPx: number;
  draw: (row: Row, place: RowPlace) => ReactNode;
  /** A click on something in a row that does something else; true if it did. */
  onInside?: (under: Element) => boolean;
}

/** Rows as a grid of which only what is seen is drawn. */
export function RowGrid<Row extends { id: string }>(props: Drawing<Row>) {
  const { rows, cursor, narrow, compact, columns, what } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const rowPx = (narrow ? NARROW_ROW_PX : ROW_PX)[compact ? 1 : 0];
  const virtual = useRowWindow(scroller, { ...props, count: rows.length, rowPx });
  const items = virtual.getVirtualItems();
  useFollowing(scroller, props.onFollow);
  const onClick = (click: React.MouseEvent) => {
    const under = click.target as Element;
    if (props.onInside?.(under)) return;
    const id = under.closest("[role=row][id]")?.id;
    const row = rows.find((each) => `row-${each.id}` === id);
    if (!row || getSelection()?.toString()) return;
    cursor.put(row.id);
    props.onOpen(row);
  };
  const cursorRow = rows[cursor.index];
  const cursorSeen = items.some((item) => item.index === cursor.index);
  return (
    <div className={`table ${what}-table`} ref={scroller} data-narrow={narrow} data-compact={compact}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the screen's keys move and open */}
      <div
        role="grid"
        id={what}
        tabIndex={0}
        aria-label={props.label}
        aria-rowcount={props.hasMore ? -1 : rows.length + 1}
        aria-colcount={columns.length}
        aria-activedescendant={cursorSeen && cursorRow ? `row-${cursorRow.id}` : undefined}
        style={
          {
            height: virtual.getTotalSize() + (props.hasMore ? rowPx : 0),
            "--columns": columns.map((column) => column.width).join(" "),
            "--row": `${rowPx}px`,
            minWidth: narrow ? undefined : props.widthPx,
          } as React.CSSProperties
        }
        onClick={onClick}
        onFocus={(focus) => focus.currentTarget.matches(":focus-visible") && cursor.enter()}
      >
        <Head columns={columns} />
        <div role="rowgroup">
          {items.map(({ index, start: top }) => {
            const row = rows[index];
            if (!row) return null;
            const [isCursor, selected] = [cursor.index === index, row.id === props.selectedId];
            return props.draw(row, { index, top, cursor: isCursor, selected, narrow });
          })}
        </div>
      </div>
      {props.hasMore ? (
        <div className="more" style={{ top: virtual.getTotalSize() }}>
          <Skeleton lines={1} label={`Reading older ${what}`} />
        </div>
      ) : null}
    </div>
  );
}

function Head({ columns }: { columns: readonly GridColumn[] }) {
  return (
    <div role="rowgroup" className="head">
      <div role="row" className="row" aria-rowindex={1}>
        {columns.map(({ name, head }) => (
          <div role="columnheader" key={name} className={`cell ${name}`}>
            {head}
          </div>
        ))}
      </div>
    </div>
  );
}
