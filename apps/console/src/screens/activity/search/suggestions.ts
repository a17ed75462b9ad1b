import { queryOptions } from "@tanstack/react-query";
import { request } from "../../../api/request.ts";

interface Suggestions {
  items: { value: string; label?: string; events?: number }[];
}

/** Values of a key that the log holds and that begin with what was typed, at most `limit` (100). */
export function suggestionsQuery(workspace: string, key: string, prefix: string, limit = 12) {
  return queryOptions({
    queryKey: ["suggestions", workspace, key, prefix, limit],
    staleTime: 30_000,
    retry: false,
    queryFn: ({ signal }) =>
      request<Suggestions>(`/search/suggestions?${new URLSearchParams({ key, prefix, limit: String(limit) })}`, {
        workspace,
        signal,
      }),
  });
}
