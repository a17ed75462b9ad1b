import type { Finding } from "@daybook/contract";
import { clock, howLong } from "../../schedules/state.ts";
import { count, some } from "./amounts.ts";
import type { Facts } from "./facts.ts";

/** House-keeping makes a round a minute; one that was not made for so long is not just a restart. */
const KEEPING_MS = 5 * 60_000;

/** Starts the background work: as a service (deploy/systemd), or in a terminal. A server with the role all is its own worker. */
export function startWorker(role: Facts["role"]): string {
  if (role === "all") return "systemctl restart daybook   # without systemd: stop it, then daybook start";
  return "systemctl start daybook-worker   # without systemd: daybook start --role worker";
}

/** What the role of the server that was asked has to do with it. */
const served: Record<Facts["role"] & string, string> = {
  api: "This server was started with the role api, which runs no tasks: it needs a worker beside it. ",
  all: "This server was started with the role all, so it should run them itself: restart it, or start a worker on another machine. ",
  worker: "",
};

/** No worker is alive, and there is work: tasks that wait, tasks that a worker held which is gone, or Daybook's own house-keeping. */
export function noWorker(facts: Facts): Finding[] {
  const { role, workers, tasks } = facts;
  if (workers.alive.length > 0) return [];
  const work = [...waiting(facts), ...held(facts)];
  const idle = keeping(facts);
  if (work.length + idle.length === 0) return [];
  return [
    {
      code: "no_worker",
      severity: work.length > 0 ? "critical" : "warning",
      title: "No worker is alive",
      found: [...work, ...idle, lastSeen(facts)].join(" "),
      mend: `${role === undefined ? "" : served[role]}${role === "all" ? "" : "Start one. "}What waits runs as soon as one is there, and what was under way is given back within 30 seconds. If it ends again, its log says why: journalctl -u daybook-worker.`,
      command: startWorker(role),
      screens: ["tasks", "schedules"],
      link: tasks.due.length === 0 ? "/tasks?status=running" : "/tasks?status=pending",
    },
  ];
}

function waiting({ nowMs, tasks: { due } }: Facts): string[] {
  if (due.length === 0) return [];
  const pending = due.reduce((sum, each) => sum + each.count, 0);
  const oldestMs = Math.min(...due.map((each) => each.oldestMs));
  const types = some(due.map((each) => each.type));
  const verb = pending === 1 ? "waits" : "wait";
  return [`${count(pending, "task")} ${verb}, the oldest for ${howLong(nowMs - oldestMs)} (${types}).`];
}

function held({ tasks: { orphans } }: Facts): string[] {
  if (orphans === undefined) return [];
  const verb = orphans.count === 1 ? "belongs" : "belong";
  return [
    `${count(orphans.count, "running task")} ${verb} to a worker that was last heard of at ${clock(orphans.heardMs)}.`,
  ];
}

function keeping({ nowMs, schedules }: Facts): string[] {
  const { dueMs = nowMs } = schedules.keeping ?? {};
  if (nowMs - dueMs < KEEPING_MS) return [];
  return [
    `Daybook's own house-keeping (partitions, checkpoints, clean-up) has been due since ${clock(dueMs)}, for ${howLong(nowMs - dueMs)}.`,
  ];
}

function lastSeen({ workers, tasks }: Facts): string {
  const { lost } = workers;
  if (lost !== undefined)
    return `The last heartbeat came at ${clock(lost.seenMs)} from ${lost.id}, which ended without taking its leave.`;
  if (tasks.lastRun !== undefined)
    return `No worker is registered: the last one was stopped; the last sign of it is of ${clock(tasks.lastRun.atMs)} (${tasks.lastRun.worker}).`;
  return "No worker is registered: none was started, or the last one was stopped.";
}
