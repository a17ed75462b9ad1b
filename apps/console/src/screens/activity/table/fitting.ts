import { type Column, type ColumnName, columns } from "./columns.tsx";

/** Times that are dates need more room than ages. */
const DATED_TIME_PX = 108;

/** The columns by their names, as a screen calls them. */
export function columnsOf(names: readonly ColumnName[], heads: Partial<Record<ColumnName, string>>): Column[] {
  return names.map((name) => ({ name, ...columns[name], head: heads[name] ?? columns[name].head }));
}

const widthOf = (column: Column, dated: boolean): number =>
  dated && column.name === "time" ? DATED_TIME_PX : column.width;

/** Those of the columns that there is room for, in their order: the least needed go first. All of them before the width is known (0). */
export function fitting(all: readonly Column[], widthPx: number, dated: boolean): Column[] {
  const kept = [...all];
  let needed = kept.reduce((sum, column) => sum + widthOf(column, dated), 0);
  while (widthPx > 0 && needed > widthPx && kept.length > 1) {
    const least = kept.reduce((found, column) => (column.keep < found.keep ? column : found));
    kept.splice(kept.indexOf(least), 1);
    needed -= widthOf(least, dated);
  }
  return kept;
}

/** The columns as `grid-template-columns`, and the least width of them all in pixels. */
export function gridOf(shown: readonly Column[], dated: boolean): { template: string; widthPx: number } {
  const tracks = shown.map((column) => {
    const width = `${widthOf(column, dated)}px`;
    return column.grow > 0 ? `minmax(${width}, ${column.grow}fr)` : width;
  });
  if (shown.every((column) => column.grow === 0)) tracks.push("1fr");
  return { template: tracks.join(" "), widthPx: shown.reduce((sum, column) => sum + widthOf(column, dated), 0) };
}
