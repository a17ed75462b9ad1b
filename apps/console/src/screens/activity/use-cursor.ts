import type { Event } from "@daybook/contract";
import { useCallback, useMemo, useState } from "react";
import type { Column } from "./table/columns.tsx";

/** Where the keys are in the table: a row by its event, and a column. */
export interface Cursor {
  id: string | null;
  index: number;
  column: string;
  put: (id: string, column?: string) => void;
  /** Moves by rows; from nowhere, to the first row. Returns the event it comes to. */
  move: (rows: number) => Event | undefined;
  moveColumn: (step: number) => void;
  /** The focus came in with the keyboard: some row must have the cursor. */
  enter: () => void;
}

export function useCursor(rows: readonly Event[], shown: readonly Column[]): Cursor {
  const [id, setId] = useState<string | null>(null);
  const [column, setColumn] = useState<string>("what");
  const index = useMemo(() => (id === null ? -1 : rows.findIndex((event) => event.id === id)), [rows, id]);
  const put = useCallback((to: string, in_?: string) => {
    setId(to);
    if (in_) setColumn(in_);
  }, []);
  const move = useCallback(
    (by: number) => {
      const to = rows[index < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, index + by))];
      if (to) setId(to.id);
      return to;
    },
    [rows, index],
  );
  const moveColumn = useCallback(
    (step: number) =>
      setColumn((before) => {
        const at = shown.findIndex((each) => each.name === before);
        return shown[Math.max(0, Math.min(shown.length - 1, Math.max(at, 0) + step))]?.name ?? before;
      }),
    [shown],
  );
  const enter = useCallback(() => {
    if (index < 0 && rows[0]) setId(rows[0].id);
  }, [rows, index]);
  return useMemo(
    () => ({ id, index, column, put, move, moveColumn, enter }),
    [id, index, column, put, move, moveColumn, enter],
  );
}
