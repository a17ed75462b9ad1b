import type { Chance } from "../chance.ts";
import { agentDraft, type Draft, machineOrigin, mailer, scheduler, userTarget } from "../draft.ts";
import { type Node, nodes, serverTarget } from "../fleet.ts";
import { addressIn, rentedNetworks } from "../networks.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../rhythm.ts";
import { pickServer, type World } from "../world.ts";
import type { Scene } from "./scene.ts";

/** A node's agent backs one server up at night. */
export const nightlyBackup: Scene = (world, at, chance) => {
  const server = pickServer(world, at, chance);
  const name = `nightly-${new Date(at).toISOString().slice(0, 10)}`;
  const bytes = chance.whole(200, 9_000) * 1_048_576;
  const failed = chance.is(0.01) ? { outcome: "failure" as const, reason: "timeout" } : {};
  return [
    agentDraft(
      server.node,
      at,
      { action: "server.backup.completed", targets: [serverTarget(server)], details: { name, bytes }, ...failed },
      chance,
    ),
  ];
};

/** A server falls over; the agent starts it again. */
export const crash: Scene = (world, at, chance) => {
  const server = pickServer(world, at, chance);
  const targets = [serverTarget(server)];
  const exitCode = chance.pick([1, 134, 137, 139]);
  const reason = exitCode === 137 ? "out_of_memory" : "crashed";
  return [
    agentDraft(server.node, at, { action: "server.crashed", targets, details: { exitCode, reason } }, chance),
    agentDraft(
      server.node,
      at + chance.whole(4, 40) * SECOND,
      { action: "server.started", targets, details: { attempt: 1 } },
      chance,
    ),
  ];
};

/** Traffic from outside is too much for one address; the filter takes it. */
export const flood: Scene = (world, at, chance) => {
  const server = pickServer(world, at, chance);
  const targets = [serverTarget(server)];
  const details = { gbps: chance.whole(2, 60), vector: chance.pick(["udp flood", "syn flood", "dns amplification"]) };
  const from = { ip: addressIn(chance.pick(rentedNetworks.slice(2)), chance.whole(7, 13)) };
  return [
    { at, action: "firewall.attack.detected", actor: scheduler, targets, origin: from, details },
    {
      at: at + chance.whole(20, 400) * SECOND,
      action: "firewall.attack.mitigated",
      actor: scheduler,
      targets,
      origin: machineOrigin,
      details,
    },
  ];
};

const jobs = ["usage-sync", "session-prune", "invoice-run", "suspend-overdue", "certificate-check", "dns-publish"];

/** One of the panel's own jobs. */
export const job: Scene = (_world, at, chance) => {
  const name = chance.pick(jobs);
  const failed = chance.is(0.008) ? { outcome: "failure" as const, reason: "lock_timeout" } : {};
  const run = { actor: scheduler, targets: [{ type: "schedule", id: name, name }], origin: machineOrigin };
  return [
    { at, action: "schedule.run.completed", details: { durationMs: chance.whole(80, 9_000) }, ...run, ...failed },
  ];
};

/** Mail that did not arrive. */
export const bounce: Scene = (world, at, chance) => {
  const { owner } = pickServer(world, at, chance);
  return [
    {
      at,
      action: "mail.bounced",
      actor: mailer,
      targets: [userTarget(owner)],
      origin: machineOrigin,
      reason: "mailbox_unknown",
      details: {
        template: chance.pick(["invoice", "server-ready", "maintenance"]),
        to: owner.actor.email,
        answer: "550 5.1.1 no such user here",
      },
    },
  ];
};

/** The nights on which a node's nightly backup does not run to its end. */
export interface BackupFault {
  node: string;
  reason: string;
  fromMs: number;
  toMs: number;
}

/** One run of the nightly backup for each node and night, at 02:05 UTC. */
export function nightlyRuns(world: World, fault: BackupFault, chance: Chance): Draft[] {
  const drafts: Draft[] = [];
  const firstNight = Math.ceil(world.fromMs / DAY) * DAY;
  for (let night = firstNight; night + 5 * HOUR < world.untilMs; night += DAY) {
    for (const node of nodes) {
      const at = night + 2 * HOUR + 5 * MINUTE + chance.whole(20, 110) * MINUTE;
      const fails = node.name === fault.node && at >= fault.fromMs && at < fault.toMs;
      drafts.push(backupRun(node, at, chance, fails ? fault.reason : undefined));
    }
  }
  return drafts;
}

function backupRun(node: Node, at: number, chance: Chance, reason: string | undefined): Draft {
  const name = `nightly-backup ${node.name}`;
  const details = { servers: chance.whole(30, 60), durationMs: chance.whole(20, 110) * MINUTE };
  const run: Draft = {
    at,
    action: "schedule.run.completed",
    actor: scheduler,
    targets: [{ type: "schedule", id: `backup-${node.name}`, name }],
    origin: machineOrigin,
    details,
  };
  return reason === undefined ? run : { ...run, outcome: "failure", reason };
}
