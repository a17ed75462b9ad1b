import type { Chance } from "./chance.ts";
import { type Line, makeLines, makeServers, makeStoryServers, type Server } from "./fleet.ts";
import {
  type Customer,
  makeCustomers,
  makeNamedCustomers,
  makeStaff,
  type NamedCustomers,
  type Staff,
} from "./people.ts";

const CUSTOMERS = 180;
const SERVERS = 260;
const LINES = 60;

/** Everybody and everything at Heronfield. Customers, servers and lines are those of everyday life; the named ones of the stories. */
export interface World {
  staff: Staff;
  customers: Customer[];
  named: NamedCustomers;
  servers: Server[];
  story: ReturnType<typeof makeStoryServers>;
  lines: Line[];
  /** The time that is told. */
  fromMs: number;
  untilMs: number;
}

export function makeWorld(chance: Chance, fromMs: number, untilMs: number): World {
  const customers = makeCustomers(CUSTOMERS, chance.branch("customers"));
  const named = makeNamedCustomers();
  return {
    staff: makeStaff(),
    customers,
    named,
    servers: makeServers(SERVERS, customers, chance.branch("servers")),
    story: makeStoryServers(named),
    lines: makeLines(LINES, chance.branch("lines")),
    fromMs,
    untilMs,
  };
}

/** A customer of a later number than those who are there: somebody new. */
export function newCustomer(world: World, chance: Chance): Customer {
  const number = 3000 + chance.whole(0, 6_999);
  const like = chance.pick(world.customers);
  const [given = ""] = like.actor.name.split(" ");
  const email = `${given.toLowerCase()}${number}@${chance.pick(["bluefern", "mossbank", "willowrack"])}.example`;
  return {
    ...like,
    actor: {
      type: "user",
      id: `u-${number}`,
      name: `${given} ${chance.pick(world.customers).actor.name.split(" ")[1] ?? ""}`,
      email,
    },
  };
}

/** A server of everyday life that exists at that time. */
export function pickServer(world: World, at: number, chance: Chance): Server {
  for (;;) {
    const server = chance.pick(world.servers);
    if (server.fromMs < at && at < server.untilMs) return server;
  }
}
