import type { SavedView, ViewSearch } from "@daybook/contract";
import type { LogSearch } from "../../../lib/range.ts";

/** What the address of a saved view says. */
export function searchOfView(view: SavedView): LogSearch {
  const { columns, ...search } = view.search;
  return { ...defined(search), ...(columns && { columns: columns.join() }), view: view.id };
}

/** What of an address a view keeps. `columns` are those on the screen when they are not the screen's own. */
export function viewSearchOf(search: LogSearch, columns: readonly string[] | null): ViewSearch {
  const { q, range, from, to, order } = search;
  return { ...defined({ q, range, from, to, order }), ...(columns && { columns: [...columns] }) };
}

/** Whether the screen shows something else than the view that was opened. */
export function isChanged(view: SavedView, search: LogSearch): boolean {
  const keys = ["q", "range", "from", "to", "order", "columns"] as const;
  const saved = searchOfView(view);
  return keys.some((key) => (saved[key] ?? "") !== (search[key] ?? ""));
}

/** Without what is undefined. */
function defined<T extends object>(all: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
