import type { MailFilter } from "@daybook/contract";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { createContext, useCallback, useContext, useMemo, useState } from "react";
import { filterOf, type MailSearch } from "./mail-search.ts";

export type MailPatch = { [Key in keyof MailSearch]?: string | undefined };

/** The state of the mail log, read from the address, and the one way to change it. */
export interface MailView {
  workspace: string;
  search: MailSearch;
  filter: MailFilter;
  /** Changes the address. A step that the back button should undo is pushed; `replace` is for moving within a view. */
  change: (patch: MailPatch, options?: { replace?: boolean }) => void;
  /** Asks everything anew, with the range ending now. */
  refresh: () => void;
}

const Context = createContext<MailView | null>(null);

export const MailViewProvider = Context.Provider;

/** The view, or null outside of the list: on the page of one mail. */
export function useMailView(): MailView | null {
  return useContext(Context);
}

const at = "/w/$workspace/mail-log";

export function useMailAddress(): MailView {
  const { workspace } = useParams({ from: at });
  const search: MailSearch = useSearch({ from: at });
  const navigate = useNavigate({ from: at });
  const [asked, setAsked] = useState(() => Date.now());
  const { mail: _, ...asksFor } = search;
  const words = JSON.stringify(asksFor);
  const filter = useMemo(() => filterOf(JSON.parse(words) as MailSearch, asked), [words, asked]);
  const change = useCallback<MailView["change"]>(
    (patch, options) =>
      void navigate({
        search: (before) => ({ ...before, ...patch }) as MailSearch,
        replace: options?.replace ?? false,
      }),
    [navigate],
  );
  const refresh = useCallback(() => setAsked(Date.now()), []);
  return useMemo(() => ({ workspace, search, filter, change, refresh }), [workspace, search, filter, change, refresh]);
}
