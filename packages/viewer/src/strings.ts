/** Every text of the component, in English. A page gives its own with `element.strings = { empty: "…" }`. */
export const defaultStrings = {
  label: "Activity",
  search: "Search",
  searchHint: "Search activity",
  kind: "Kind of action",
  anyKind: "All actions",
  outcome: "Outcome",
  anyOutcome: "Any outcome",
  success: "done",
  failure: "failed",
  denied: "denied",
  range: "Range",
  allTime: "All time",
  lastDay: "Last 24 hours",
  lastDays: "Last {n} days",
  clear: "Clear filters",
  fresh: "{n} new",
  more: "Load more",
  loading: "Loading",
  loaded: "{n} entries",
  loadedOne: "1 entry",
  live: "Live",
  reconnecting: "Reconnecting",
  empty: "Nothing has happened here yet",
  emptyHint: "What is done to your servers and your account appears here.",
  noMatch: "Nothing matches these filters",
  failed: "The activity could not be loaded",
  failedHint: "Check your connection, then try again.",
  retry: "Try again",
  expired: "This view has expired",
  expiredHint: "Reload the page to go on.",
  noToken: "There is no activity to show",
  noTokenHint: "The page gave no access token.",
  tasks: "Your tasks",
  pending: "waiting",
  running: "running",
  cancelled: "cancelled",
  mails: "Your mails",
  moreMails: "Load more mails",
  mailTo: "to {address}",
  waiting: "on its way",
  sent: "sent",
  delivered: "delivered",
  undelivered: "not delivered",
  you: "You",
  system: "System",
  api_key: "API",
  staff: "Support",
  anonymous: "Visitor",
  user: "User",
  when: "When",
  who: "Who",
  what: "Action",
  targets: "Target",
  reason: "Reason",
  from: "From",
  changes: "Changes",
  field: "Field",
  old: "Old",
  new: "New",
  changed: "changed, not shown",
  none: "none",
  details: "Details",
};

export type Strings = typeof defaultStrings;

/** A text with its places filled: `fill("{n} new", { n: 3 })` is "3 new". */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

const shortForms = new Set([
  "api",
  "cpu",
  "dns",
  "gb",
  "id",
  "io",
  "ip",
  "kb",
  "mb",
  "php",
  "ram",
  "ssh",
  "ssl",
  "tb",
  "url",
]);

/** A word of a program as people read it: `memoryMb` is "Memory MB", `disk_full` "Disk full". */
export function humanise(word: string): string {
  const spaced = word.replace(/[._-]+/g, " ").replace(/([a-z])([A-Z])/g, "$1 $2");
  const words = spaced.split(" ").map((part) => {
    const lower = part.toLowerCase();
    return shortForms.has(lower) ? part.toUpperCase() : part === part.toUpperCase() ? part : lower;
  });
  const text = words.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
