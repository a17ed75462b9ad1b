import { quoted } from "./amounts.ts";
import type { ScheduleFact } from "./schedule-facts.ts";

/** What stands for the job's own command: Daybook does not know it. */
const OWN_COMMAND = "/path/to/your/command";

/** Other cron programs than ours know no seconds, L, # and W, and no names of zones in the line itself. */
const ourOwn = /[LW#]/;

/** The lines of a crontab that run a monitored job so that it checks in. */
export function cronLine({ name, settings: { cron, timeZone } }: Pick<ScheduleFact, "name" | "settings">): string {
  const run = `daybook run ${quoted(name)} -- ${OWN_COMMAND}`;
  const fields = cron.trim().split(/\s+/);
  if (cron.startsWith("@")) return `${cron} ${run}`;
  const five = fields.length === 6 ? fields.slice(1) : fields;
  const times = five.join(" ");
  if (ourOwn.test(times.replaceAll(/[A-Z]{3}/gi, ""))) return run;
  return `${timeZone === "UTC" ? "" : `CRON_TZ=${timeZone}\n`}${times} ${run}`;
}
