import { useCallback, useMemo, useState } from "react";

/** Which row the keys are on, by the id of what it shows. */
export interface RowCursor {
  id: string | null;
  index: number;
  put: (id: string) => void;
  /** Moves by rows; from nowhere, to the first. Returns the id it comes to. */
  move: (rows: number) => string | undefined;
  /** The focus came in with the keyboard: some row must have the cursor. */
  enter: () => void;
}

export function useRowCursor(rows: readonly { id: string }[]): RowCursor {
  const [id, setId] = useState<string | null>(null);
  const index = useMemo(() => (id === null ? -1 : rows.findIndex((row) => row.id === id)), [rows, id]);
  const move = useCallback(
    (by: number) => {
      const to = rows[index < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, index + by))]?.id;
      if (to) setId(to);
      return to;
    },
    [rows, index],
  );
  const enter = useCallback(() => {
    if (index < 0 && rows[0]) setId(rows[0].id);
  }, [rows, index]);
  return useMemo(() => ({ id, index, put: setId, move, enter }), [id, index, move, enter]);
}
