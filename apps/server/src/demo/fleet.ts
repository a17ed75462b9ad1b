import type { Actor, Target } from "@daybook/contract";
import type { Chance } from "./chance.ts";
import { addressIn, ownNetworks } from "./networks.ts";
import type { Customer, NamedCustomers } from "./people.ts";

export interface Node {
  id: string;
  name: string;
  ip: string;
  /** What its servers are. */
  runs: ServerSort;
}

export type ServerSort = "game" | "vps" | "gpu";

export interface Server {
  id: string;
  name: string;
  sort: ServerSort;
  owner: Customer;
  node: Node;
  plan: string;
  /** When it exists; background scenes keep to it. */
  fromMs: number;
  untilMs: number;
}

export interface Router {
  id: string;
  name: string;
  town: string;
  ip: string;
}

/** A fibre line: an account that dials in by PPPoE. */
export interface Line {
  id: string;
  name: string;
  router: Router;
  ip: string;
  plan: string;
}

export const nodes: readonly Node[] = [
  ["node-1", "utr-1", "game"],
  ["node-2", "utr-2", "game"],
  ["node-3", "utr-3", "game"],
  ["node-4", "ams-1", "vps"],
  ["node-5", "ams-2", "vps"],
  ["node-6", "gpu-1", "gpu"],
].map(([id = "", name = "", runs], i) => ({ id, name, ip: addressIn(ownNetworks[1], i), runs: runs as ServerSort }));

export const routers: readonly Router[] = ["Westvoort", "Ooijdam", "Kleivaart", "Hegdijk"].map((town, i) => ({
  id: `rtr-${i + 1}`,
  name: `rtr-${town.toLowerCase()}`,
  town,
  ip: addressIn(ownNetworks[1], 20 + i),
}));

/** What is sold: id, name, price a month in euro. */
export const products = [
  ["prod-1", "Game 4 GB", 6.5],
  ["prod-2", "Game 8 GB", 12],
  ["prod-3", "Game 16 GB", 22],
  ["prod-4", "VPS 2 vCPU", 9],
  ["prod-5", "VPS 8 vCPU", 34],
  ["prod-6", "GPU pod 24 GB", 310],
] as const;

export const linePlans = ["Fibre 200", "Fibre 500", "Fibre 1000"] as const;

const plansOf: Record<ServerSort, readonly string[]> = {
  game: ["Game 4 GB", "Game 8 GB", "Game 16 GB"],
  vps: ["VPS 2 vCPU", "VPS 8 vCPU"],
  gpu: ["GPU pod 24 GB"],
};
const gameNames = [
  "lobby",
  "survival",
  "creative",
  "skyblock",
  "arena",
  "hardcore",
  "modded",
  "race",
  "valley",
  "events",
];
const vpsNames = ["web", "mail", "db", "shop", "wiki", "build", "proxy", "cache", "monitor", "files"];
const gpuNames = ["train", "infer", "render", "notebook"];

export const sortOf: Record<Customer["trade"], readonly ServerSort[]> = {
  player: ["game", "game", "game", "vps"],
  business: ["vps", "vps", "game"],
  developer: ["vps", "gpu", "gpu"],
};

/** So many servers, spread over customers and the nodes of their sort; they are there all the time. */
export function makeServers(count: number, customers: readonly Customer[], chance: Chance): Server[] {
  return Array.from({ length: count }, (_, i) => {
    const owner = customers[i % customers.length] ?? chance.pick(customers);
    return makeServer(101 + i, chance.pick(sortOf[owner.trade]), owner, chance);
  });
}

export function makeServer(number: number, sort: ServerSort, owner: Customer, chance: Chance): Server {
  const names = { game: gameNames, vps: vpsNames, gpu: gpuNames }[sort];
  return {
    id: `srv-${number}`,
    name: `${chance.pick(names)}-${String(number % 100).padStart(2, "0")}`,
    sort,
    owner,
    node: chance.pick(nodes.filter((node) => node.runs === sort)),
    plan: chance.pick(plansOf[sort]),
    fromMs: Number.NEGATIVE_INFINITY,
    untilMs: Number.POSITIVE_INFINITY,
  };
}

/** The servers of the named customers, which the stories are about. */
export function makeStoryServers(named: NamedCustomers): {
  wren: Server[];
  halcyon: Server[];
  noor: Server;
  jonas: Server;
} {
  const make = (id: string, name: string, owner: Customer, node: Node | undefined, plan: string): Server => ({
    id,
    name,
    sort: node?.runs ?? "game",
    owner,
    node: node ?? (nodes[0] as Node),
    plan,
    fromMs: Number.NEGATIVE_INFINITY,
    untilMs: Number.POSITIVE_INFINITY,
  });
  const halcyon = Array.from({ length: 37 }, (_, i) =>
    make(`srv-${8001 + i}`, `halcyon-${String(i + 1).padStart(2, "0")}`, named.halcyon, nodes[1], "Game 8 GB"),
  );
  return {
    wren: ["shop", "db", "mail"].map((name, i) =>
      make(`srv-${8101 + i}`, `lantern-${name}`, named.wren, nodes[3], "VPS 8 vCPU"),
    ),
    halcyon,
    noor: make("srv-8201", "saltmarsh-realm", named.noor, nodes[0], "Game 8 GB"),
    jonas: make("srv-8301", "duneforge-arena", named.ama, nodes[0], "Game 16 GB"),
  };
}

/** Fibre lines; the first router carries most of them. */
export function makeLines(count: number, chance: Chance): Line[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `sub-${501 + i}`,
    name: `pppoe-${(routers[0] as Router).town.slice(0, 1).toLowerCase()}${1000 + i * 7}`,
    router: i < count * 0.6 ? (routers[0] as Router) : (routers[1 + (i % 3)] as Router),
    ip: addressIn(ownNetworks[2], i),
    plan: chance.pick(linePlans),
  }));
}

/** The same server for the same number, among those that are there from the beginning. */
export function pickStable(servers: readonly Server[], number: number): Server {
  const first = servers.filter((server) => server.fromMs === Number.NEGATIVE_INFINITY);
  return first[number % first.length] as Server;
}

export function serverTarget(server: Server): Target {
  return { type: "server", id: server.id, name: server.name, ownerId: server.owner.actor.id };
}

/** The program on a node that runs its servers. */
export function agentOf(node: Node): Actor {
  return { type: "system", id: `agent-${node.name}`, name: `Agent ${node.name}` };
}
