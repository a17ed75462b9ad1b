import type { Finding } from "@daybook/contract";
import { clock, howLong } from "../../schedules/state.ts";
import { count, some } from "./amounts.ts";
import { cronLine } from "./cron-line.ts";
import type { Facts } from "./facts.ts";
import type { ScheduleFact } from "./schedule-facts.ts";
import { inARow, silentSchedules } from "./silent-schedules.ts";

/** Schedules that are named one by one. */
const NAMED_MAX = 5;
/** One failure is an event, so many in a row are a fault. */
const FAILURES_LEAST = 3;

/** Schedules that ran before and do not any more: they keep silent, get lost, or fail each time. */
export function scheduleDown(facts: Facts): Finding[] {
  const { isCron } = silentSchedules(facts);
  const down = facts.schedules.all
    .filter((each) => each.beganMs !== undefined)
    .flatMap((schedule) => findingOf(schedule, facts.nowMs, isCron) ?? []);
  const rest = down.slice(NAMED_MAX);
  return [
    ...down.slice(0, NAMED_MAX),
    ...(rest.length === 0 ? [] : [others(rest.map((finding) => finding.about ?? ""))]),
  ];
}

function findingOf(schedule: ScheduleFact, nowMs: number, isCron: boolean): Finding | undefined {
  const { name, kind, last, beganMs = nowMs } = schedule;
  const missed = inARow(schedule, ["missed"]);
  const lost = inARow(schedule, ["lost"]);
  const failed = inARow(schedule, ["failed", "lost"], ["running"]);
  const base = {
    code: "schedule_down" as const,
    about: name,
    severity: "warning" as const,
    screens: ["schedules" as const],
    link: `/schedules/${encodeURIComponent(name)}`,
  };
  const ran = `It last ran ${howLong(nowMs - beganMs)} ago, at ${clock(beganMs)}.`;
  const why = last?.reason === undefined ? "" : ` ${last.reason}`;
  if (missed > 0)
    return isCron && kind === "monitored"
      ? undefined
      : {
          ...base,
          title: `${name} no longer runs`,
          found: `It was missed ${missed < 20 ? count(missed, "time") : "20 times and more"} in a row. ${ran}${why}`,
          mend: "See whether its line is still in the crontab of the machine that does the job, and whether Daybook can be reached from there (what is sent later is still counted):",
          command: cronLine(schedule),
        };
  if (failed >= FAILURES_LEAST || lost > 0)
    return {
      ...base,
      title: lost > 0 ? `${name} began and was not heard of again` : `${name} fails each time`,
      found: `The last ${failed < 20 ? count(failed, "run") : "20 runs"} did not succeed. ${ran}${why}`,
      mend:
        lost > 0
          ? "Its job ended without a word, or still runs: see it on its machine. Started with daybook run, it says how it ended however it ends."
          : "Its last output says why; mend that and run it by hand.",
    };
  return undefined;
}

function others(names: readonly string[]): Finding {
  return {
    code: "schedule_down",
    about: "others",
    severity: "warning",
    title: `${count(names.length, "further schedule")} ${names.length === 1 ? "is" : "are"} down`,
    found: `${some(names)}.`,
    mend: "See the schedules that are down; each says why.",
    screens: ["schedules"],
    link: "/schedules",
  };
}
