import type { Chance } from "../chance.ts";
import { type Draft, mailDraft, request, userTarget, visit } from "../draft.ts";
import { nodes, products } from "../fleet.ts";
import { HOUR, MINUTE } from "../rhythm.ts";
import { newCustomer, type World } from "../world.ts";
import { acts, type Deed, later, type Scene, signIn } from "./scene.ts";

/** Those who run the company change how it works. */
export const management: Scene = (world, at, chance) => {
  const person = chance.pick([world.staff.dana, world.staff.leilani, world.staff.priya]);
  const session = signIn(person, at, chance);
  const deeds = Array.from({ length: chance.whole(1, 3) }, () => managementDeed(world, chance));
  return [...session.drafts, ...acts(person, session.origin, session.at, deeds, chance)];
};

function managementDeed(world: World, chance: Chance): Deed {
  const colleague = chance.pick([world.staff.mateus, world.staff.yuki]);
  return chance.weighted<() => Deed>([
    [() => infrastructureDeed(chance), 3],
    [() => salesDeed(chance), 4],
    [() => settingsDeed(chance), 4],
    [() => ({ action: "staff.note.created", targets: [userTarget(colleague)] }), 1],
    [
      () => ({
        action: "log.exported",
        details: { format: "csv", count: chance.whole(40, 9_000), query: "category:payment" },
      }),
      1.5,
    ],
  ])();
}

function infrastructureDeed(chance: Chance): Deed {
  const node = chance.pick(nodes);
  const targets = [{ type: "node", id: node.id, name: node.name }];
  const egg = [{ type: "egg", id: "egg-4", name: "Java 21" }];
  return chance.weighted<Deed>([
    [{ action: "node.configuration.viewed", targets }, 1],
    [{ action: "node.allocation.created", targets, details: { count: chance.whole(2, 40) } }, 2],
    [{ action: "egg.updated", targets: egg, changes: [{ field: "image", old: "java:21.0.8", new: "java:21.0.9" }] }, 1],
  ]);
}

function salesDeed(chance: Chance): Deed {
  const [id, name] = chance.pick(products);
  const stock = chance.whole(0, 40);
  const coupon = [{ type: "coupon", id: `AUTUMN${chance.whole(10, 99)}`, name: "autumn" }];
  const notice = [{ type: "announcement", id: `ann-${chance.whole(10, 99)}`, name: "Maintenance on Tuesday" }];
  const product = [{ type: "product", id, name }];
  const filled = [{ field: "stock", old: stock, new: stock + chance.whole(1, 20) }];
  return chance.weighted<Deed>([
    [{ action: "product.stock.changed", targets: product, changes: filled }, 3],
    [{ action: "announcement.published", targets: notice }, 1],
    [{ action: "coupon.created", targets: coupon, details: { percent: 15 } }, 1],
  ]);
}

function settingsDeed(chance: Chance): Deed {
  const role = [{ type: "role", id: "role-2", name: "support" }];
  const changed = (name: string, field: string, old: string | number, next: string | number): Partial<Deed> => ({
    targets: settings(name),
    changes: [{ field, old, new: next }],
  });
  const password = () => `osprey-${chance.hex(4)}`;
  return chance.weighted<Deed>([
    [{ action: "settings.updated", ...changed("mail", "retryMinutes", 5, chance.pick([10, 15])) }, 2],
    [{ action: "settings.updated", ...changed("smtp", "smtpPassword", password(), password()) }, 1],
    [
      { action: "settings.security.updated", ...changed("security", "sessionMinutes", 720, chance.pick([240, 480])) },
      1,
    ],
    [{ action: "role.permission.granted", targets: role, details: { permission: "server.restart" } }, 0.5],
  ]);
}

function settings(name: string) {
  return [{ type: "settings", id: name, name: `the ${name} settings` }];
}

/** A node is taken out of service for an hour or so. */
export const maintenance: Scene = (world, at, chance) => {
  const { priya } = world.staff;
  const node = chance.pick(nodes);
  const targets = [{ type: "node", id: node.id, name: node.name }];
  const session = signIn(priya, at, chance);
  const step = (time: number, action: string): Draft => ({
    at: time,
    action,
    actor: priya.actor,
    targets,
    origin: request(session.origin, chance),
    details: { note: "kernel update" },
  });
  const startedAt = later(session.at, chance);
  const rebootedAt = later(startedAt, chance, 5 * MINUTE);
  return [
    ...session.drafts,
    step(startedAt, "node.maintenance.started"),
    step(rebootedAt, "node.rebooted"),
    step(later(rebootedAt, chance, HOUR), "node.maintenance.ended"),
  ];
};

/** Somebody registers, confirms the address, and looks around. */
export const registration: Scene = (world, at, chance) => {
  const person = newCustomer(world, chance);
  const origin = visit(person, chance);
  const step = (time: number, action: string): Draft => ({
    at: time,
    action,
    actor: person.actor,
    targets: [userTarget(person)],
    origin: request(origin, chance),
  });
  const verifiedAt = later(at, chance);
  return [
    step(at, "user.registered"),
    mailDraft(at + 1_500, "verify-address", person),
    step(verifiedAt, "auth.email.verified"),
    { ...step(later(verifiedAt, chance), "user.terms.accepted"), details: { version: "2026-05" } },
  ];
};
