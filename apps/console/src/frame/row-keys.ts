import { density, otherDensity } from "../lib/display.ts";
import { zone } from "../lib/zone.ts";
import type { RowCursor } from "../ui/row-cursor.ts";
import { usePageKeys } from "./use-page-keys.ts";

interface KeysOf {
  /** The ids of the elements: the grid of rows, and the field that searches them. */
  grid: string;
  search: string;
  cursor: RowCursor;
  openId: string | undefined;
  open: (id: string) => void;
  close: () => void;
  reveal: () => void;
  togglePause: () => void;
  exportRows?: () => void;
}

const steps: Record<string, number> = {
  j: 1,
  k: -1,
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 15,
  PageUp: -15,
  Home: -1e9,
  End: 1e9,
};

/** The keys of a list whose rows open beside it; they rest while somebody types or a dialog is open. */
export function useRowKeys(parts: KeysOf): void {
  usePageKeys((event) => press(event, parts));
}

/** Does what a key means. Returns whether it means anything. */
function press(event: KeyboardEvent, { grid, search, cursor, openId, ...acts }: KeysOf): boolean {
  const within = (selector: string) => event.target instanceof Element && event.target.closest(selector) !== null;
  const inTable = within(`#${grid}`);
  const step = steps[event.key];
  if (step !== undefined && (inTable || event.key.length === 1) && !within(".log-pane")) {
    const to = cursor.move(step);
    if (!inTable) document.getElementById(grid)?.focus({ preventScroll: true });
    if (to && openId !== undefined) acts.open(to);
    return true;
  }
  if (event.key === "Enter" && cursor.id !== null && !within("button, a, summary, [role=slider]")) {
    acts.open(cursor.id);
    return true;
  }
  if (event.key === "Escape" && openId !== undefined) {
    acts.close();
    return true;
  }
  const act = {
    "/": () => document.getElementById(search)?.focus(),
    d: () => density.set(otherDensity(density.get())),
    z: () => zone.set(zone.get() === "UTC" ? "local" : "UTC"),
    p: acts.togglePause,
    e: acts.exportRows,
    n: acts.reveal,
  }[event.key];
  act?.();
  return act !== undefined;
}
