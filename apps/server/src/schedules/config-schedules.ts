import { AppError, scheduleInputSchema, scheduleName } from "@daybook/contract";
import { z } from "zod";
import { checkRule } from "./schedule-times.ts";

/** A schedule as it stands in `daybook.config.json`. */
const configScheduleSchema = scheduleInputSchema.extend({
  name: scheduleName,
  /** The slug; left out, the first workspace. */
  workspace: z.string().min(1).optional(),
});

export type ConfigSchedule = z.infer<typeof configScheduleSchema>;

/** Reads the setting `schedules`, a JSON list. Throws Error with what was expected. */
export function readConfigSchedules(text: string): ConfigSchedule[] {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new Error("expected a JSON list of schedules");
  }
  const read = z.array(configScheduleSchema).safeParse(given);
  if (!read.success) {
    const [issue] = read.error.issues;
    const [index, ...path] = issue?.path ?? [];
    const where =
      index === undefined ? "" : `${nameAt(given, Number(index))}${path.length > 0 ? `, ${path.join(".")}` : ""}: `;
    throw new Error(`${where}${issue?.message}`);
  }
  const seen = new Set<string>();
  for (const schedule of read.data) {
    const key = `${schedule.workspace ?? ""}/${schedule.name}`;
    if (seen.has(key)) throw new Error(`the schedule ${schedule.name} is there twice`);
    seen.add(key);
    try {
      checkRule(schedule);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      throw new Error(`the schedule ${schedule.name}: ${error.message}`);
    }
  }
  return read.data;
}

function nameAt(list: unknown, index: number): string {
  const item: unknown = Array.isArray(list) ? list[index] : undefined;
  const name = typeof item === "object" && item !== null && "name" in item ? item.name : undefined;
  return typeof name === "string" ? `the schedule ${name}` : `schedule ${index + 1}`;
}

/** How the setting is shown. */
export function namesOf(schedules: readonly ConfigSchedule[]): string[] {
  return schedules.map(({ name, workspace }) => (workspace === undefined ? name : `${workspace}/${name}`));
}
