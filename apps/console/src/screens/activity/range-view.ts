import { useMemo } from "react";
import { logins } from "./lens.ts";
import type { LogView } from "./view.ts";

interface RangedView extends Pick<LogView, "workspace" | "change" | "refresh"> {
  search: { range?: LogView["search"]["range"]; from?: string; to?: string };
  filter: { from?: string | undefined; to?: string | undefined };
}

/** The range of a list's address in the form that the range picker takes. */
export function useRangeView({ workspace, search, filter, change, refresh }: RangedView): LogView {
  const { range, from, to } = search;
  return useMemo<LogView>(
    () => ({
      lens: logins,
      workspace,
      search: { ...(range && { range }), ...(from && { from }), ...(to && { to }) },
      question: { workspace, q: "", span: { from: filter.from, to: filter.to, buckets: 60 }, order: "desc" },
      rowsThere: true,
      endsNow: !to,
      change: (patch, options) => change(patch, options),
      refresh,
    }),
    [workspace, range, from, to, filter, change, refresh],
  );
}
