import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { createContext, useCallback, useContext, useMemo, useState } from "react";
import type { Question } from "../../api/events.ts";
import { type LogSearch, spanOf } from "../../lib/range.ts";
import { type Lens, logPaths } from "./lens.ts";

/** A log screen's state, read from the address, and the one way to change it. */
export interface LogView {
  lens: Lens;
  workspace: string;
  search: LogSearch;
  question: Question;
  /** Whether the rows are on the screen, so that it is time to count what was found; see useRowsFirst. */
  rowsThere: boolean;
  /** Whether the range ends now, so that new events belong to it. */
  endsNow: boolean;
  /** Changes the address. A step that the back button should undo is pushed; `replace` is for moving within a view. */
  change: (patch: Partial<Record<keyof LogSearch, string | undefined>>, options?: { replace?: boolean }) => void;
  /** Asks everything anew, with the range ending now. */
  refresh: () => void;
}

const Context = createContext<LogView | null>(null);

export const LogViewProvider = Context.Provider;

export function useLogView(): LogView {
  const view = useContext(Context);
  if (!view) throw new Error("useLogView is for components of a log screen");
  return view;
}

export function useAddress(lens: Lens): LogView {
  const at = logPaths[lens.screen];
  const { workspace } = useParams({ from: at });
  const search: LogSearch = useSearch({ from: at });
  const navigate = useNavigate();
  const [asked, setAsked] = useState(() => Date.now());
  const { q = "", range, from, to, order } = search;
  const question = useMemo<Question>(
    () => ({
      workspace,
      q,
      base: lens.base,
      span: spanOf({ ...(range && { range }), ...(from && { from }), ...(to && { to }) }, asked),
      order: order ?? "desc",
    }),
    [workspace, q, lens.base, range, from, to, order, asked],
  );
  const change = useCallback<LogView["change"]>(
    (patch, options) =>
      void navigate({
        to: at,
        params: { workspace },
        search: (before: object) => ({ ...before, ...patch }) as LogSearch,
        replace: options?.replace ?? false,
      }),
    [navigate, at, workspace],
  );
  const refresh = useCallback(() => setAsked(Date.now()), []);
  return useMemo(
    () => ({ lens, workspace, search, question, rowsThere: true, endsNow: !to, change, refresh }),
    [lens, workspace, search, question, to, change, refresh],
  );
}
