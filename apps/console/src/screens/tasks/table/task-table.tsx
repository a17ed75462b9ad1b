// biome-ignore-all lint/a11y/useSemanticElements: a table element cannot be drawn in part and scrolled at 60 frames a second
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its active row
import type { Task } from "@daybook/contract";
import { useRef } from "react";
import type { RowCursor } from "../../../ui/row-cursor.ts";
import { useFollowing, useRowWindow } from "../../../ui/row-window.ts";
import { Skeleton } from "../../../ui/states.tsx";
import "../../activity/table/table.css";
import { briefColumns, TaskRow, taskColumns } from "./task-row.tsx";

/** Of a row, comfortable and compact; of one with two lines. */
const ROW_PX = [33, 26] as const;
const NARROW_ROW_PX = [58, 52] as const;
/** As wide as all columns need; a narrower table scrolls sideways. */
const WIDTH_PX = 1132;
const BRIEF_WIDTH_PX = 634;

interface TaskTableProps {
  rows: readonly Task[];
  narrow: boolean;
  compact: boolean;
  cursor: RowCursor;
  selectedId: string | undefined;
  hasMore: boolean;
  readingMore: boolean;
  onMore: () => void;
  onOpen: (task: Task) => void;
  /** Whether the reader is at the top with the pointer elsewhere: then new rows may come in by themselves. */
  onFollow: (follows: boolean) => void;
}

/** The tasks as a grid of which only what is seen is drawn. */
export function TaskTable(props: TaskTableProps) {
  const { rows, cursor, narrow, compact } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const rowPx = (props.narrow ? NARROW_ROW_PX : ROW_PX)[props.compact ? 1 : 0];
  const virtual = useRowWindow(scroller, { ...props, count: rows.length, rowPx });
  const items = virtual.getVirtualItems();
  useFollowing(scroller, props.onFollow);
  const onClick = (click: React.MouseEvent) => {
    const id = (click.target as Element).closest<HTMLElement>("[data-task]")?.dataset.task;
    const task = rows.find((each) => each.id === id);
    if (!task || getSelection()?.toString()) return;
    cursor.put(task.id);
    props.onOpen(task);
  };
  const brief = props.selectedId !== undefined && !narrow;
  const columns = brief ? briefColumns : taskColumns;
  const cursorRow = rows[cursor.index];
  const cursorSeen = items.some((item) => item.index === cursor.index);
  return (
    <div className="table tasks-table" ref={scroller} data-narrow={narrow} data-compact={compact}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the screen's keys move and open */}
      <div
        role="grid"
        id="tasks"
        tabIndex={0}
        aria-label="Tasks"
        aria-rowcount={props.hasMore ? -1 : rows.length + 1}
        aria-colcount={columns.length}
        aria-activedescendant={cursorSeen && cursorRow ? `row-${cursorRow.id}` : undefined}
        style={
          {
            height: virtual.getTotalSize() + (props.hasMore ? rowPx : 0),
            "--columns": columns.map((column) => column.width).join(" "),
            "--row": `${rowPx}px`,
            minWidth: narrow ? undefined : brief ? BRIEF_WIDTH_PX : WIDTH_PX,
          } as React.CSSProperties
        }
        onClick={onClick}
        onFocus={(focus) => focus.currentTarget.matches(":focus-visible") && cursor.enter()}
      >
        <Head columns={columns} />
        <div role="rowgroup">
          {items.map((item) => {
            const task = rows[item.index];
            return task ? (
              <TaskRow
                key={task.id}
                task={task}
                index={item.index}
                top={item.start}
                cursor={cursor.index === item.index}
                selected={task.id === props.selectedId}
                narrow={narrow}
                columns={columns}
              />
            ) : null;
          })}
        </div>
      </div>
      {props.hasMore ? (
        <div className="more" style={{ top: virtual.getTotalSize() }}>
          <Skeleton lines={1} label="Reading older tasks" />
        </div>
      ) : null}
    </div>
  );
}

function Head({ columns }: { columns: typeof briefColumns | typeof taskColumns }) {
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
