import type { LogKey } from "@daybook/contract";
import { queryOptions } from "@tanstack/react-query";
import { request, requestText } from "./request.ts";

/** The signed note of the log as it is now. */
export function checkpointQuery(workspace: string) {
  return queryOptions({
    queryKey: ["checkpoint", workspace],
    queryFn: ({ signal }) => requestText("/log/checkpoint", { workspace, signal }),
    refetchInterval: 30_000,
  });
}

/** The public keys that the log's checkpoints are signed with, the present one first. */
export function logKeysQuery(workspace: string) {
  return queryOptions({
    queryKey: ["log-keys", workspace],
    staleTime: 10 * 60_000,
    queryFn: async ({ signal }) => (await request<{ items: LogKey[] }>("/log/keys", { workspace, signal })).items,
  });
}
