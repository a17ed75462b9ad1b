import type { Chance } from "../chance.ts";
import { type Draft, mailDraft, type Origin, request, userTarget, visit } from "../draft.ts";
import { serverTarget } from "../fleet.ts";
import { addressIn, rentedNetworks } from "../networks.ts";
import { MINUTE, SECOND } from "../rhythm.ts";
import { acts, type Deed } from "../scenes/scene.ts";
import type { World } from "../world.ts";
import { type Incident, said } from "./incident.ts";

const FAILURES = 214;
const agents = ["python-requests/2.32.5", "Go-http-client/2.0", "curl/8.5.0"];

/**
 * Wren's account is guessed open.
 *  1. At night, 214 wrong passwords in 47 minutes from six addresses of two hosting networks, then the right one.
 *  2. The intruder makes an API key, changes the e-mail address, downloads three backups, and leaves within a quarter of an hour.
 *  3. In the morning Wren writes; Leilani ends the sessions, takes the key, resets the password, blocks the six addresses.
 */
export const breakIn: Incident = (world, when, chance) => {
  const startsAt = when(4, "01:12:09");
  const { wren } = world.named;
  const addresses = attackers();
  const guesses = guessing(world, startsAt, addresses, chance);
  const last = guesses.at(-1)?.at ?? startsAt;
  const ip = addresses[4] ?? "";
  const origin: Origin = { ip, userAgent: "Go-http-client/2.0", sessionId: `ses-${chance.hex(12)}`, auth: "session" };
  const entered: Draft = {
    at: last + 21 * SECOND,
    action: "auth.login",
    actor: wren.actor,
    origin: request(origin, chance),
  };
  const harm = intrusion(world, origin, entered.at, chance);
  return {
    drafts: [...guesses, entered, ...harm, ...rescue(world, when(4, "07:41:00"), addresses, chance)],
    truths: [
      {
        question: "Was an account guessed open?",
        answer: `Yes: ${wren.actor.email}. ${FAILURES} failed sign-ins from ${addresses.length} addresses from ${said(startsAt)}, the last at ${said(last)}.`,
        query: `action:auth.login outcome:failure actor:${wren.actor.email} reason:invalid_password ip:198.51.100.192/26`,
        count: FAILURES,
        at: startsAt,
      },
      {
        question: "Which address got in?",
        answer: `${ip} (Loon Lake Servers, CA) at ${said(entered.at)}.`,
        query: `action:auth.login outcome:success actor:${wren.actor.email} ip:198.51.100.192/26`,
        count: 1,
        at: entered.at,
      },
      {
        question: "What did the intruder do?",
        answer: `${harm.length} things in one session: an API key, another e-mail address, three backups downloaded, signed out.`,
        query: `session:${origin.sessionId} -action:auth.login`,
        count: harm.length,
        at: harm[0]?.at ?? entered.at,
      },
      {
        question: "Who cleaned up, and were the addresses blocked?",
        answer: `Leilani Kahale blocked all ${addresses.length} addresses.`,
        query: "action:auth.ip.blocked actor:leilani@heronfield.example",
        count: addresses.length,
        at: when(4, "07:41:00"),
      },
    ],
  };
};

function attackers(): string[] {
  const [, , cheap, loon] = rentedNetworks;
  return [0, 1, 2].flatMap((host) => [addressIn(cheap, host), addressIn(loon, host)]).sort();
}

function guessing(world: World, startsAt: number, addresses: readonly string[], chance: Chance): Draft[] {
  const step = (47 * MINUTE) / FAILURES;
  return Array.from({ length: FAILURES }, (_, i) => ({
    at: Math.floor(startsAt + i * step + (i === 0 ? 0 : chance.next() * step * 0.9)),
    action: "auth.login",
    actor: world.named.wren.actor,
    origin: {
      ip: addresses[i % addresses.length] ?? "",
      userAgent: agents[i % 3] ?? "",
      requestId: `req-${chance.hex(10)}`,
    },
    outcome: "failure",
    reason: "invalid_password",
  }));
}

function intrusion(world: World, origin: Origin, enteredAt: number, chance: Chance): Draft[] {
  const { wren } = world.named;
  const deeds: Deed[] = [
    { action: "api_key.created", targets: [{ type: "api_key", id: "key-9f21c4", name: "sync" }] },
    {
      action: "user.email.changed",
      targets: [userTarget(wren)],
      changes: [{ field: "email", old: wren.actor.email, new: "w.backup@quartzline.example" }],
    },
    ...world.story.wren.map((server) => ({
      action: "server.backup.downloaded",
      targets: [serverTarget(server)],
      details: { name: "nightly" },
    })),
    { action: "auth.logout" },
  ];
  return acts(wren, origin, enteredAt, deeds, chance);
}

function rescue(world: World, at: number, addresses: readonly string[], chance: Chance): Draft[] {
  const { wren } = world.named;
  const { leilani } = world.staff;
  const atHome = { ip: wren.home, userAgent: wren.devices[0] ?? "" };
  const ticket = { type: "ticket", id: "tic-40117", name: "I did not change my address!", ownerId: wren.actor.id };
  const desk = visit(leilani, chance);
  const deeds: Deed[] = [
    { action: "auth.login" },
    { action: "log.searched", details: { query: `actor:${wren.actor.email}` } },
    { action: "auth.sessions.revoked", targets: [userTarget(wren)] },
    {
      action: "api_key.revoked",
      targets: [{ type: "api_key", id: "key-9f21c4", name: "sync", ownerId: wren.actor.id }],
    },
    {
      action: "user.email.changed",
      targets: [userTarget(wren)],
      changes: [{ field: "email", old: "w.backup@quartzline.example", new: wren.actor.email }],
    },
    { action: "auth.password.reset", targets: [userTarget(wren)] },
    ...addresses.map((ip) => ({
      action: "auth.ip.blocked",
      targets: [{ type: "ip", id: ip, name: ip }],
      details: { reason: "brute_force" },
    })),
    { action: "ticket.replied", targets: [ticket] },
  ];
  const answered = acts(leilani, desk, at + 9 * MINUTE, deeds, chance);
  const created: Draft = {
    at,
    action: "ticket.created",
    actor: wren.actor,
    targets: [ticket],
    origin: request(atHome, chance),
  };
  return [created, ...answered, mailDraft((answered[5]?.at ?? at) + SECOND, "password-reset", wren)];
}
