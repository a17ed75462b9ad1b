import type { Attacks, BlockListFormat } from "@daybook/contract";
import { queryOptions } from "@tanstack/react-query";
import type { Span } from "../lib/range.ts";
import { request } from "./request.ts";

/** What counts as brute force: so many failures within so many minutes, in a range. */
export interface AttackQuestion {
  workspace: string;
  min: number;
  minutes: number;
  span: Span;
}

/** The beginning of time for a range without one: the call would take the last seven days. */
const EVER = "1970-01-01T00:00:00.000Z";

function askFor({ min, minutes, span }: AttackQuestion): URLSearchParams {
  const params = new URLSearchParams({ min: String(min), minutes: String(minutes), from: span.from ?? EVER });
  if (span.to) params.set("to", span.to);
  return params;
}

/** Failed sign-ins grouped by address or account. */
export function attacksQuery(question: AttackQuestion, by: Attacks["by"]) {
  const params = askFor(question);
  params.set("by", by);
  params.set("limit", "200");
  return queryOptions({
    queryKey: ["attacks", question.workspace, params.toString()],
    queryFn: ({ signal }) => request<Attacks>(`/logins/attacks?${params}`, { workspace: question.workspace, signal }),
    placeholderData: (before) => (before?.by === by ? before : undefined),
  });
}

/** Where a block list is; a plain link, so that the browser saves it. */
export function blockListUrl(question: AttackQuestion, format: BlockListFormat): string {
  const params = askFor(question);
  params.set("format", format);
  params.set("workspace", question.workspace);
  return `/api/v1/logins/block-list?${params}`;
}
