import type { Actor, EventInput, Target } from "@daybook/contract";
import type { Chance } from "./chance.ts";
import { agentOf, type Node } from "./fleet.ts";
import type { Person } from "./people.ts";

/** An event of the demo before it has its id. */
export interface Draft extends Omit<EventInput, "id" | "occurredAt" | "actor"> {
  at: number;
  actor: Actor;
}

export type Origin = NonNullable<EventInput["origin"]>;

/** A signed-in browser: everything somebody does in one visit has this origin. */
export function visit(person: Person, chance: Chance, ip: string = person.home): Origin {
  const device = chance.is(0.85) ? person.devices[0] : person.devices[1];
  return { ip, userAgent: device ?? "", sessionId: `ses-${chance.hex(12)}`, auth: "session" };
}

/** Each request of a visit has an id of its own. */
export function request(origin: Origin, chance: Chance): Origin {
  return { ...origin, requestId: `req-${chance.hex(10)}` };
}

/** The panel's own jobs: no address. */
export const machineOrigin: Origin = { ip: null };

export const scheduler: Actor = { type: "system", id: "scheduler", name: "Scheduler" };
export const provisioner: Actor = { type: "system", id: "provisioner", name: "Provisioner" };
export const mailer: Actor = { type: "system", id: "mailer", name: "Mailer" };
export const radius: Actor = { type: "system", id: "radius", name: "RADIUS" };
export const billingKey: Actor = { type: "api_key", id: "key-billing", name: "billing" };
export const deployKey: Actor = { type: "api_key", id: "key-deploy", name: "deploy pipeline" };
export const syncKey: Actor = { type: "api_key", id: "key-netsync", name: "router sync" };

/** What a node's agent reports. */
export function agentDraft(
  node: Node,
  at: number,
  draft: Omit<Draft, "at" | "actor" | "origin">,
  chance: Chance,
): Draft {
  const origin: Origin = { ip: node.ip, userAgent: "heronfield-agent/4.2.1 (linux; amd64)", auth: "api_key" };
  return { at, actor: agentOf(node), origin: request(origin, chance), ...draft };
}

export function mailDraft(
  at: number,
  template: string,
  person: Person,
  details: Record<string, string | number> = {},
): Draft {
  const { id, name, email } = person.actor;
  return {
    at,
    action: "mail.sent",
    actor: mailer,
    targets: [{ type: "user", id, name }],
    origin: machineOrigin,
    details: { template, to: email, ...details },
  };
}

export function userTarget(person: Person): Target {
  return { type: person.actor.type, id: person.actor.id, name: person.actor.name };
}
