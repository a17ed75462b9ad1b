import { queryOptions } from "@tanstack/react-query";
import { request } from "../../../api/request.ts";

interface Suggestions {
  items: { value: string; label?: string; events?: number }[];
}

/** Values of a key that the log holds and that begin with what was typed. */
export function suggestionsQuery(workspace: string, key: string, prefix: string) {
  return queryOptions({
    queryKey: ["suggestions", workspace, key, prefix],
    staleTime: 30_000,
    retry: false,
    queryFn: ({ signal }) =>
      request<Suggestions>(`/search/suggestions?${new URLSearchParams({ key, prefix })}`, { workspace, signal }),
  });
}
