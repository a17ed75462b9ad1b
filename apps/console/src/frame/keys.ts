/** Whether a key press belongs to a field, a menu or an open dialog rather than to the screen. */
export function isTyping(event: KeyboardEvent): boolean {
  if (!(event.target instanceof Element)) return false;
  if (event.target.closest("input, textarea, select, [contenteditable=true], [popover]")) return true;
  // The panel of an event fills a narrow screen as a dialog, but the screen's keys go on working in it.
  return document.querySelector("dialog[open]:not(.panel)") !== null;
}

/** Every key that the console knows, for the list that `?` opens. */
export const keyList = [
  { keys: ["/"], what: "Search" },
  { keys: ["Ctrl K"], what: "Go anywhere, choose a range, search again" },
  { keys: ["j", "k"], what: "Next row, previous row" },
  { keys: ["←", "→"], what: "Cell to the left, to the right" },
  { keys: ["Enter"], what: "Open the row" },
  { keys: ["Esc"], what: "Close what is open" },
  { keys: ["f"], what: "Filter by the cell" },
  { keys: ["Shift F"], what: "Exclude what the cell says" },
  { keys: ["n"], what: "Show new rows" },
  { keys: ["p"], what: "Pause, go on" },
  { keys: ["e"], what: "Export" },
  { keys: ["c"], what: "Columns, density, time zone" },
  { keys: ["d"], what: "Rows closer together, or wider" },
  { keys: ["z"], what: "Times in UTC, or in this browser's zone" },
  { keys: ["s"], what: "Save this view" },
  { keys: ["Ctrl S"], what: "Save the mail template" },
  { keys: ["y"], what: "Copy the link to this view" },
  { keys: ["?"], what: "This list" },
] as const;
