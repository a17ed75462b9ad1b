import type { Event } from "@daybook/contract";
import { usePageKeys } from "../../frame/use-page-keys.ts";
import { density, otherDensity } from "../../lib/display.ts";
import { zone } from "../../lib/zone.ts";
import { copyText } from "../../ui/copy-button.tsx";
import { openPopup } from "../../ui/popup.tsx";
import { toggled } from "./search/query-text.ts";
import type { Columns } from "./use-columns.ts";
import type { Cursor } from "./use-cursor.ts";
import type { LogView } from "./view.ts";

interface KeysOf {
  view: LogView;
  rows: readonly Event[];
  columns: Columns;
  cursor: Cursor;
  open: (event: Event) => void;
  close: () => void;
  reveal: () => void;
  togglePause: () => void;
  save: () => void;
  link: () => string;
}

/** The keys of a log screen; they rest while somebody types or a dialog is open. */
export function useKeys(parts: KeysOf): void {
  usePageKeys((event) => press(event, parts));
}

/** Does what a key means. Returns whether it means anything. */
function press(event: KeyboardEvent, { view, rows, columns, cursor, ...acts }: KeysOf): boolean {
  const inTable = event.target instanceof Element && event.target.closest("#events") !== null;
  const onControl =
    event.target instanceof Element && event.target.closest("button, a, summary, [role=slider]") !== null;
  const current = rows[cursor.index];
  const step = steps[event.key];
  if (step !== undefined && (inTable || !event.key.startsWith("Arrow"))) {
    const to = cursor.move(step);
    if (!inTable) document.getElementById("events")?.focus({ preventScroll: true });
    if (to && view.search.event !== undefined) acts.open(to);
    return true;
  }
  if (inTable && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
    cursor.moveColumn(event.key === "ArrowLeft" ? -1 : 1);
    return true;
  }
  if (event.key === "Enter" && !onControl && current) {
    acts.open(current);
    return true;
  }
  if (event.key === "Escape" && view.search.event !== undefined) {
    acts.close();
    return true;
  }
  if ((event.key === "f" || event.key === "F") && current) {
    filterByCell(view, columns, current, cursor.column, event.key === "F");
    return true;
  }
  const act = {
    "/": focusSearch,
    e: () => openPopup("export"),
    c: () => openPopup("view"),
    d: () => density.set(otherDensity(density.get())),
    z: () => zone.set(zone.get() === "UTC" ? "local" : "UTC"),
    s: acts.save,
    y: () => void copyText(acts.link()),
    p: acts.togglePause,
    n: acts.reveal,
  }[event.key];
  act?.();
  return act !== undefined;
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
/** `f` on a time shows what happened this long before and after it. */
const AROUND_MS = 5 * 60_000;

function filterByCell(view: LogView, columns: Columns, event: Event, column: string, negate: boolean): void {
  if (column === "time") {
    const ms = Date.parse(event.occurredAt);
    const iso = (at: number) => new Date(at).toISOString();
    view.change({ from: iso(ms - AROUND_MS), to: iso(ms + AROUND_MS), range: undefined });
    return;
  }
  const filter = columns.shown.find((each) => each.name === column)?.filter(event);
  if (filter)
    view.change({ q: toggled(view.question.q, filter.key, filter.value, negate) || undefined, event: undefined });
}

function focusSearch(): void {
  const box = document.getElementById("search");
  if (box instanceof HTMLInputElement) {
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  }
}
