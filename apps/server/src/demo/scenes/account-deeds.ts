import type { Chance } from "../chance.ts";
import { userTarget } from "../draft.ts";
import type { Person } from "../people.ts";
import type { Deed } from "./scene.ts";

type MakeDeed = (person: Person, chance: Chance) => Deed;

const self =
  (action: string, more: (person: Person, chance: Chance) => Partial<Deed> = () => ({})): MakeDeed =>
  (person, chance) => ({ action, targets: [userTarget(person)], ...more(person, chance) });

const deeds: (readonly [MakeDeed, number])[] = [
  // The values are those a careless panel would send: the log keeps that the password changed, and nothing else.
  [
    self("auth.password.changed", (_, chance) => ({
      changes: [{ field: "password", old: `tulip-${chance.hex(4)}`, new: `heron-${chance.hex(6)}` }],
    })),
    5,
  ],
  [self("auth.two_factor.enabled"), 4],
  [self("auth.recovery_codes.generated"), 2],
  [self("user.notifications.updated", () => ({ changes: [{ field: "newsletter", old: true, new: false }] })), 4],
  [self("user.language.changed", () => ({ changes: [{ field: "language", old: "en", new: "nl" }] })), 2],
  [
    self("user.phone.changed", (_, chance) => ({
      changes: [{ field: "phone", old: null, new: `+31 6 5550 ${chance.whole(1000, 9999)}` }],
    })),
    2,
  ],
  [
    (_, chance) => ({
      action: "api_key.created",
      targets: [{ type: "api_key", id: `key-${chance.hex(6)}`, name: chance.pick(["ci", "laptop", "monitoring"]) }],
    }),
    3,
  ],
  [
    (_, chance) => ({
      action: "ssh_key.created",
      targets: [{ type: "ssh_key", id: `ssh-${chance.hex(6)}`, name: chance.pick(["laptop", "desk", "work"]) }],
      details: { fingerprint: `SHA256:${chance.hex(20)}` },
    }),
    3,
  ],
  [
    (_, chance) => ({
      action: "payment.method.added",
      details: { brand: chance.pick(["card", "direct debit"]), last4: String(chance.whole(1000, 9999)) },
    }),
    3,
  ],
];

/** Something that people do to their own account. */
export function accountDeed(person: Person, chance: Chance): Deed {
  return chance.weighted(deeds)(person, chance);
}
