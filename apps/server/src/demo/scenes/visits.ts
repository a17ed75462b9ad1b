import type { Chance } from "../chance.ts";
import { type Draft, request } from "../draft.ts";
import { addressIn, rentedNetworks } from "../networks.ts";
import { SECOND } from "../rhythm.ts";
import { pickServer, type World } from "../world.ts";
import { accountDeed } from "./account-deeds.ts";
import { acts, type Deed, later, type Scene, signIn } from "./scene.ts";
import { serverDeed } from "./server-deeds.ts";

/** A customer signs in, does a few things to one of their servers, perhaps to the account, and leaves. */
export const customerVisit: Scene = (world, at, chance) => {
  const server = pickServer(world, at, chance);
  const person = server.owner;
  const session = signIn(person, at, chance, chance.is(0.12) ? person.away : person.home);
  const count = Math.min(12, 1 + Math.floor(chance.wait(3.2)));
  const deeds: Deed[] = Array.from({ length: count }, () => serverDeed(server, chance));
  if (chance.is(0.06)) deeds.push(accountDeed(person, chance));
  if (chance.is(0.35)) deeds.push({ action: "auth.logout" });
  return [...session.drafts, ...acts(person, session.origin, session.at, deeds, chance)];
};

const automations = [
  "HashiCorp Terraform/1.13.3 terraform-provider-heronfield/2.4.0",
  "heronfield-cli/3.1.0 (linux; amd64)",
  "python-requests/2.32.5",
  "Go-http-client/2.0",
];

/** A customer's script works through a list by its API key. */
export const automation: Scene = (world, at, chance) => {
  const server = pickServer(world, at, chance);
  const { id, name } = server.owner.actor;
  const actor = { type: "api_key" as const, id: `key-${id}-ci`, name: `ci of ${name}` };
  const userAgent = automations[Number(id.slice(2)) % automations.length] ?? "";
  const origin = {
    ip: addressIn(rentedNetworks[Number(id.slice(2)) % 2] ?? rentedNetworks[0], Number(id.slice(2))),
    userAgent,
    auth: "api_key" as const,
  };
  let time = at;
  return Array.from({ length: chance.whole(1, 6) }, () => {
    time = later(time, chance, 2 * SECOND);
    const deed = serverDeed(server, chance);
    const refused = chance.is(0.02) ? { outcome: "denied" as const, reason: "scope_missing" } : {};
    return { at: time, actor, origin: request(origin, chance), ...deed, ...refused };
  });
};

const guessed = ["admin", "root", "administrator", "test", "info", "support", "postmaster", "demo"];

/** Somebody knocks at the door with names that do not exist. */
export const knocking: Scene = (_world: World, at: number, chance: Chance): Draft[] => {
  const ip = addressIn(chance.pick(rentedNetworks.slice(2)), chance.whole(7, 13));
  let time = at;
  return Array.from({ length: chance.whole(1, 7) }, () => {
    time = later(time, chance, 3 * SECOND);
    return {
      at: time,
      action: "auth.login",
      actor: { type: "anonymous" },
      origin: { ip, userAgent: "python-requests/2.32.5" },
      outcome: "failure",
      reason: "unknown_user",
      details: { loginName: chance.pick(guessed) },
    };
  });
};
