import type { Chance } from "../chance.ts";
import { type Draft, request, userTarget } from "../draft.ts";
import { type Node, nodes, serverTarget } from "../fleet.ts";
import type { Customer, Person } from "../people.ts";
import { HOUR, MINUTE } from "../rhythm.ts";
import { pickServer, type World } from "../world.ts";
import { acts, type Deed, later, type Scene, signIn } from "./scene.ts";

const subjects = [
  "Server does not start",
  "Lag in the evening",
  "Question about my invoice",
  "Upgrade to 16 GB",
  "Cannot reach the panel",
  "Restore a backup",
];
const departments = ["support", "billing", "technical"];

/** A customer writes, support answers, the customer thanks, the ticket is closed. */
export const ticket: Scene = (world, at, chance) => {
  const server = pickServer(world, at, chance);
  const customer = server.owner;
  const agent = chance.pick([world.staff.mateus, world.staff.tomasz, world.staff.yuki]);
  const target = {
    type: "ticket",
    id: `tic-${chance.whole(10_000, 99_999)}`,
    name: chance.pick(subjects),
    ownerId: customer.actor.id,
  };
  const fromCustomer = { ip: customer.home, userAgent: customer.devices[0] ?? "", auth: "session" as const };
  const fromOffice = { ip: agent.home, userAgent: agent.devices[0] ?? "", auth: "session" as const };
  const write = (time: number, action: string, person: Person, more: Partial<Draft> = {}): Draft => ({
    at: time,
    action,
    actor: person.actor,
    targets: [target, serverTarget(server)],
    origin: request(person === customer ? fromCustomer : fromOffice, chance),
    ...more,
  });
  const answeredAt = later(at, chance, 2 * HOUR);
  const thankedAt = later(answeredAt, chance, 3 * HOUR);
  const drafts = [
    write(at, "ticket.created", customer, { details: { department: chance.pick(departments) } }),
    write(later(at, chance, 10 * MINUTE), "ticket.assigned", agent, {
      targets: [target],
      details: { assignee: agent.actor.name },
    }),
    write(answeredAt, "ticket.replied", agent),
    write(thankedAt, "ticket.replied", customer),
    write(later(thankedAt, chance, HOUR), "ticket.closed", agent),
  ];
  if (chance.is(0.3))
    drafts.push(
      write(later(thankedAt, chance, 5 * HOUR), "ticket.rated", customer, { details: { rating: chance.whole(3, 5) } }),
    );
  return drafts;
};

/** Somebody of the staff signs in at the office and looks after things. */
export const officeVisit: Scene = (world, at, chance) => {
  const person = chance.pick([
    world.staff.leilani,
    world.staff.mateus,
    world.staff.tomasz,
    world.staff.yuki,
    world.staff.ingrid,
    world.staff.dana,
  ]);
  const session = signIn(person, at, chance);
  const deeds = Array.from({ length: chance.whole(2, 9) }, () => staffDeed(world, at, person, chance));
  if (chance.is(0.5)) deeds.push({ action: "auth.logout" });
  return [...session.drafts, ...acts(person, session.origin, session.at, deeds, chance)];
};

function staffDeed(world: World, at: number, person: Person, chance: Chance): Deed {
  const server = pickServer(world, at, chance);
  const customer = server.owner;
  const money = person === world.staff.ingrid || person === world.staff.leilani;
  return chance.weighted<() => Deed>([
    [() => ({ action: "user.viewed", targets: [userTarget(customer)] }), 10],
    [() => ({ action: "server.viewed", targets: [serverTarget(server)] }), 9],
    [() => ({ action: "server.console.log.viewed", targets: [serverTarget(server)] }), 4],
    [() => ({ action: "log.searched", details: { query: `target:server/${server.id}` } }), 3],
    [() => ({ action: "mail.viewed", targets: [userTarget(customer)], details: { template: "invoice" } }), 2],
    [() => ({ action: "user.note.created", targets: [userTarget(customer)] }), 2],
    [() => userChange(customer, chance), 1.2],
    [
      () => ({
        action: "server.moved",
        targets: [serverTarget(server)],
        changes: nodeChange(server.node, chance),
      }),
      0.8,
    ],
    [() => resources(world, at, chance), 0.8],
    [() => moneyDeed(customer, chance), money ? 6 : 0],
  ])();
}

function userChange(customer: Customer, chance: Chance): Deed {
  const limit = chance.whole(2, 6);
  return {
    action: "user.limits.updated",
    targets: [userTarget(customer)],
    changes: [{ field: "servers", old: limit, new: limit + chance.whole(1, 4) }],
  };
}

function nodeChange(from: Node, chance: Chance) {
  const others = nodes.filter((node) => node.runs === from.runs && node !== from);
  return [{ field: "node", old: from.name, new: chance.pick(others.length > 0 ? others : nodes).name }];
}

function resources(world: World, at: number, chance: Chance): Deed {
  const server = pickServer(world, at, chance);
  const old = chance.pick([2048, 4096, 8192]);
  return {
    action: "server.resources.updated",
    targets: [serverTarget(server)],
    changes: [
      { field: "memoryMb", old, new: old * 2 },
      { field: "cpuPercent", old: 200, new: 300 },
    ],
  };
}

function moneyDeed(customer: Customer, chance: Chance): Deed {
  const amount = chance.pick([5, 6.5, 9, 12, 22]);
  const details = { amount, currency: "EUR" };
  return chance.weighted<Deed>([
    [
      {
        action: "payment.refunded",
        targets: [{ type: "payment", id: `pay-${chance.hex(8)}`, ownerId: customer.actor.id }],
        details,
      },
      3,
    ],
    [{ action: "balance.credited", targets: [userTarget(customer)], details: { ...details, note: "goodwill" } }, 2],
    [
      {
        action: "invoice.credited",
        targets: [{ type: "invoice", id: `inv-${chance.whole(20_000, 99_999)}`, ownerId: customer.actor.id }],
        details,
      },
      1,
    ],
  ]);
}
