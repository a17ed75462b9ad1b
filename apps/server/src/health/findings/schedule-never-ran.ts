import type { Finding } from "@daybook/contract";
import { clock, howLong } from "../../schedules/state.ts";
import { count, some } from "./amounts.ts";
import { cronLine } from "./cron-line.ts";
import type { Facts } from "./facts.ts";
import type { ScheduleFact } from "./schedule-facts.ts";
import { silentSchedules } from "./silent-schedules.ts";

/** Schedules that are named one by one. */
const NAMED_MAX = 5;
/** A run whose task was not begun for so long counts as not run. */
const WAITING_MS = 60_000;

/** Schedules that have been due since they were made, and never ran. */
export function scheduleNeverRan(facts: Facts): Finding[] {
  const { isCron } = silentSchedules(facts);
  const never = facts.schedules.all
    .filter((each) => each.beganMs === undefined)
    // What all monitored ones have in common is cron_silent.
    .filter((each) => !(isCron && each.kind === "monitored"))
    .flatMap((each) => {
      const cause = causeOf(each, facts.nowMs);
      return cause === undefined ? [] : [{ schedule: each, cause }];
    });
  const rest = never.slice(NAMED_MAX).map(({ schedule }) => schedule.name);
  return [
    ...never.slice(0, NAMED_MAX).map(({ schedule, cause }) => findingOf(schedule, cause, facts.nowMs)),
    ...(rest.length === 0 ? [] : [others(rest)]),
  ];
}

interface Cause {
  why: string;
  mend: string;
  command?: string;
}

/** Undefined while there is nothing wrong: it was not due yet, or its first run is just being made. */
function causeOf(schedule: ScheduleFact, nowMs: number): Cause | undefined {
  const { kind, last, waiting, recent, nextMs } = schedule;
  if (waiting !== undefined) return nowMs - waiting.sinceMs < WAITING_MS ? undefined : waitingCause(waiting, nowMs);
  if (last === undefined)
    return nextMs === undefined
      ? { why: "Its cron expression is never due any more.", mend: "Give it another cron expression." }
      : undefined;
  if (last.state === "running") return undefined;
  if (kind === "monitored")
    return {
      why: `It has been due ${recent.length < 20 ? count(recent.length, "time") : "20 times and more"} and nothing has checked in.`,
      mend: `Put this line into the crontab of the machine that does the job, or let the job check in itself (POST /api/v1/schedules/${schedule.name}/check-ins):`,
      command: cronLine(schedule),
    };
  const reason = last.reason ?? `Its last time was ${last.state}.`;
  if (last.state === "failed") return { why: reason, mend: "Mend what it says in the task of the schedule." };
  return {
    why: `Each of its times was left out. ${reason}`,
    mend: "See its catch-up and overlap policies, and whether a worker is there when it is due.",
  };
}

function waitingCause({ sinceMs, type, reported }: NonNullable<ScheduleFact["waiting"]>, nowMs: number): Cause {
  const why = `Its task (type ${type}) was made ${howLong(nowMs - sinceMs)} ago and nobody has begun it.`;
  return reported
    ? {
        why: `${why} Daybook runs no tasks of this type, so it waits for the panel to report it.`,
        mend: `Define the type: a handler or a command in the worker's configuration, or the panel's endpoint (PUT /api/v1/task-types/${type}). Or let the schedule be monitored, without a task.`,
      }
    : { why, mend: "A worker has to take it: see whether one is alive and knows the type." };
}

function findingOf(schedule: ScheduleFact, { why, mend, command }: Cause, nowMs: number): Finding {
  const { name, createdMs, nextMs } = schedule;
  const next = nextMs === undefined ? "" : ` It is due next at ${clock(nextMs)}.`;
  return {
    code: "schedule_never_ran",
    about: name,
    severity: "warning",
    title: `${name} has never run`,
    found: `It was made ${howLong(nowMs - createdMs)} ago, at ${clock(createdMs)}. ${why}${next}`,
    mend,
    ...(command === undefined ? {} : { command }),
    screens: ["schedules"],
    link: `/schedules/${encodeURIComponent(name)}`,
  };
}

function others(names: readonly string[]): Finding {
  return {
    code: "schedule_never_ran",
    about: "others",
    severity: "warning",
    title: `${count(names.length, "further schedule")} never ran`,
    found: `${some(names)}.`,
    mend: "See the schedules that are new or down; each says why.",
    screens: ["schedules"],
    link: "/schedules",
  };
}
