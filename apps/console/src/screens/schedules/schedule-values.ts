import { catchUpPolicies, overlapPolicies, type Schedule, type ScheduleInput } from "@daybook/contract";

/** What the fields of the form hold. */
export interface Values {
  name: string;
  description: string;
  cron: string;
  timeZone: string;
  type: string;
  payload: string;
  grace: string;
  catchUp: string;
  overlap: string;
}

export const newValues: Values = {
  name: "",
  description: "",
  cron: "0 2 * * *",
  timeZone: "UTC",
  type: "",
  payload: "",
  grace: "300",
  catchUp: "once",
  overlap: "skip",
};

export function valuesOf(schedule: Schedule): Values {
  const { name, description, cron, timeZone, task, graceSeconds, catchUp, overlap } = schedule;
  return {
    name,
    description: description ?? "",
    cron,
    timeZone,
    type: task?.type ?? "",
    payload: task?.payload === undefined ? "" : JSON.stringify(task.payload, null, 2),
    grace: String(graceSeconds),
    catchUp,
    overlap,
  };
}

/** The schedule that the fields say, or what is wrong with them. What the form does not show stays as it was. */
export function inputOf(values: Values, before: Schedule | undefined): ScheduleInput | string {
  const type = values.type.trim();
  let payload: unknown;
  try {
    payload = values.payload.trim() === "" ? undefined : JSON.parse(values.payload);
  } catch {
    return 'The payload is not JSON, e.g. { "keepDays": 14 }.';
  }
  const { type: _, payload: __, ...others } = before?.task ?? { type: "" };
  return {
    ...(values.description.trim() && { description: values.description.trim() }),
    cron: values.cron.trim(),
    timeZone: values.timeZone,
    graceSeconds: Number(values.grace),
    catchUp: catchUpPolicies.find((each) => each === values.catchUp) ?? "once",
    overlap: overlapPolicies.find((each) => each === values.overlap) ?? "skip",
    ...(before?.maxRunSeconds !== undefined && { maxRunSeconds: before.maxRunSeconds }),
    ...(before && { jitterSeconds: before.jitterSeconds, paused: before.paused }),
    ...(type !== "" && {
      task: { ...others, type, ...(payload !== undefined && { payload: payload as never }) },
    }),
  };
}
