import type { Finding } from "@daybook/contract";
import { clock } from "../../schedules/state.ts";
import { count, some } from "./amounts.ts";
import { cronLine } from "./cron-line.ts";
import type { Facts } from "./facts.ts";
import { silentSchedules } from "./silent-schedules.ts";

/** Lines of a crontab that are shown. */
const LINES_MAX = 10;

/** Every monitored job that was due has kept silent: the panel's cron is dead, or does not reach Daybook. */
export function cronSilent(facts: Facts): Finding[] {
  const { silent, heardMs, isCron } = silentSchedules(facts);
  if (!isCron) return [];
  const heard =
    heardMs === undefined ? "None has ever checked in." : `The last check-in of any came at ${clock(heardMs)}.`;
  const lines = silent.slice(0, LINES_MAX).map(cronLine);
  return [
    {
      code: "cron_silent",
      severity: "critical",
      title: "No monitored job checks in",
      found: `${count(silent.length, "schedule")} did not check in when they were due: ${some(silent.map((each) => each.name))}. ${heard}`,
      mend: "The cron of the panel does not run, or cannot reach Daybook. See whether it runs (systemctl status cron), whether its jobs call daybook run, and whether DAYBOOK_URL and DAYBOOK_KEY are right there. These are the lines it needs:",
      command: lines.join("\n"),
      screens: ["schedules"],
      link: "/schedules",
    },
  ];
}
