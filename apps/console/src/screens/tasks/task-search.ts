import { type TaskFilter, taskStatuses } from "@daybook/contract";
import { readLogSearch, spanOf } from "../../lib/range.ts";

/** What the address of the tasks says; all of the screen's state. */
export interface TaskSearch {
  q?: string;
  status?: string;
  type?: string;
  user?: string;
  node?: string;
  target?: string;
  schedule?: string;
  parent?: string;
  slow?: "true";
  range?: NonNullable<ReturnType<typeof readLogSearch>["range"]>;
  from?: string;
  to?: string;
  /** The id of the task in the side panel. */
  task?: string;
}

const plain = ["q", "type", "user", "node", "target", "schedule", "parent", "task"] as const;

/** Takes from an address what is understood; the rest is dropped, so that an old link still opens. */
export function readTaskSearch(search: Record<string, unknown>): TaskSearch {
  const { range, from, to } = readLogSearch(search);
  const read: TaskSearch = { ...(range && { range }), ...(from && { from }), ...(to && { to }) };
  for (const key of plain) {
    const value = search[key];
    if (typeof value === "string" && value.trim() !== "") read[key] = value;
  }
  if (typeof search.status === "string") {
    const known = search.status.split(",").filter((word) => taskStatuses.some((each) => each === word));
    if (known.length > 0) read.status = known.join();
  }
  if (search.slow === "true") read.slow = "true";
  return read;
}

/** The filter that the server is asked with. */
export function filterOf(search: TaskSearch, nowMs: number): TaskFilter {
  const { range, from: searchFrom, to: searchTo, task: _, ...words } = search;
  const { from, to } = spanOf(
    { ...(range && { range }), ...(searchFrom && { from: searchFrom }), ...(searchTo && { to: searchTo }) },
    nowMs,
  );
  return { ...words, ...(from && { from }), ...(to && { to }) };
}

/** The filters that stand as words below the header, with what they are called. */
export const wordFilters = [
  { key: "type", name: "Type", hint: "instance.backup, instance.*" },
  { key: "user", name: "User", hint: "the id of a user" },
  { key: "node", name: "Node", hint: "the name of a node" },
  { key: "target", name: "Target", hint: "type/id, e.g. server/srv-1" },
  { key: "schedule", name: "Schedule", hint: "the name of a schedule" },
] as const;

export type WordFilter = (typeof wordFilters)[number]["key"];
