import type { Chance } from "../chance.ts";
import { type Server, type ServerSort, serverTarget } from "../fleet.ts";
import { type Deed, mayFail } from "./scene.ts";

type MakeDeed = (server: Server, chance: Chance) => Deed;

const troubles = ["node_unreachable", "timeout", "disk_full"] as const;
const consoleCommands = [
  "list",
  "save-all",
  "whitelist reload",
  "time set day",
  "tps",
  "say Restart in 5 minutes",
  "op mira_b",
];
const files = [
  "server.properties",
  "config/world.yml",
  "plugins/economy/config.yml",
  "ops.json",
  "whitelist.json",
  "logs/latest.log",
];
const ports = ["22/tcp", "443/tcp", "25565/tcp", "8080/tcp", "51820/udp"];

const on = (server: Server, action: string, more: Partial<Deed> = {}): Deed => ({
  action,
  targets: [serverTarget(server)],
  ...(server.owner.project !== undefined && { project: server.owner.project }),
  ...more,
});

const power =
  (verb: string): MakeDeed =>
  (server, chance) =>
    mayFail(on(server, `server.power.${verb}`), chance, 0.02, troubles);

const changed =
  (action: string, field: string, values: readonly (string | number)[], details?: Record<string, string>): MakeDeed =>
  (server, chance) => {
    const [old = "", next = ""] = chance.shuffled(values);
    return on(server, action, { changes: [{ field, old, new: next }], ...(details && { details }) });
  };

const fileDeed =
  (verb: string): MakeDeed =>
  (server, chance) =>
    on(server, `server.files.${verb}`, { details: { files: [chance.pick(files)] } });

/** What can be done to any server. */
const common: (readonly [MakeDeed, number])[] = [
  [power("restart"), 16],
  [power("start"), 9],
  [power("stop"), 7],
  [power("kill"), 1.5],
  [(server) => on(server, "server.viewed"), 12],
  [(server) => on(server, "server.metrics.viewed"), 5],
  [
    (server, chance) =>
      mayFail(on(server, "server.backup.created", { details: { name: `manual-${chance.hex(4)}` } }), chance, 0.03, [
        "quota_exceeded",
      ]),
    4,
  ],
  [changed("server.renamed", "name", ["arena-two", "old-lobby", "web-new", "friday-night", "test-box"]), 0.6],
  [
    (server) =>
      on(server, "server.auto_renewal.disabled", { changes: [{ field: "autoRenewal", old: true, new: false }] }),
    0.6,
  ],
  [
    (server) =>
      on(server, "server.auto_renewal.enabled", { changes: [{ field: "autoRenewal", old: false, new: true }] }),
    0.9,
  ],
];

const bySort: Record<ServerSort, (readonly [MakeDeed, number])[]> = {
  game: [
    [
      (server, chance) => on(server, "server.console.command", { details: { command: chance.pick(consoleCommands) } }),
      18,
    ],
    [fileDeed("read"), 7],
    [fileDeed("written"), 11],
    [fileDeed("uploaded"), 4],
    [fileDeed("deleted"), 2],
    [(server) => on(server, "server.sftp.opened"), 3],
    [changed("server.startup.variable.updated", "MAX_PLAYERS", [10, 20, 40, 60], { variable: "MAX_PLAYERS" }), 3],
    [changed("server.image.changed", "image", ["java_17", "java_21", "java_25"]), 1],
    [
      (server, chance) =>
        on(server, "server.plugin.installed", {
          details: { plugin: chance.pick(["economy", "worldguarder", "voice"]) },
        }),
      2,
    ],
    [(server) => on(server, "server.database.created", { details: { database: `s${server.id.slice(4)}_main` } }), 0.7],
    [(server) => on(server, "server.schedule.updated", { details: { schedule: "nightly restart" } }), 1],
    [
      (server, chance) =>
        on(server, "server.subuser.invited", { details: { email: `friend.${chance.hex(3)}@brackenly.example` } }),
      0.8,
    ],
  ],
  vps: [
    [(server) => on(server, "server.console.opened"), 7],
    [
      (server, chance) =>
        on(server, "server.snapshot.created", { details: { name: `before-update-${chance.hex(3)}` } }),
      4,
    ],
    [
      (server) =>
        on(server, "server.rdns.updated", {
          changes: [{ field: "rdns", old: null, new: `${server.name}.${server.owner.actor.email.split("@")[1]}` }],
        }),
      1,
    ],
    [
      (server, chance) =>
        on(server, "firewall.rule.created", {
          targets: [firewall(server), serverTarget(server)],
          details: { port: chance.pick(ports), from: "any" },
        }),
      2.5,
    ],
    [
      (server, chance) =>
        on(server, "firewall.rule.deleted", {
          targets: [firewall(server), serverTarget(server)],
          details: { port: chance.pick(ports) },
        }),
      1,
    ],
    [(server) => on(server, "server.rescued"), 0.5],
    [(server) => on(server, "server.password.reset", { changes: [{ field: "rootPassword", changed: true }] }), 0.4],
    [changed("server.plan.changed", "plan", ["VPS 2 vCPU", "VPS 8 vCPU"]), 0.5],
  ],
  gpu: [
    [(server) => on(server, "pod.started", { targets: [pod(server)] }), 8],
    [(server) => on(server, "pod.stopped", { targets: [pod(server)] }), 8],
    [(server) => on(server, "pod.logs.viewed", { targets: [pod(server)] }), 6],
    [(server) => on(server, "pod.terminal.opened", { targets: [pod(server)] }), 4],
    [
      (server) =>
        on(server, "pod.scaled", { targets: [pod(server)], changes: [{ field: "replicas", old: 1, new: 2 }] }),
      1,
    ],
    [
      (server, chance) =>
        mayFail(
          on(server, "gpu.reserved", {
            targets: [{ type: "gpu", id: "gpu-24gb", name: "GPU 24 GB" }],
            details: { count: 1 },
          }),
          chance,
          0.2,
          ["no_capacity"],
        ),
      2,
    ],
  ],
};

/** Something that the owner of a server does to it. */
export function serverDeed(server: Server, chance: Chance): Deed {
  return chance.weighted([...common, ...bySort[server.sort]])(server, chance);
}

function firewall(server: Server) {
  return {
    type: "firewall",
    id: `fw-${server.id.slice(4)}`,
    name: `${server.name} firewall`,
    ownerId: server.owner.actor.id,
  };
}

function pod(server: Server) {
  return { type: "pod", id: `pod-${server.id.slice(4)}`, name: server.name, ownerId: server.owner.actor.id };
}
