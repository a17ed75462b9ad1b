import {
  type Task,
  type TaskDetail,
  type TaskFilter,
  type TaskLines,
  type TaskStats,
  type TaskStatus,
  type TaskType,
  taskStatuses,
} from "@daybook/contract";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { Total } from "./events.ts";
import { request } from "./request.ts";

/** Rows of the first page: enough for a tall screen. Later pages are longer, for whoever scrolls far. */
const FIRST_PAGE_ROWS = 100;
const NEXT_PAGE_ROWS = 300;

/** What is asked of the tasks. */
export interface TaskQuestion {
  workspace: string;
  filter: TaskFilter;
}

export interface TaskPage {
  items: Task[];
  nextCursor: string | null;
  total: Total;
}

export type TaskCounts = Record<TaskStatus, Total>;

function filterText(filter: TaskFilter, more: Record<string, string | number | undefined> = {}): string {
  const words = new URLSearchParams();
  for (const [key, value] of Object.entries({ ...filter, ...more }))
    if (value !== undefined && value !== "") words.set(key, String(value));
  return words.toString();
}

/** Pages of the table, the newest first. They never go stale by themselves: changes come by the stream. */
export function tasksQuery({ workspace, filter }: TaskQuestion) {
  return infiniteQueryOptions({
    queryKey: ["tasks", workspace, filterText(filter)],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      request<TaskPage>(
        `/tasks?${filterText(filter, {
          limit: pageParam === "" ? FIRST_PAGE_ROWS : NEXT_PAGE_ROWS,
          cursor: pageParam || undefined,
        })}`,
        { workspace, signal },
      ),
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (before, query) => (query?.queryKey[1] === workspace ? before : undefined),
    staleTime: Number.POSITIVE_INFINITY,
    // Going back asks anew: rows kept from before would hide what has happened since.
    gcTime: 0,
    structuralSharing: false,
  });
}

/** The newest tasks once more: what changed between the reading of the page and the opening of the stream. */
export function newestTasks({ workspace, filter }: TaskQuestion): Promise<TaskPage> {
  return request(`/tasks?${filterText(filter, { limit: FIRST_PAGE_ROWS })}`, { workspace });
}

/** How many tasks of each state a filter finds, its own states left out. */
export function taskCountsQuery({ workspace, filter }: TaskQuestion) {
  const { status: _, ...others } = filter;
  return queryOptions({
    queryKey: ["task-counts", workspace, filterText(others)],
    queryFn: async ({ signal }): Promise<TaskCounts> => {
      const totalOf = async (status: TaskStatus) => {
        const page = await request<TaskPage>(`/tasks?${filterText({ ...others, status }, { limit: 1 })}`, {
          workspace,
          signal,
        });
        return [status, page.total] as const;
      };
      return Object.fromEntries(await Promise.all(taskStatuses.map(totalOf))) as TaskCounts;
    },
    placeholderData: (before, query) => (query?.queryKey[1] === workspace ? before : undefined),
  });
}

/** One task in full, with what happened to it. */
export function taskQuery(workspace: string, id: string) {
  return queryOptions({
    queryKey: ["task", workspace, id],
    queryFn: ({ signal }) => request<TaskDetail>(`/tasks/${encodeURIComponent(id)}`, { workspace, signal }),
  });
}

export function taskStatsQuery({ workspace, filter }: TaskQuestion, buckets: number) {
  const { from, to, type } = filter;
  const words = filterText({ ...(from && { from }), ...(to && { to }), ...(type && { type }) }, { buckets });
  return queryOptions({
    queryKey: ["task-stats", workspace, words],
    queryFn: ({ signal }) => request<TaskStats>(`/tasks/stats?${words}`, { workspace, signal }),
    placeholderData: (before, query) => (query?.queryKey[1] === workspace ? before : undefined),
  });
}

export function taskTypesQuery(workspace: string) {
  return queryOptions({
    queryKey: ["task-types", workspace],
    staleTime: 60_000,
    queryFn: async ({ signal }) => (await request<{ items: TaskType[] }>("/task-types", { workspace, signal })).items,
  });
}

export function retryTask(workspace: string, id: string): Promise<Task> {
  return request(`/tasks/${encodeURIComponent(id)}/retry-attempts`, { method: "POST", workspace });
}

export function cancelTask(workspace: string, id: string): Promise<Task> {
  return request(`/tasks/${encodeURIComponent(id)}/cancellation`, { method: "POST", workspace });
}

/** Does something with every task that a filter finds; answers with the task that does it. */
export function startBatch(workspace: string, act: "retry" | "cancel", filter: TaskFilter): Promise<Task> {
  return request("/task-batches", { method: "POST", workspace, body: { act, filter } });
}

/** Some lines of a task's output: those after a number, or the last before one. */
export function taskLines(
  workspace: string,
  id: string,
  place: { after?: number; before?: number; limit: number },
  signal?: AbortSignal,
): Promise<TaskLines> {
  const words = new URLSearchParams(Object.entries(place).map(([key, value]) => [key, String(value)]));
  return request(`/tasks/${encodeURIComponent(id)}/lines?${words}`, { workspace, signal });
}

/** Where the whole output is, as a file. */
export function outputUrl(workspace: string, id: string): string {
  return `/api/v1/tasks/${encodeURIComponent(id)}/output?${new URLSearchParams({ workspace })}`;
}

/** Where the changes of tasks come from. What a change may alter is not asked for: a row of the table that moves on is to be told of. */
export function tasksStreamUrl({ workspace, filter }: TaskQuestion): string {
  const { status: _, slow: __, from: ___, to: ____, q: _____, ...others } = filter;
  return `/api/v1/tasks/stream?${filterText(others, { workspace })}`;
}

/** Where a task's changes and its lines after a number come from; -1: all lines. */
export function taskStreamUrl(workspace: string, id: string, after: number): string {
  return `/api/v1/tasks/${encodeURIComponent(id)}/stream?${new URLSearchParams({ workspace, after: String(after) })}`;
}
