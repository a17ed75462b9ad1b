import type { Event, InclusionProof, Outcome } from "@daybook/contract";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { Span } from "../lib/range.ts";
import { request } from "./request.ts";

/** Rows of the first page: enough for a tall screen. Later pages are longer, for whoever scrolls far. */
const FIRST_PAGE_ROWS = 100;
const NEXT_PAGE_ROWS = 500;

/** What is asked of the log: a query of the query language, a span of time and an order. */
export interface Question {
  workspace: string;
  q: string;
  /** What every event has to fulfil besides, on a screen that shows a part of the log. Stands last, so that a fault in `q` is where it is
   *  typed. */
  base?: string;
  span: Span;
  order: "asc" | "desc";
}

export interface Total {
  value: number;
  relation: "eq" | "gte";
}

export interface EventPage {
  items: Event[];
  nextCursor: string | null;
  total: Total;
}

/** What a count is of: everything ("eq"), or the newest events only ("gte"), those from `countedFrom` on. */
export interface Coverage {
  relation: Total["relation"];
  countedFrom?: string;
}

export interface Histogram extends Coverage {
  bucketMs: number;
  buckets: { start: string; total: number; byOutcome: Partial<Record<Outcome, number>> }[];
}

export interface ProvenEvent extends Event {
  proof?: InclusionProof;
  /** Why there is no proof, or why it does not fit the stored event. */
  proofFault?: string;
}

/** One event in full, with its proof. */
export function eventQuery(workspace: string, id: string) {
  return queryOptions({
    queryKey: ["event", workspace, id],
    staleTime: 60_000,
    queryFn: ({ signal }) => request<ProvenEvent>(`/events/${encodeURIComponent(id)}`, { workspace, signal }),
  });
}

/** The query that the server is asked: what was typed, and what the screen asks of every event. */
export function wholeQuery({ q, base }: Pick<Question, "q" | "base">): string {
  return [q, base].filter(Boolean).join(" ");
}

export function askFor(question: Question, more: Record<string, string | number | undefined> = {}): string {
  const params = new URLSearchParams();
  const q = wholeQuery(question);
  if (q) params.set("q", q);
  if (question.span.from) params.set("from", question.span.from);
  if (question.span.to) params.set("to", question.span.to);
  for (const [key, value] of Object.entries(more)) if (value !== undefined) params.set(key, String(value));
  return params.toString();
}

function keyOf(name: string, { workspace, q, base, span }: Question, ...more: unknown[]) {
  return [name, workspace, wholeQuery({ q, ...(base && { base }) }), span.from ?? "", span.to ?? "", ...more] as const;
}

/** What was there before stays until the new is read, unless it was another workspace's. */
function sameWorkspace({ workspace }: Question) {
  return <T>(before: T | undefined, query?: { queryKey: readonly unknown[] }): T | undefined =>
    query?.queryKey[1] === workspace ? before : undefined;
}

/** Pages of the table. They never go stale by themselves: what is new comes by the stream. */
export function eventsQuery(question: Question) {
  return infiniteQueryOptions({
    queryKey: keyOf("events", question, question.order),
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      request<EventPage>(
        `/events?${askFor(question, {
          limit: pageParam === "" ? FIRST_PAGE_ROWS : NEXT_PAGE_ROWS,
          cursor: pageParam || undefined,
          order: question.order === "asc" ? "asc" : undefined,
        })}`,
        { workspace: question.workspace, signal },
      ),
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: sameWorkspace(question),
    staleTime: Number.POSITIVE_INFINITY,
    // Going back asks anew: rows kept from before would hide what has happened since.
    gcTime: 0,
    // Comparing every row of every page to keep equal objects costs more than it saves.
    structuralSharing: false,
  });
}

/** The newest events once more: what happened between the reading of the first page and the opening of the stream. */
export function newestEvents(question: Question): Promise<EventPage> {
  return request(`/events?${askFor(question, { limit: 50 })}`, { workspace: question.workspace });
}

export function histogramQuery(question: Question) {
  return queryOptions({
    queryKey: keyOf("histogram", question, question.span.buckets),
    queryFn: ({ signal }) =>
      request<Histogram>(`/events/histogram?${askFor(question, { buckets: question.span.buckets })}`, {
        workspace: question.workspace,
        signal,
      }),
    placeholderData: sameWorkspace(question),
  });
}

/** How many events a query finds in all time; used beside links that lead on from an event. Asked as a histogram of one bar:
 *  a list would be recorded as a search, and nobody searched. */
export function totalQuery(workspace: string, q: string) {
  return queryOptions({
    queryKey: ["total", workspace, q],
    staleTime: 60_000,
    queryFn: async ({ signal }): Promise<Total> => {
      const params = new URLSearchParams({ buckets: "1" });
      if (q) params.set("q", q);
      const { buckets, relation } = await request<Histogram>(`/events/histogram?${params}`, { workspace, signal });
      return { value: buckets.reduce((sum, bucket) => sum + bucket.total, 0), relation };
    },
  });
}

/** Where an export of the question is; a plain link, so that the browser streams it to the disk. */
export function exportUrl(question: Question, format: "csv" | "json" | "ndjson"): string {
  return `/api/v1/events/export?${askFor(question, { format, workspace: question.workspace })}`;
}

/** Fields that a screen can show counts of. */
export type FacetField =
  | "outcome"
  | "action"
  | "actor"
  | "target"
  | "country"
  | "ip"
  | "kind"
  | "category"
  | "severity";

export interface FacetValue {
  value: string;
  label?: string;
  count: number;
}

export interface Facets extends Coverage {
  facets: Partial<Record<FacetField, FacetValue[]>>;
  /** Fields of which only the newest events were counted. */
  capped: string[];
}

/** Counts of the values of some fields. */
export function facetsQuery(question: Question, fields: readonly FacetField[], limit: number) {
  return queryOptions({
    queryKey: keyOf("facets", question, fields.join(), limit),
    queryFn: ({ signal }) =>
      request<Facets>(`/events/facets?${askFor(question, { fields: fields.join(), limit })}`, {
        workspace: question.workspace,
        signal,
      }),
    placeholderData: sameWorkspace(question),
  });
}
