import type { Task, TaskDetail, TaskLine } from "@daybook/contract";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { taskLines, taskQuery, taskStreamUrl } from "../../../api/tasks.ts";
import { keepStream, oncePerFrame, type StreamStatus } from "../stream.ts";
import { plainText } from "./ansi.ts";
import { LineIndex, LineStore } from "./line-store.ts";

/** The output of a task as it grows; what the stream tells of the task itself goes into what was read of it. */
export function useLines(workspace: string, id: string) {
  const client = useQueryClient();
  const store = useMemo(() => {
    const frame = oncePerFrame(() => made.flush());
    const made: LineStore = new LineStore((place, signal) => taskLines(workspace, id, place, signal), frame.ask);
    return made;
  }, [workspace, id]);
  const state = useSyncExternalStore(store.subscribe, store.state);
  const [status, setStatus] = useState<StreamStatus>("connecting");
  useEffect(() => {
    void store.open();
    return () => store.close();
  }, [store]);
  const { ready } = state;
  useEffect(() => {
    if (!ready) return;
    const { queryKey } = taskQuery(workspace, id);
    const onTask = (data: string) => {
      const task = JSON.parse(data) as Task;
      const before = client.getQueryData<TaskDetail>(queryKey);
      if (before) client.setQueryData(queryKey, { ...before, ...task });
      if (
        before?.status !== task.status ||
        before.attempt !== task.attempt ||
        before.request?.state !== task.request?.state
      )
        void client.invalidateQueries({ queryKey });
    };
    return keepStream({
      url: () => taskStreamUrl(workspace, id, store.state().total - 1),
      events: { task: onTask, lines: (data) => store.add(JSON.parse(data) as TaskLine[]) },
      onOpen: () => undefined,
      onStatus: setStatus,
    });
  }, [client, store, workspace, id, ready]);
  return { store, state, status };
}

export interface LineChoice {
  stream: "all" | "out" | "err";
  /** Null: of every attempt. */
  attempt: number | null;
}

/** The rows that are shown: every line, or those of one kind; then all lines have to be read first. */
export function useChosenLines({ store, state }: ReturnType<typeof useLines>, { stream, attempt }: LineChoice) {
  const chosen = stream !== "all" || attempt !== null;
  const index = useMemo(
    () =>
      chosen
        ? new LineIndex(
            store,
            (line) => (stream === "all" || line.stream === stream) && (attempt === null || line.attempt === attempt),
          )
        : null,
    [store, chosen, stream, attempt],
  );
  useWanted(store, chosen && state.ready);
  if (index && state.complete) index.extend();
  const rows = index ? index.ns.length : store.rows;
  return {
    rows,
    waiting: chosen && !state.complete,
    lineOfRow: (row: number) => (index ? (index.ns[row] ?? null) : store.lineOfRow(row)),
    rowOfLine: (n: number) => (index ? index.ns.indexOf(n) : store.rowOfLine(n)),
  };
}

/** Where a word stands: the numbers of the lines that have it. */
export function useFound({ store, state }: ReturnType<typeof useLines>, word: string, { stream, attempt }: LineChoice) {
  const index = useMemo(
    () =>
      word === ""
        ? null
        : new LineIndex(
            store,
            (line) =>
              (stream === "all" || line.stream === stream) &&
              (attempt === null || line.attempt === attempt) &&
              plainText(line.text).toLowerCase().includes(word),
          ),
    [store, word, stream, attempt],
  );
  useWanted(store, word !== "" && state.ready);
  if (index && state.complete) index.extend();
  return { lines: index?.ns ?? [], waiting: word !== "" && !state.complete };
}

function useWanted(store: LineStore, wanted: boolean): void {
  const asked = useRef<LineStore | null>(null);
  useEffect(() => {
    if (!wanted || asked.current === store) return;
    asked.current = store;
    void store.wantAll();
  }, [store, wanted]);
}
