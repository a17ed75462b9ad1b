import { AppError, limits, type Moment, parseMoment, parseQuery } from "@daybook/contract";
import { z } from "zod";
import type { Sight } from "../sight.ts";
import { SearchPlan, type SearchScope } from "./plan.ts";

/** What every call that searches takes in its address. */
export const searchQuery = {
  q: z
    .string()
    .max(limits.queryLengthMax)
    .optional()
    .describe("A query in the query language; left out, everything. See docs/guides/search.md."),
  from: z.string().max(40).optional().describe("RFC 3339 time or date (UTC): only events from then on."),
  to: z.string().max(40).optional().describe("RFC 3339 time: only events before it; a date: up to its end."),
  workspace: z.string().max(100).optional().describe("The workspace's slug, for sessions; keys have one workspace."),
};

export const orderQuery = z.enum(["desc", "asc"]).default("desc").describe("Newest first, or oldest first.");

export interface SearchWords {
  q?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

/** Who searches: the part of `Access` that says where, and what may be seen there. */
export interface Searcher {
  workspaceId: number;
  sight: Sight;
}

/** The scope that a request asks for. Throws invalid_query, and invalid_request for a range that is none. */
export function scopeOf({ workspaceId, sight }: Searcher, { q = "", from, to }: SearchWords): SearchScope {
  const first = from === undefined || from === "" ? undefined : momentOf("from", from);
  const last = to === undefined || to === "" ? undefined : momentOf("to", to);
  return {
    workspaceId,
    sight,
    query: parseQuery(q),
    fromMs: first?.startMs,
    // A date is the whole day, a time the instant.
    toMs: last === undefined ? undefined : last.text.includes(":") ? last.startMs : last.endMs,
  };
}

/** The plan that a request asks for; see `scopeOf`. */
export const planOf = (searcher: Searcher, words: SearchWords): SearchPlan => new SearchPlan(scopeOf(searcher, words));

function momentOf(name: string, text: string): Moment {
  // A plus sign that was not escaped arrives as a space.
  const moment = parseMoment(text.replace(/ (?=\d\d:?\d\d$)/, (space, at: number) => (at > 10 ? "+" : space)));
  if (moment !== undefined) return moment;
  const detail = `'${text}' is no time for ${name}. Write 2026-11-20 or 2026-11-20T10:11:12Z.`;
  throw new AppError("invalid_request", detail, { extra: { parameter: name } });
}
