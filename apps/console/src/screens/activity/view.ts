import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { createContext, useCallback, useContext, useMemo, useState } from "react";
import type { Question } from "../../api/events.ts";
import { type ActivitySearch, spanOf } from "../../lib/range.ts";

/** The Activity screen's state, read from the address, and the one way to change it. */
export interface ActivityView {
  workspace: string;
  search: ActivitySearch;
  question: Question;
  /** Whether the range ends now, so that new events belong to it. */
  endsNow: boolean;
  /** Changes the address. A step that the back button should undo is pushed; `replace` is for moving within a view. */
  change: (patch: Partial<Record<keyof ActivitySearch, string | undefined>>, options?: { replace?: boolean }) => void;
  /** Asks everything anew, with the range ending now. */
  refresh: () => void;
}

const Context = createContext<ActivityView | null>(null);

export const ActivityViewProvider = Context.Provider;

export function useActivityView(): ActivityView {
  const view = useContext(Context);
  if (!view) throw new Error("useActivityView is for components of the Activity screen");
  return view;
}

export function useAddress(): ActivityView {
  const { workspace } = useParams({ from: "/w/$workspace/activity" });
  const search = useSearch({ from: "/w/$workspace/activity" });
  const navigate = useNavigate({ from: "/w/$workspace/activity" });
  const [asked, setAsked] = useState(() => Date.now());
  const { q = "", range, from, to, order } = search;
  const question = useMemo<Question>(
    () => ({
      workspace,
      q,
      span: spanOf({ ...(range && { range }), ...(from && { from }), ...(to && { to }) }, asked),
      order: order ?? "desc",
    }),
    [workspace, q, range, from, to, order, asked],
  );
  const change = useCallback<ActivityView["change"]>(
    (patch, options) =>
      void navigate({
        search: (before) => ({ ...before, ...patch }) as ActivitySearch,
        replace: options?.replace ?? false,
      }),
    [navigate],
  );
  const refresh = useCallback(() => setAsked(Date.now()), []);
  return useMemo(
    () => ({ workspace, search, question, endsNow: !to, change, refresh }),
    [workspace, search, question, to, change, refresh],
  );
}
