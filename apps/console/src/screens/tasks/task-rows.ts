import type { Task, TaskFilter } from "@daybook/contract";
import { LiveRows } from "../../ui/live-rows.ts";

/** The rows of the table of tasks as they are now. */
export class TaskRows extends LiveRows<Task> {
  constructor(filter: TaskFilter) {
    super(fitting(filter), matching(filter.q));
  }
}

/** Whether a task has the words that are searched, in what is shown of it. The server also looks into payloads: what it found stays. */
function matching(q: string | undefined): (task: Task) => boolean {
  const words = (q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return () => true;
  return (task) => {
    const names = task.targets.flatMap(({ id, name }) => [id, name]);
    const text = [task.title, task.type, task.node, task.user?.id, task.user?.name, ...names, task.error?.message]
      .filter(Boolean)
      .join("\n")
      .toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

/** Whether a task has a state and a time that the filter asks for. The rest of the filter is the stream's. */
function fitting({ status, slow, from, to }: TaskFilter): (task: Task) => boolean {
  const wanted = status ? new Set(status.split(",")) : undefined;
  return (task) =>
    (wanted === undefined || wanted.has(task.status)) &&
    (slow === undefined || (task.slow === true && task.status === "running")) &&
    (from === undefined || Date.parse(task.queuedAt) >= Date.parse(from)) &&
    (to === undefined || Date.parse(task.queuedAt) < Date.parse(to));
}
