import type { Finding } from "@daybook/contract";
import { quoted } from "./amounts.ts";
import type { Facts } from "./facts.ts";

/** Beyond this, times of events and tasks stand in the wrong order. */
const WARNED_MS = 2_000;
/** Beyond this, tasks are taken for lost, signatures for too old. */
const CRITICAL_MS = 30_000;

/** The clock of this server, or of a worker, differs from the database's. */
export function clockSkew({ workers }: Facts): Finding[] {
  // Workers of one machine have one clock.
  const hosts = new Map(workers.alive.map((worker) => [worker.host, worker]));
  return [
    ...findingOf("server", "this server", workers.serverSkewMs),
    ...[...hosts.values()].flatMap((worker) => findingOf(worker.host, `the worker ${worker.id}`, worker.skewMs)),
  ];
}

function findingOf(about: string, whose: string, skewMs: number): Finding[] {
  const seconds = Math.abs(skewMs) / 1_000;
  if (Math.abs(skewMs) <= WARNED_MS) return [];
  const side = skewMs > 0 ? "ahead of" : "behind";
  return [
    {
      code: "clock_skew",
      about,
      severity: Math.abs(skewMs) > CRITICAL_MS ? "critical" : "warning",
      title: `The clock of ${whose} is wrong`,
      found: `It is ${seconds.toFixed(1)} s ${side} the database's.`,
      mend: "Run a time service on both machines and let it set the clock. Until then the times of events and tasks are wrong by as much; schedules follow the database's clock.",
      command: `timedatectl set-ntp true && timedatectl timesync-status   # on ${about === "server" ? "this machine" : quoted(about)} and on the database's`,
      screens: ["tasks", "schedules", "activity"],
    },
  ];
}
