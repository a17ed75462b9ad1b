import { scheduleStates } from "@daybook/contract";

/** What the address of the schedules says. */
export interface ScheduleSearch {
  q?: string;
  state?: string;
}

export function readScheduleSearch(search: Record<string, unknown>): ScheduleSearch {
  const read: ScheduleSearch = {};
  if (typeof search.q === "string" && search.q.trim() !== "") read.q = search.q;
  if (scheduleStates.some((each) => each === search.state)) read.state = String(search.state);
  return read;
}
