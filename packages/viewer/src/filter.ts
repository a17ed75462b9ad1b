/** What the filter row asks for. */
export interface Filter {
  text: string;
  /** A piece of a query, from `actionGroups`; empty for all. */
  kind: string;
  outcome: "" | "success" | "failure" | "denied";
  /** Days back from now; 0 for all time. */
  days: number;
}

export const noFilter: Filter = { text: "", kind: "", outcome: "", days: 0 };

const DAY_MS = 86_400_000;

export const isFiltered = (filter: Filter): boolean =>
  filter.text.trim() !== "" || filter.kind !== "" || filter.outcome !== "" || filter.days > 0;

/** The filter as a query of the query language. Customers write words, not the language: each word is quoted. */
export function queryOf(filter: Filter, target: string | null): string {
  const words = filter.text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "");
  const terms = [
    target ? `target:${quoted(target)}` : "",
    filter.kind,
    filter.outcome === "" ? "" : `outcome:${filter.outcome}`,
    ...words.map(quoted),
  ];
  return terms.filter((term) => term !== "").join(" ");
}

/** Where the range begins, as the API takes it. */
export function fromOf(filter: Filter, nowMs: number): string | undefined {
  return filter.days > 0 ? new Date(nowMs - filter.days * DAY_MS).toISOString() : undefined;
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;
