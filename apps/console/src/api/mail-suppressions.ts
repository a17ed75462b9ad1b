import type { Suppression, SuppressionReason } from "@daybook/contract";
import { infiniteQueryOptions } from "@tanstack/react-query";
import { request } from "./request.ts";

const PAGE_ROWS = 100;

interface SuppressionPage {
  items: Suppression[];
  nextCursor: string | null;
}

/** The addresses that get no mail, the newest first. */
export function suppressionsQuery(workspace: string, asked: { q?: string; reason?: string }) {
  const words = new URLSearchParams({ limit: String(PAGE_ROWS) });
  if (asked.q) words.set("q", asked.q);
  if (asked.reason) words.set("reason", asked.reason);
  return infiniteQueryOptions({
    queryKey: ["suppressions", workspace, words.toString()],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => {
      if (pageParam !== "") words.set("cursor", pageParam);
      else words.delete("cursor");
      return request<SuppressionPage>(`/mail/suppressions?${words}`, { workspace, signal });
    },
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (before, query) => (query?.queryKey[1] === workspace ? before : undefined),
  });
}

const pathOf = (address: string) => `/mail/suppressions/${encodeURIComponent(address)}`;

export function suppress(
  workspace: string,
  address: string,
  { reason, note }: { reason: SuppressionReason; note: string | undefined },
): Promise<Suppression> {
  return request(pathOf(address), { method: "PUT", workspace, body: { reason, ...(note && { note }) } });
}

/** Takes an address off the list: it gets mail again. */
export function reactivate(workspace: string, address: string): Promise<void> {
  return request(pathOf(address), { method: "DELETE", workspace });
}
