import { suppressionReasons } from "@daybook/contract";

export interface SuppressionSearch {
  q?: string;
  reason?: string;
}

/** Takes from an address what is understood. */
export function readSuppressionSearch(search: Record<string, unknown>): SuppressionSearch {
  const read: SuppressionSearch = {};
  if (typeof search.q === "string" && search.q.trim() !== "") read.q = search.q;
  if (suppressionReasons.some((reason) => reason === search.reason)) read.reason = String(search.reason);
  return read;
}
