// biome-ignore-all lint/a11y/useSemanticElements: as in table.tsx
// biome-ignore-all lint/a11y/useFocusableInteractive: as in table.tsx
import type { Event } from "@daybook/contract";
import { memo } from "react";
import type { Column } from "./columns.tsx";

interface RowProps {
  event: Event;
  columns: readonly Column[];
  index: number;
  top: number;
  /** The column that the keys are on, if they are on this row. */
  cursor: string | null;
  selected: boolean;
  narrow: boolean;
}

/** Where the cells of a row with two lines stand. */
const places = ["at", "lead", "under", "beside", "end"] as const;

/** One event. Narrow, it has two lines. */
export const Row = memo(function Row({ event, columns, index, top, cursor, selected, narrow }: RowProps) {
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
      {columns.map((column, place) => (
        <div
          role="gridcell"
          key={column.name}
          id={cursor === column.name ? "cursor-cell" : undefined}
          className={narrow ? `cell ${column.name} ${places[place]}` : `cell ${column.name}`}
          data-column={column.name}
          data-cursor={cursor === column.name}
        >
          {column.cell(event)}
        </div>
      ))}
    </div>
  );
});
