import type { About } from "@daybook/contract";
import { queryOptions } from "@tanstack/react-query";
import { request } from "./request.ts";

/** The version that runs, and whom the countries and networks on screen come from. */
export const aboutQuery = queryOptions({
  queryKey: ["about"],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: ({ signal }) => request<About>("/about", { signal }),
});
