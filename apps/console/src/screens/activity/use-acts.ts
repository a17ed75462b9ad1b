import { type Act, useOfferedActs } from "../../frame/acts.ts";
import { density, otherDensity } from "../../lib/display.ts";
import { quickRanges } from "../../lib/range.ts";
import { copyText } from "../../ui/copy-button.tsx";
import { openPopup } from "../../ui/popup.tsx";
import { columnNames, columns as everyColumn } from "./table/columns.tsx";
import type { Columns } from "./use-columns.ts";
import type { LogView } from "./view.ts";

interface ActsOf {
  view: LogView;
  columns: Columns;
  save: () => void;
  link: () => string;
  togglePause: () => void;
}

/** What the palette offers on a log screen. */
export function useScreenActs({ view, columns, save, link, togglePause }: ActsOf): void {
  useOfferedActs(() => {
    const { lens, change } = view;
    const act = (group: string, name: string, words: string, run: () => void): Act => ({ group, name, words, run });
    return [
      ...quickRanges.map((range) =>
        act("Range", range.words, range.label, () =>
          change({ range: range.name, from: undefined, to: undefined, event: undefined }),
        ),
      ),
      act("View", "Save this view", "keep bookmark name", save),
      act("View", "Copy the link to this view", "share url address", () => void copyText(link())),
      act("View", density.get() === "compact" ? "Comfortable rows" : "Compact rows", "density height", () =>
        density.set(otherDensity(density.get())),
      ),
      ...columnNames.map((name) => ({
        ...act(
          "Column",
          `${columns.names.includes(name) ? "Hide" : "Show"} the column ${lens.heads[name] ?? everyColumn[name].head}`,
          name,
          () => columns.toggle(name),
        ),
        hidden: true,
      })),
      ...(columns.chosen ? [act("Column", "Back to the usual columns", "reset", columns.reset)] : []),
      act("Log", "Export", "csv json download", () => openPopup("export")),
      act("Log", "Pause or go on", "live stream", togglePause),
    ];
  });
}

/** The address of what the screen shows, with its columns when they are not the usual ones, so that others see the same. */
export function linkToScreen(columns: Columns): string {
  const url = new URL(location.href);
  if (columns.chosen) url.searchParams.set("columns", columns.names.join());
  return url.href;
}
