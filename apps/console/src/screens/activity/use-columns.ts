import { useCallback, useMemo } from "react";
import { chooseColumns, chosenColumns, columnsChosen } from "../../lib/display.ts";
import { usePreference } from "../../lib/preference.ts";
import { type Column, type ColumnName, columnNames } from "./table/columns.tsx";
import { columnsOf, fitting } from "./table/fitting.ts";
import type { LogView } from "./view.ts";

export interface Columns {
  /** Those that are wanted, in their order. */
  names: readonly ColumnName[];
  /** Those that are drawn. */
  shown: readonly Column[];
  /** There is room for two lines a row only, which have their own columns. */
  narrow: boolean;
  /** Whether they are other than the screen's own. */
  chosen: boolean;
  toggle: (name: ColumnName) => void;
  /** Puts a column at another place among those that are wanted; the first place is 0. */
  move: (name: ColumnName, to: number) => void;
  reset: () => void;
}

/** The columns of a screen: those that the address names, else those that the reader chose, else the screen's own. Of the screen's own only
 *  those are drawn that there is room for; chosen ones are all drawn, and the table scrolls. A
 *  narrow row has its own. */
export function useColumns(
  { lens, search, change }: LogView,
  room: { widthPx: number; dated: boolean; narrow: boolean },
): Columns {
  const { widthPx, dated, narrow } = room;
  const stored = usePreference(chosenColumns);
  const named = search.columns;
  const wanted = known(named?.split(",") ?? columnsChosen(stored, lens.screen) ?? []);
  const chosen = wanted.length > 0;
  const key = (chosen ? wanted : lens.columns).join();
  const names = useMemo(() => key.split(",") as ColumnName[], [key]);
  const shown = useMemo(() => {
    if (narrow) return columnsOf(["time", lens.narrow.lead, ...lens.narrow.under, "outcome"], lens.heads);
    const all = columnsOf(names, lens.heads);
    return chosen ? all : fitting(all, widthPx, dated);
  }, [names, lens, chosen, widthPx, dated, narrow]);
  const choose = useCallback(
    (next: readonly ColumnName[] | null) => {
      if (named === undefined) chooseColumns(lens.screen, next);
      else change({ columns: next?.join() }, { replace: true });
    },
    [named, lens.screen, change],
  );
  const toggle = useCallback((name: ColumnName) => choose(toggledColumn(names, name)), [choose, names]);
  const move = useCallback((name: ColumnName, to: number) => choose(movedColumn(names, name, to)), [choose, names]);
  const reset = useCallback(() => {
    chooseColumns(lens.screen, null);
    if (named !== undefined) change({ columns: undefined }, { replace: true });
  }, [lens.screen, named, change]);
  return useMemo(
    () => ({ names, shown, narrow, chosen, toggle, move, reset }),
    [names, shown, narrow, chosen, toggle, move, reset],
  );
}

/** A column that is there goes; one that is not comes in where the list of all columns has it. The last one stays. */
function toggledColumn(names: readonly ColumnName[], name: ColumnName): ColumnName[] {
  if (names.includes(name)) return names.length > 1 ? names.filter((each) => each !== name) : [...names];
  const place = columnNames.indexOf(name);
  const before = names.findLastIndex((each) => columnNames.indexOf(each) < place);
  return names.toSpliced(before + 1, 0, name);
}

function movedColumn(names: readonly ColumnName[], name: ColumnName, to: number): ColumnName[] {
  return names.filter((each) => each !== name).toSpliced(to, 0, name);
}

function known(names: readonly string[]): ColumnName[] {
  return columnNames.filter((name) => names.includes(name)).length === 0
    ? []
    : names.filter((name): name is ColumnName => columnNames.some((each) => each === name));
}
