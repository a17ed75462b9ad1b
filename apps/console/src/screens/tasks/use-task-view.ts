import type { TaskFilter } from "@daybook/contract";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { createContext, useCallback, useContext, useMemo, useState } from "react";
import { filterOf, type TaskSearch } from "./task-search.ts";

export type TaskPatch = { [Key in keyof TaskSearch]?: string | undefined };

/** The state of the tasks' screen, read from the address, and the one way to change it. */
export interface TaskView {
  workspace: string;
  search: TaskSearch;
  filter: TaskFilter;
  /** Changes the address. A step that the back button should undo is pushed; `replace` is for moving within a view. */
  change: (patch: TaskPatch, options?: { replace?: boolean }) => void;
  /** Asks everything anew, with the range ending now. */
  refresh: () => void;
}

const Context = createContext<TaskView | null>(null);

export const TaskViewProvider = Context.Provider;

/** The view, or null outside of the list: on the page of one task. */
export function useTaskView(): TaskView | null {
  return useContext(Context);
}

const at = "/w/$workspace/tasks";

export function useTaskAddress(): TaskView {
  const { workspace } = useParams({ from: at });
  const search: TaskSearch = useSearch({ from: at });
  const navigate = useNavigate({ from: at });
  const [asked, setAsked] = useState(() => Date.now());
  const { task: _, ...asksFor } = search;
  const words = JSON.stringify(asksFor);
  const filter = useMemo(() => filterOf(JSON.parse(words) as TaskSearch, asked), [words, asked]);
  const change = useCallback<TaskView["change"]>(
    (patch, options) =>
      void navigate({
        search: (before) => ({ ...before, ...patch }) as TaskSearch,
        replace: options?.replace ?? false,
      }),
    [navigate],
  );
  const refresh = useCallback(() => setAsked(Date.now()), []);
  return useMemo(() => ({ workspace, search, filter, change, refresh }), [workspace, search, filter, change, refresh]);
}
