import type { Finding } from "@daybook/contract";
import { queryOptions } from "@tanstack/react-query";
import { request } from "./request.ts";

/** How often what is wrong is asked for anew. */
const EVERY_MS = 15_000;

/** What is wrong with the platform's operation now. */
export function findingsQuery(workspace: string) {
  return queryOptions({
    queryKey: ["findings", workspace],
    queryFn: async ({ signal }) =>
      (await request<{ items: Finding[] }>("/health/findings", { workspace, signal })).items,
    refetchInterval: EVERY_MS,
  });
}
