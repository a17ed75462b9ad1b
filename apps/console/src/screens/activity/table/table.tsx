// biome-ignore-all lint/a11y/useSemanticElements: a table element cannot be drawn in part and scrolled at 60 frames a second
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its active cell
import type { Event } from "@daybook/contract";
import { useRef } from "react";
import { usePreference } from "../../../lib/preference.ts";
import { zone, zoneLabel } from "../../../lib/zone.ts";
import { useFollowing, useRowWindow } from "../../../ui/row-window.ts";
import { Skeleton } from "../../../ui/states.tsx";
import type { Cursor } from "../use-cursor.ts";
import type { Column } from "./columns.tsx";
import { gridOf } from "./fitting.ts";
import { Row } from "./row.tsx";
import "./table.css";

/** Of a row, comfortable and compact; of one with two lines. */
const ROW_PX = [33, 26] as const;
const NARROW_ROW_PX = [58, 50] as const;

interface TableProps {
  rows: readonly Event[];
  columns: readonly Column[];
  narrow: boolean;
  compact: boolean;
  /** The range goes back so far that times are dates. */
  dated: boolean;
  cursor: Cursor;
  selectedId: string | undefined;
  order: "asc" | "desc";
  hasMore: boolean;
  readingMore: boolean;
  onMore: () => void;
  onOrder: () => void;
  onOpen: (event: Event) => void;
  /** Whether the reader is at the top with the pointer elsewhere: then new rows may come in by themselves. */
  onFollow: (follows: boolean) => void;
  /** What stands below the last row. */
  after: React.ReactNode;
}

/** The events as a grid of which only what is seen is drawn. */
export function Table(props: TableProps) {
  const { rows, columns, cursor } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const rowPx = (props.narrow ? NARROW_ROW_PX : ROW_PX)[props.compact ? 1 : 0];
  const virtual = useRowWindow(scroller, { ...props, count: rows.length, rowPx });
  const items = virtual.getVirtualItems();
  useFollowing(scroller, props.onFollow);
  const onClick = (click: React.MouseEvent) => {
    const cell = (click.target as Element).closest<HTMLElement>("[data-column]");
    const event = rows.find((each) => each.id === cell?.closest<HTMLElement>("[data-event]")?.dataset.event);
    if (!event || !cell || getSelection()?.toString()) return;
    cursor.put(event.id, cell.dataset.column ?? "what");
    props.onOpen(event);
  };
  const grid = gridOf(columns, props.dated);
  const cursorSeen = items.some((item) => item.index === cursor.index);
  return (
    <div className="table" ref={scroller} data-narrow={props.narrow} data-compact={props.compact}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the screen's keys move and open */}
      <div
        role="grid"
        id="events"
        tabIndex={0}
        aria-label="Events"
        aria-rowcount={props.hasMore ? -1 : rows.length + 1}
        aria-colcount={columns.length}
        aria-activedescendant={cursorSeen ? "cursor-cell" : undefined}
        style={
          {
            height: virtual.getTotalSize() + (props.hasMore ? rowPx : 0),
            "--columns": grid.template,
            "--row": `${rowPx}px`,
            minWidth: props.narrow ? undefined : grid.widthPx,
          } as React.CSSProperties
        }
        onClick={onClick}
        onFocus={(focus) => focus.currentTarget.matches(":focus-visible") && cursor.enter()}
      >
        <Head columns={columns} order={props.order} onOrder={props.onOrder} />
        <div role="rowgroup">
          {items.map((item) => {
            const event = rows[item.index];
            if (!event) return null;
            return (
              <Row
                key={event.id}
                event={event}
                columns={columns}
                index={item.index}
                top={item.start}
                cursor={cursor.index === item.index ? cursor.column : null}
                selected={event.id === props.selectedId}
                narrow={props.narrow}
              />
            );
          })}
        </div>
      </div>
      {props.hasMore ? (
        <div className="more" style={{ top: virtual.getTotalSize() }}>
          <Skeleton lines={1} label="Reading older events" />
        </div>
      ) : null}
      {props.after}
    </div>
  );
}

interface HeadProps {
  columns: readonly Column[];
  order: "asc" | "desc";
  onOrder: () => void;
}

function Head({ columns, order, onOrder }: HeadProps) {
  const choice = usePreference(zone);
  return (
    <div role="rowgroup" className="head">
      <div role="row" className="row" aria-rowindex={1}>
        {columns.map((column) =>
          column.name === "time" ? (
            <div
              role="columnheader"
              key={column.name}
              className="cell time"
              aria-sort={order === "asc" ? "ascending" : "descending"}
            >
              <button
                type="button"
                tabIndex={-1}
                onClick={onOrder}
                title={`Times in ${zoneLabel(choice)}; click to turn the order round`}
              >
                Time {order === "asc" ? "↑" : "↓"}
              </button>
            </div>
          ) : (
            <div role="columnheader" key={column.name} className={`cell ${column.name}`}>
              {column.head}
            </div>
          ),
        )}
      </div>
    </div>
  );
}
