import { queryOptions } from "@tanstack/react-query";
import { requestText } from "./request.ts";

/** The signed note of the log as it is now. */
export function checkpointQuery(workspace: string) {
  return queryOptions({
    queryKey: ["checkpoint", workspace],
    queryFn: ({ signal }) => requestText("/log/checkpoint", { workspace, signal }),
    refetchInterval: 30_000,
  });
}
