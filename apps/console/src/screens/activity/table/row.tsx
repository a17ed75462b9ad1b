// biome-ignore-all lint/a11y/useSemanticElements: as in table.tsx
// biome-ignore-all lint/a11y/useFocusableInteractive: as in table.tsx
import type { Event } from "@daybook/contract";
import { memo } from "react";
import { columns } from "./cells.tsx";

interface RowProps {
  event: Event;
  index: number;
  top: number;
  /** The column that the keys are on, if they are on this row. */
  cursor: string | null;
  selected: boolean;
  narrow: boolean;
}

/** One event. Narrow, it has two lines: who and when, then what. */
export const Row = memo(function Row({ event, index, top, cursor, selected, narrow }: RowProps) {
  return (
    <div
      role="row"
      id={`row-${event.id}`}
      className={narrow ? "row two-line" : "row"}
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-cursor={cursor !== null}
      data-outcome={event.outcome}
      data-event={event.id}
      style={{ transform: `translateY(${top}px)` }}
    >
      {columns.map((column) => (
        <div
          role="gridcell"
          key={column.name}
          id={cursor === column.name ? "cursor-cell" : undefined}
          className={`cell ${column.name}`}
          data-column={column.name}
          data-cursor={cursor === column.name}
        >
          {column.cell(event)}
        </div>
      ))}
    </div>
  );
});
