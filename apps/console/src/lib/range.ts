/** The ranges that one key press or click chooses. `all` has no beginning. The buckets leave room for steps of 15 min, 1 h, 6 h and 1 d. */
export const quickRanges = [
  { name: "24h", label: "24 h", words: "Last 24 hours", ms: 86_400_000, buckets: 100 },
  { name: "7d", label: "7 d", words: "Last 7 days", ms: 7 * 86_400_000, buckets: 180 },
  { name: "30d", label: "30 d", words: "Last 30 days", ms: 30 * 86_400_000, buckets: 130 },
  { name: "90d", label: "90 d", words: "Last 90 days", ms: 90 * 86_400_000, buckets: 100 },
  { name: "all", label: "All", words: "All time", ms: null, buckets: 120 },
] as const;

export type RangeName = (typeof quickRanges)[number]["name"];

export const defaultRange: RangeName = "7d";

/** What the address of a log screen says; all of the screen's state. */
export interface LogSearch {
  q?: string;
  range?: RangeName;
  /** RFC 3339. With `from` or `to` the range is a custom one. */
  from?: string;
  to?: string;
  /** The id of the event in the side panel. */
  event?: string;
  order?: "asc";
  /** Names of columns with commas between; left out, the reader's own choice. */
  columns?: string;
  /** The id of the saved view that was opened. */
  view?: string;
}

/** Takes from an address what is understood; the rest is dropped, so that an old link still opens. */
export function readLogSearch(search: Record<string, unknown>): LogSearch {
  const read: LogSearch = {};
  if (typeof search.q === "string" && search.q.trim() !== "") read.q = search.q;
  const range = quickRanges.find((each) => each.name === search.range);
  const from = instant(search.from);
  const to = instant(search.to);
  if (from) read.from = from;
  if (to) read.to = to;
  if (range && !from && !to && range.name !== defaultRange) read.range = range.name;
  if (typeof search.event === "string" && search.event !== "") read.event = search.event;
  if (search.order === "asc") read.order = "asc";
  if (typeof search.columns === "string" && /^[a-z]+(,[a-z]+)*$/.test(search.columns)) read.columns = search.columns;
  if (typeof search.view === "string" && search.view !== "") read.view = search.view;
  return read;
}

/** A range in instants. Without `to` it ends now, and new events belong to it. */
export interface Span {
  from?: string | undefined;
  to?: string | undefined;
  buckets: number;
}

/** The instants of the address's range. A quick range begins on a whole minute, so that reloads ask the same thing. */
export function spanOf(search: LogSearch, nowMs: number): Span {
  if (search.from || search.to) return { from: search.from, to: search.to, buckets: 120 };
  const range = quickRanges.find((each) => each.name === (search.range ?? defaultRange)) ?? quickRanges[1];
  if (range.ms === null) return { buckets: range.buckets };
  return { from: new Date(Math.floor((nowMs - range.ms) / 60_000) * 60_000).toISOString(), buckets: range.buckets };
}

/** Whether a span goes back further than ages in days are told. */
export function isLong({ from }: Span): boolean {
  return from === undefined || Date.now() - Date.parse(from) > 8 * 86_400_000;
}

function instant(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
