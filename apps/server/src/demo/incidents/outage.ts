import { machineOrigin, radius, request, visit } from "../draft.ts";
import { routers } from "../fleet.ts";
import { MINUTE, SECOND } from "../rhythm.ts";
import { type Blackout, routerTarget } from "../scenes/fibre.ts";
import type { BackupFault } from "../scenes/machines.ts";
import { type Incident, said, type When } from "./incident.ts";

const westvoort = routers[0] as (typeof routers)[number];

/** The router at Westvoort is dark for 43 minutes. */
export function blackoutOf(when: When): Blackout {
  const fromMs = when(8, "20:17:05");
  return { router: westvoort, fromMs, toMs: fromMs + 43 * MINUTE };
}

/** On three nights the backup of utr-3 does not run to its end. */
export function backupFaultOf(when: When): BackupFault {
  const fromMs = when(17, "00:00:00");
  return { node: "utr-3", reason: "storage_full", fromMs, toMs: fromMs + 3 * 24 * 60 * MINUTE };
}

/**
 * A digger cuts the fibre to Westvoort.
 *  1. The router goes offline; the sessions of its 36 lines end, its synchronisations fail.
 *  2. Farid opens an outage, and closes it when the router is back; the lines dial in again.
 */
export const outage: Incident = (world, when, chance) => {
  const { fromMs, toMs, router } = blackoutOf(when);
  const { farid } = world.staff;
  const desk = visit(farid, chance, farid.away);
  const machine = { actor: radius, targets: [routerTarget(router)], origin: machineOrigin };
  const note = {
    actor: farid.actor,
    targets: [{ type: "outage", id: "out-77", name: "Westvoort: no internet" }, routerTarget(router)],
  };
  const lines = world.lines.filter((line) => line.router === router).length;
  return {
    drafts: [
      { at: fromMs, action: "router.went.offline", ...machine },
      { at: fromMs + 4 * MINUTE, action: "auth.login", actor: farid.actor, origin: request(desk, chance) },
      { at: fromMs + 6 * MINUTE, action: "outage.opened", origin: request(desk, chance), ...note },
      { at: toMs, action: "router.came.online", ...machine },
      {
        at: toMs + 3 * MINUTE + 20 * SECOND,
        action: "outage.resolved",
        origin: request(desk, chance),
        ...note,
        details: { minutes: 43 },
      },
    ],
    truths: [
      {
        question: "How long was Westvoort offline?",
        answer: `43 minutes, from ${said(fromMs)} to ${said(toMs)}.`,
        query: "action:router.went.offline,router.came.online target:rtr-westvoort",
        count: 2,
        at: fromMs,
      },
      {
        question: "How many lines lost their session?",
        answer: `All ${lines} lines of the router.`,
        query: "action:pppoe.session.ended details.reason:link_lost",
        count: lines,
        at: fromMs,
      },
    ],
  };
};

/** The storage behind utr-3 is full: its nightly backup fails on three nights, and nobody looks. */
export const backupFault: Incident = (_world, when) => {
  const { fromMs, node, reason } = backupFaultOf(when);
  return {
    drafts: [],
    truths: [
      {
        question: "Is the daily backup really running?",
        answer: `Not always: on ${node} it failed on three nights from ${said(fromMs).slice(0, 10)} (${reason}).`,
        query: `action:schedule.run.completed target:schedule/backup-${node} outcome:failure`,
        count: 3,
        at: fromMs,
      },
    ],
  };
};
