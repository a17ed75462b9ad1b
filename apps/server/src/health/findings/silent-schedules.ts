import type { Facts } from "./facts.ts";
import type { ScheduleFact } from "./schedule-facts.ts";

/** Monitored jobs that did not check in when they were due. */
export interface SilentSchedules {
  silent: readonly ScheduleFact[];
  /** When any monitored job checked in last. */
  heardMs: number | undefined;
  /** All that were due since were missed, and they are at least two: it is not the fault of one job. */
  isCron: boolean;
}

/** How many runs before now, one after the other, are of these states; what policy left out does not count, nor what is of `passed`. */
export function inARow({ recent }: ScheduleFact, states: readonly string[], passed: readonly string[] = []): number {
  const counted = recent.filter((state) => state !== "skipped" && state !== "waiting" && !passed.includes(state));
  const other = counted.findIndex((state) => !states.includes(state));
  return other < 0 ? counted.length : other;
}

/** Tells one job that does not check in from a cron that runs none. */
export function silentSchedules({ schedules }: Pick<Facts, "schedules">): SilentSchedules {
  const monitored = schedules.all.filter((each) => each.kind === "monitored");
  const silent = monitored.filter((each) => inARow(each, ["missed"]) > 0);
  const heard = monitored.flatMap(({ beganMs }) => beganMs ?? []);
  const heardMs = heard.length === 0 ? undefined : Math.max(...heard);
  const since = silent.filter(({ last }) => (last?.dueMs ?? 0) > (heardMs ?? 0));
  return { silent, heardMs, isCron: since.length > 1 };
}
