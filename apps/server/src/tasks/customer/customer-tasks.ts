import type { HideableField, Target, ViewerScope, ViewerTask } from "@daybook/contract";
import { maskText } from "../../record/personal.ts";
import { accountType } from "../../record/viewer/customer-sight.ts";
import type { TaskLens } from "../live/task-lens.ts";
import { ownerKey, statusOf, type TaskRow, targetKeys } from "../task-row.ts";

/** An error message may go on for pages; its first line is for people. */
const ERROR_CHARS = 300;
const MASK = "•••";

/** Who reads: what their token covers, and what it hides. */
export interface CustomerOfTasks {
  /** Another for every token: nothing that is made for one is taken from another. */
  key: string;
  scope: ViewerScope;
  hidden: ReadonlySet<HideableField>;
}

/** The customers for whom a task in sight may be done: the owner of the scope and a user that it names. */
export function usersOf({ ownerId, actor }: ViewerScope): string[] {
  return [...(ownerId === undefined ? [] : [ownerId]), ...(actor?.type === "user" ? [actor.id] : [])];
}

/** Targets of which one is in every task that is in sight for its targets, as they stand in the column. */
export function targetsOf({ targets = [], ownerId }: ViewerScope): Pick<Target, "type" | "id" | "ownerId">[] {
  return [...targets, ...(ownerId === undefined ? [] : [{ type: accountType, id: ownerId }])];
}

/** Keys of the index of which every task that is in sight for its targets has one. */
export function keysOf(scope: ViewerScope): string[] {
  const owners = scope.ownerId === undefined ? [] : [ownerKey(scope.ownerId)];
  return [...targetKeys(targetsOf(scope)), ...owners];
}

/** Whether a customer may see a task. The same as the condition in customer-task-store.ts, for rows in memory. */
export function isTaskInSight({ scope }: Pick<CustomerOfTasks, "scope">, row: TaskRow): boolean {
  if (row.user_id !== null && usersOf(scope).includes(row.user_id)) return true;
  if (scope.project !== undefined && row.project === scope.project) return true;
  const own = targetsOf(scope);
  return row.targets.some(
    (target) =>
      own.some(({ type, id }) => type === target.type && id === target.id) ||
      (scope.ownerId !== undefined && target.ownerId === scope.ownerId),
  );
}

/** A task in sight as the customer sees it: nothing of payload, result, node, worker, attempts or staff. */
export function shownTask({ hidden }: Pick<CustomerOfTasks, "hidden">, row: TaskRow): ViewerTask {
  const finished = row.status > 1;
  const message = hidden.has("reason") ? undefined : row.error?.message;
  const times = { started: row.started_at, finished: row.finished_at };
  return {
    id: row.id,
    type: row.type,
    title: outwardly(row.title, row),
    status: statusOf(row),
    progress: row.progress,
    queuedAt: row.queued_at.toISOString(),
    ...(times.started === null ? {} : { startedAt: times.started.toISOString() }),
    ...(times.finished === null ? {} : { finishedAt: times.finished.toISOString() }),
    ...(times.started === null || times.finished === null
      ? {}
      : { durationMs: Math.max(0, Number(times.finished) - Number(times.started)) }),
    ...(finished && message !== undefined ? { error: inWords(message, row) } : {}),
  };
}

/** The first line of a message that says anything. */
function inWords(message: string, row: TaskRow): string {
  const line = message.split(/[\r\n]+/).find((each) => each.trim() !== "") ?? "";
  const words = outwardly(line.trim(), row);
  return words.length > ERROR_CHARS ? `${words.slice(0, ERROR_CHARS).toWellFormed()}…` : words;
}

/** A text that the panel wrote, without addresses, and without the names of the machines that it may have put into it. */
function outwardly(text: string, { node, worker }: TaskRow): string {
  let shown = text;
  for (const name of [node, worker]) if (name !== null && name.length > 2) shown = shown.replaceAll(name, MASK);
  return maskText(shown);
}

/** What a customer sees of tasks that change. */
export function customerTaskLens(
  customer: CustomerOfTasks,
  target: { type: string; id: string } | undefined,
): TaskLens {
  return {
    key: `${customer.key} ${target?.type}/${target?.id}`,
    show: ({ row }) => {
      if (!isTaskInSight(customer, row)) return undefined;
      if (target !== undefined && !row.targets.some(({ type, id }) => type === target.type && id === target.id))
        return undefined;
      return JSON.stringify(shownTask(customer, row));
    },
  };
}
