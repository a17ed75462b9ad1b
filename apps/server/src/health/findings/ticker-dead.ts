import type { Finding } from "@daybook/contract";
import { clock, howLong } from "../../schedules/state.ts";
import { count, some } from "./amounts.ts";
import type { Facts } from "./facts.ts";
import { startWorker } from "./no-worker.ts";

/** The ticker looks every second; a restart takes as long. */
export const SILENT_TICKER_MS = 30_000;

/** Schedules are due, and nothing has started one since: the ticker is dead. */
export function tickerDead({ nowMs, role, workers, schedules }: Facts): Finding[] {
  const overdue = schedules.all
    .filter((each) => each.turnMs !== undefined && each.turnMs < nowMs - SILENT_TICKER_MS)
    .sort((a, b) => (a.turnMs ?? 0) - (b.turnMs ?? 0));
  const oldestMs = overdue[0]?.turnMs;
  const { lastTickMs, all } = schedules;
  if (oldestMs === undefined || (lastTickMs !== undefined && lastTickMs >= oldestMs)) return [];
  const isAlive = workers.alive.length > 0;
  const last = lastTickMs === undefined ? "Nothing has ticked yet." : `The last tick was at ${clock(lastTickMs)}.`;
  const whose =
    role === "api" ? "This server was started with the role api, which runs no schedules: the worker" : "The worker";
  return [
    {
      code: "ticker_dead",
      severity: "critical",
      title: "Schedules do not run: nothing ticks",
      found: `${count(overdue.length, "schedule")} of ${all.length.toLocaleString("en-GB")} ${overdue.length === 1 ? "is" : "are"} due and ${overdue.length === 1 ? "was" : "were"} not looked at, the first for ${howLong(nowMs - oldestMs)} (${some(overdue.map((each) => each.name))}). ${last}`,
      mend: isAlive
        ? "A worker is alive, but its ticker does not get on: its log says why (the ticker of schedules). Restart it; what was due meanwhile follows the catch-up policy of each schedule."
        : `${whose} runs schedules, and none is alive: start one. What was due meanwhile follows the catch-up policy of each schedule.`,
      command: isAlive ? `systemctl restart ${role === "all" ? "daybook" : "daybook-worker"}` : startWorker(role),
      screens: ["schedules", "tasks"],
      link: "/schedules",
    },
  ];
}
