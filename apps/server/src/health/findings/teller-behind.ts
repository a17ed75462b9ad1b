import type { Finding } from "@daybook/contract";
import { clock, howLong } from "../../schedules/state.ts";
import { count } from "./amounts.ts";
import type { Facts } from "./facts.ts";
import { startWorker } from "./no-worker.ts";

/** What happened to tasks is in the log within a second as a rule. */
const BEHIND_MS = 60_000;

/** What happened to tasks does not get into the log. */
export function tellerBehind({ nowMs, role, workers, tasks: { untold } }: Facts): Finding[] {
  if (untold === undefined || nowMs - untold.oldestMs <= BEHIND_MS) return [];
  const isAlive = workers.alive.length > 0;
  return [
    {
      code: "teller_behind",
      severity: nowMs - untold.oldestMs > 10 * BEHIND_MS ? "critical" : "warning",
      title: "The log is behind on tasks",
      found: `${count(untold.count, "change")} of tasks ${untold.count === 1 ? "is" : "are"} not in the log yet, the oldest of ${clock(untold.oldestMs)}, ${howLong(nowMs - untold.oldestMs)} ago.`,
      mend: `${isAlive ? "A worker is alive, but does not get on: its log says why (what happened to tasks could not be told)." : "The worker writes them, and none is alive: start one."} Nothing is lost; the events follow with the times at which things happened.`,
      command: isAlive ? "journalctl -u daybook-worker -u daybook -n 100" : startWorker(role),
      screens: ["tasks", "activity"],
      link: "/tasks",
    },
  ];
}
