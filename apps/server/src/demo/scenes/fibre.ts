import type { Chance } from "../chance.ts";
import { type Draft, machineOrigin, radius, request, syncKey } from "../draft.ts";
import { type Line, linePlans, type Router, routers } from "../fleet.ts";
import { HOUR, MINUTE, SECOND } from "../rhythm.ts";
import type { World } from "../world.ts";
import { acts, type Deed, type Scene, signIn } from "./scene.ts";

/** While a router is dark, its lines have no session. */
export interface Blackout {
  router: Router;
  fromMs: number;
  toMs: number;
}

/** Every line's sessions from end to end: one ends, a moment later the next one starts. */
export function pppoeSessions(world: World, blackout: Blackout, meanMs: number, chance: Chance): Draft[] {
  return world.lines.flatMap((line) => {
    const stream = chance.branch(line.id);
    const drafts: Draft[] = [];
    let startedAt = world.fromMs + stream.wait(HOUR);
    while (startedAt < world.untilMs) {
      drafts.push(session(line, "started", startedAt, { address: line.ip }));
      let endedAt = startedAt + 30 * SECOND + stream.wait(meanMs);
      // A session that would end in the minute before lasts until then, so that every line is cut off.
      const cutAt = blackout.fromMs - MINUTE;
      const dark = line.router === blackout.router && startedAt < blackout.fromMs && endedAt >= cutAt;
      if (dark) endedAt = blackout.fromMs + stream.whole(1_000, 40_000);
      const reason = dark
        ? "link_lost"
        : stream.weighted([
            ["session_timeout", 6],
            ["user_request", 2],
            ["idle_timeout", 1],
          ] as const);
      const seconds = Math.round((endedAt - startedAt) / SECOND);
      drafts.push(
        session(line, "ended", endedAt, { address: line.ip, reason, seconds, megabytes: stream.whole(20, 40_000) }),
      );
      startedAt = dark ? blackout.toMs + stream.whole(2_000, 90_000) : endedAt + stream.whole(2_000, 60_000);
      if (line.router === blackout.router && startedAt >= blackout.fromMs && startedAt < blackout.toMs)
        startedAt = blackout.toMs + stream.whole(2_000, 90_000);
    }
    return drafts;
  });
}

function session(line: Line, verb: "started" | "ended", at: number, details: Record<string, string | number>): Draft {
  return {
    at: Math.round(at),
    action: `pppoe.session.${verb}`,
    actor: radius,
    targets: [{ type: "subscriber", id: line.id, name: line.name }, routerTarget(line.router)],
    origin: machineOrigin,
    details,
  };
}

/** So many synchronisations, spread evenly over the time and the routers: the panel writes what should be, the router answers. */
export function routerSyncs(world: World, count: number, blackout: Blackout, chance: Chance): Draft[] {
  const step = (world.untilMs - world.fromMs) / count;
  return Array.from({ length: count }, (_, i) => {
    const at = Math.floor(world.fromMs + (i + chance.next() * 0.8) * step);
    const router = routers[i % routers.length] as Router;
    const dark = router === blackout.router && at >= blackout.fromMs && at < blackout.toMs;
    const sync: Draft = {
      at,
      action: "router.synced",
      actor: syncKey,
      targets: [routerTarget(router)],
      origin: request({ ip: "192.0.2.60", userAgent: "heronfield-netsync/1.9", auth: "api_key" }, chance),
      details: { changed: chance.is(0.8) ? 0 : chance.whole(1, 12), durationMs: chance.whole(200, 4_000) },
    };
    if (!dark && !chance.is(0.01)) return sync;
    return { ...sync, outcome: "failure", reason: dark ? "unreachable" : "timeout", details: { durationMs: 30_000 } };
  });
}

/** The network engineer at work. */
export const fibreWork: Scene = (world, at, chance) => {
  const { farid } = world.staff;
  const entry = signIn(farid, at, chance);
  const deeds = Array.from({ length: chance.whole(1, 4) }, () => fibreDeed(world, chance));
  return [...entry.drafts, ...acts(farid, entry.origin, entry.at, deeds, chance)];
};

function fibreDeed(world: World, chance: Chance): Deed {
  const line = chance.pick(world.lines);
  const target = [{ type: "subscriber", id: line.id, name: line.name }];
  const [old = "", next = ""] = chance.shuffled(linePlans);
  return chance.weighted<Deed>([
    [{ action: "subscriber.usage.viewed", targets: target }, 6],
    [{ action: "subscriber.plan.changed", targets: target, changes: [{ field: "plan", old, new: next }] }, 2],
    [
      {
        action: "router.command.ran",
        targets: [routerTarget(line.router)],
        details: { command: "/interface pppoe-server print" },
      },
      3,
    ],
    [{ action: "pppoe.session.disconnected", targets: target, details: { reason: "stuck" } }, 1],
    [{ action: "onu.rebooted", targets: [{ type: "onu", id: `onu-${line.id.slice(4)}`, name: line.name }] }, 1],
  ]);
}

/** A fibre terminal goes dark for some minutes. */
export const lostSignal: Scene = (world, at, chance) => {
  const line = chance.pick(world.lines);
  const targets = [{ type: "onu", id: `onu-${line.id.slice(4)}`, name: line.name }];
  return [
    {
      at: at + chance.whole(0, MINUTE),
      action: "onu.signal.lost",
      actor: radius,
      targets,
      origin: machineOrigin,
      details: { dbm: -chance.whole(27, 40) },
    },
  ];
};

export function routerTarget(router: Router) {
  return { type: "router", id: router.id, name: router.name };
}
