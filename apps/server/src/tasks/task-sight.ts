import type { Json, Task } from "@daybook/contract";
import type { Access } from "../access/access.ts";
import { maskJson, maskText } from "../record/personal.ts";

/** Whether e-mail addresses and IP addresses are shown. An API key needs the permission too: one for tasks alone has no use for them. */
export const seesPersonal = (access: Pick<Access, "permissions">): boolean => access.permissions.has("logs.personal");

/** A task as a caller may see it: without `logs.personal` e-mail addresses and IP addresses in its texts are masked. */
export function forSight<T extends Task>(access: Access, task: T): T {
  if (seesPersonal(access)) return task;
  const { payload, result } = task as { payload?: Json; result?: Json };
  return {
    ...task,
    title: maskText(task.title),
    ...(task.lastLine === undefined ? {} : { lastLine: maskText(task.lastLine) }),
    ...(task.error === undefined ? {} : { error: maskJson(task.error as Json) as NonNullable<Task["error"]> }),
    ...(payload === undefined ? {} : { payload: maskJson(payload) }),
    ...(result === undefined ? {} : { result: maskJson(result) }),
  };
}
