import type { Party, PartyKind, Trace } from "@daybook/contract";
import { queryOptions } from "@tanstack/react-query";
import { request } from "./request.ts";

/** What a page is about: the kind, and what its address says. */
export interface PartyName {
  kind: PartyKind;
  /** Of an actor or target; empty for an address. */
  type: string;
  id: string;
}

/** Who or what a party is, with its counts. */
export function partyQuery(workspace: string, { kind, type, id }: PartyName) {
  const path =
    kind === "address"
      ? `/addresses/${encodeURIComponent(id)}`
      : `/${kind}s/${encodeURIComponent(type)}/${encodeURIComponent(id)}`;
  return queryOptions({
    queryKey: ["party", workspace, kind, type, id],
    staleTime: 15_000,
    queryFn: ({ signal }) => request<Party>(path, { workspace, signal }),
  });
}

/** An event with its request, its session and its neighbours. */
export function traceQuery(workspace: string, id: string, minutes: number) {
  return queryOptions({
    queryKey: ["trace", workspace, id, minutes],
    staleTime: 15_000,
    queryFn: ({ signal }) =>
      request<Trace>(`/events/${encodeURIComponent(id)}/trace?minutes=${minutes}`, { workspace, signal }),
    placeholderData: (before) => (before?.event.id === id ? before : undefined),
  });
}
