import type { Task } from "@daybook/contract";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { newestTasks, tasksQuery, tasksStreamUrl } from "../../api/tasks.ts";
import { keepStream, oncePerFrame, type StreamStatus } from "./stream.ts";
import { TaskRows } from "./task-rows.ts";
import type { TaskView } from "./use-task-view.ts";

/** While tasks change, counts and charts are asked anew at most this often. */
const COUNTS_EVERY_MS = 5_000;

/** The rows of the table: the pages that were read, kept as they are now by the stream. */
export function useTasks({ workspace, filter, refresh }: TaskView, wantsLive: boolean) {
  const question = useMemo(() => ({ workspace, filter }), [workspace, filter]);
  const pages = useInfiniteQuery(tasksQuery(question));
  const store = useMemo(() => new TaskRows(question.filter), [question]);
  const state = useSyncExternalStore(store.subscribe, store.state);
  const [status, setStatus] = useState<StreamStatus>("connecting");
  const settled = pages.isSuccess && !pages.isPlaceholderData;
  useEffect(() => {
    if (settled)
      store.read(
        pages.data.pages.flatMap((page) => page.items),
        pages.hasNextPage,
      );
  }, [store, settled, pages.data, pages.hasNextPage]);
  useEffect(() => {
    if (!wantsLive || !settled) return;
    const frame = oncePerFrame(() => store.settle());
    const take = (tasks: readonly Task[]) => {
      for (const task of tasks) store.take(task);
      frame.ask();
    };
    const end = keepStream({
      url: () => tasksStreamUrl(question),
      events: { task: (data) => take([JSON.parse(data) as Task]) },
      // The gap between the reading of the page and the opening of the stream; on failure the next change closes it.
      onOpen: () => void newestTasks(question).then((page) => take(page.items), ignore),
      onStatus: setStatus,
    });
    return () => {
      frame.stop();
      end();
    };
  }, [store, question, wantsLive, settled]);
  useCountsAnew(workspace, state.changes);
  const reveal = useCallback(() => {
    if (!store.reveal()) refresh();
  }, [store, refresh]);
  // Until the first page of another filter is there, the rows from before stay.
  const before = useRef<readonly Task[]>([]);
  if (settled && state.rows.length > 0) before.current = state.rows;
  const rows = settled ? state.rows : before.current;
  return { pages, settled, rows, state, store, status, reveal };
}

function ignore(): void {}

function useCountsAnew(workspace: string, changes: number): void {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    if (changes === 0) return;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void client.invalidateQueries({ queryKey: ["task-counts", workspace] });
      void client.invalidateQueries({ queryKey: ["task-stats", workspace] });
    }, COUNTS_EVERY_MS);
  }, [client, workspace, changes]);
  useEffect(() => () => clearTimeout(timer.current), []);
}
