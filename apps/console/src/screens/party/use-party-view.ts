import { useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import type { Question } from "../../api/events.ts";
import { defaultRange, spanOf } from "../../lib/range.ts";
import { activity, type Lens } from "../activity/lens.ts";
import type { LogView } from "../activity/view.ts";
import type { PartySearch } from "./party-search.ts";

/** The state of a page that shows one party's events, as the parts of a log screen take it. `base` finds these events. */
export function usePartyView(workspace: string, search: PartySearch, title: string, base: string): LogView {
  const navigate = useNavigate();
  const [asked, setAsked] = useState(() => Date.now());
  const { q = "", range = "all", from, to, order } = search;
  const lens = useMemo<Lens>(() => ({ ...activity, title, base }), [title, base]);
  const question = useMemo<Question>(
    () => ({
      workspace,
      q,
      base,
      span: spanOf({ range, ...(from && { from }), ...(to && { to }) }, asked),
      order: order ?? "desc",
    }),
    [workspace, q, base, range, from, to, order, asked],
  );
  const change = useCallback<LogView["change"]>(
    (patch, options) => {
      const next = { ...patch };
      // On a log screen no range means the default one, here it means all.
      if ("range" in next && !next.range && !next.from && !next.to) next.range = defaultRange;
      void navigate({
        to: ".",
        search: (before: object) => ({ ...before, ...next }) as never,
        replace: options?.replace ?? false,
      });
    },
    [navigate],
  );
  const refresh = useCallback(() => setAsked(Date.now()), []);
  return useMemo(
    () => ({
      lens,
      workspace,
      search: from || to ? search : { ...search, range },
      question,
      endsNow: !to,
      rowsThere: true,
      change,
      refresh,
    }),
    [lens, workspace, search, range, from, question, to, change, refresh],
  );
}
