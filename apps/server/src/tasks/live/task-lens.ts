import { AppError, type Task, type TaskFilter } from "@daybook/contract";
import type { Access } from "../../access/access.ts";
import type { TaskRow } from "../task-row.ts";
import { forSight, seesPersonal } from "../task-sight.ts";

/** A task that changed, as it was read once for all viewers. */
export interface LiveTask {
  row: TaskRow;
  task: Task;
}

/** Which tasks a viewer sees, and how. Viewers with equal keys share their messages. */
export interface TaskLens {
  readonly key: string;
  /** The task as JSON; undefined when it is not one of these. */
  show(live: LiveTask): string | undefined;
}

/** Filters whose answer a change of a task cannot alter, but for its node: a row that leaves a list has to be told of too. */
type StreamFilter = Pick<TaskFilter, "type" | "user" | "target" | "node" | "schedule" | "parent">;

/** The lens of staff and keys. Throws invalid_request for a target that cannot be one. */
export function staffTaskLens(access: Access, filter: StreamFilter): TaskLens {
  if (filter.target !== undefined && !filter.target.includes("/"))
    throw new AppError("invalid_request", "A target is type/id, e.g. server/srv-1.");
  const matches = filterTest(filter);
  return {
    key: `${seesPersonal(access)} ${JSON.stringify([filter.type, filter.user, filter.target, filter.node, filter.schedule, filter.parent])}`,
    show: ({ task }) => (matches(task) ? JSON.stringify(forSight(access, task)) : undefined),
  };
}

function filterTest({ type, user, target, node, schedule, parent }: StreamFilter): (task: Task) => boolean {
  const types = type?.split(",").map((each) => each.trim());
  return (task) =>
    (types === undefined || types.some((each) => isOfType(task.type, each))) &&
    (user === undefined || task.user?.id === user) &&
    (target === undefined || task.targets.some((each) => `${each.type}/${each.id}` === target)) &&
    (node === undefined || task.node === node) &&
    (schedule === undefined || task.scheduleName === schedule) &&
    (parent === undefined || task.parentId === parent.toLowerCase());
}

const isOfType = (type: string, wanted: string): boolean =>
  wanted.endsWith("*") ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
