import type { Json, Task, TaskDetail, TaskError } from "@daybook/contract";
import type { Access } from "../access/access.ts";
import { maskJson, maskText } from "../record/personal.ts";

/** Whether e-mail addresses and IP addresses are shown. An API key needs the permission too: one for tasks alone has no use for them. */
export const seesPersonal = (access: Pick<Access, "permissions">): boolean => access.permissions.has("logs.personal");

type Texts = Partial<Pick<TaskDetail, "payload" | "result" | "attempts" | "happenings">>;

/** A task as a caller may see it: without `logs.personal` e-mail addresses and IP addresses in its texts are masked. */
export function forSight<T extends Task>(access: Pick<Access, "permissions">, task: T): T {
  if (seesPersonal(access)) return task;
  const { payload, result, attempts, happenings } = task as Texts;
  return {
    ...task,
    title: maskText(task.title),
    ...(task.lastLine === undefined ? {} : { lastLine: maskText(task.lastLine) }),
    ...(task.error === undefined ? {} : { error: maskError(task.error) }),
    ...(task.request?.answer === undefined
      ? {}
      : { request: { ...task.request, answer: maskText(task.request.answer) } }),
    ...(payload === undefined ? {} : { payload: maskJson(payload) }),
    ...(result === undefined ? {} : { result: maskJson(result) }),
    ...(attempts === undefined
      ? {}
      : { attempts: attempts.map((each) => (each.error ? { ...each, error: maskError(each.error) } : each)) }),
    ...(happenings === undefined
      ? {}
      : {
          happenings: happenings.map((each) => ({
            ...each,
            ...(each.by === undefined ? {} : { by: maskText(each.by) }),
            ...(each.note === undefined ? {} : { note: maskText(each.note) }),
          })),
        }),
  };
}

const maskError = (error: TaskError): TaskError => maskJson(error as Json) as TaskError;
