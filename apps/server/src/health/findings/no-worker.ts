import type { Finding } from "@daybook/contract";
import { clock, howLong } from "../../schedules/state.ts";
import { count, some } from "./amounts.ts";
import type { Facts } from "./facts.ts";

/** Starts the background work: as a service, or in a terminal. */
export const startWorker = "systemctl start daybook-worker   # without systemd: daybook start --role worker";

/** Tasks wait that Daybook is to run, or are held by a worker that is gone, and no worker is alive. */
export function noWorker({ nowMs, role, workers, tasks }: Facts): Finding[] {
  if (workers.alive.length > 0) return [];
  const pending = tasks.due.reduce((sum, each) => sum + each.count, 0);
  const { orphans } = tasks;
  if (pending === 0 && orphans === undefined) return [];
  const oldestMs = Math.min(...tasks.due.map((each) => each.oldestMs));
  const waiting =
    pending === 0
      ? []
      : [
          `${count(pending, "task")} ${pending === 1 ? "waits" : "wait"}, the oldest for ${howLong(nowMs - oldestMs)} (${some(tasks.due.map((each) => each.type))}).`,
        ];
  const held =
    orphans === undefined
      ? []
      : [
          `${count(orphans.count, "running task")} ${orphans.count === 1 ? "belongs" : "belong"} to a worker that was last heard of at ${clock(orphans.heardMs)}.`,
        ];
  const served =
    role === "api"
      ? "This server was started with the role api, which runs no tasks: it needs a worker beside it. "
      : "";
  return [
    {
      code: "no_worker",
      severity: "critical",
      title: "No worker is alive",
      found: [...waiting, ...held, lastSeen({ workers, tasks })].join(" "),
      mend: `${served}Start one. What waits runs then, and what was under way is given back within 30 seconds. If it ends again, its log says why: journalctl -u daybook-worker.`,
      command: startWorker,
      screens: ["tasks", "schedules"],
      link: pending === 0 ? "/tasks?status=running" : "/tasks?status=pending",
    },
  ];
}

function lastSeen({ workers, tasks }: Pick<Facts, "workers" | "tasks">): string {
  const { lost } = workers;
  if (lost !== undefined)
    return `The last heartbeat came at ${clock(lost.seenMs)} from ${lost.id}, which ended without taking its leave.`;
  if (tasks.lastRun !== undefined)
    return `No worker is registered: the last one was stopped; the last sign of it is of ${clock(tasks.lastRun.atMs)} (${tasks.lastRun.worker}).`;
  return "No worker has sent a heartbeat yet.";
}
