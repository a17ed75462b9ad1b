import { type Draft, request, userTarget, visit } from "../draft.ts";
import { linePlans, pickStable, products, serverTarget } from "../fleet.ts";
import { addressIn, customerNetworks } from "../networks.ts";
import { DAY, MINUTE } from "../rhythm.ts";
import { acts, type Deed } from "../scenes/scene.ts";
import { type Incident, said } from "./incident.ts";

/** Ingrid deletes the user Piet Vandermolen at his wish. */
export const deletedUser: Incident = (world, when, chance) => {
  const { ingrid } = world.staff;
  const { piet } = world.named;
  const at = when(33, "13:22:10");
  const asked: Draft = {
    at: at - 2 * DAY,
    action: "privacy.erasure.requested",
    actor: piet.actor,
    targets: [userTarget(piet)],
    origin: request(visit(piet, chance), chance),
  };
  const deeds: Deed[] = [
    { action: "user.viewed", targets: [userTarget(piet)] },
    { action: "user.deleted", targets: [userTarget(piet)], details: { reason: "asked for by the user" } },
  ];
  const drafts = [asked, ...acts(ingrid, visit(ingrid, chance), at, deeds, chance)];
  const deletedAt = drafts.at(-1)?.at ?? at;
  const answer = `Ingrid Solheim, at his own wish, at ${said(deletedAt)}.`;
  return {
    drafts,
    truths: [
      {
        question: "Who deleted the user Piet Vandermolen?",
        answer,
        query: `action:user.deleted target:user/${piet.actor.id}`,
        count: 1,
        at: deletedAt,
      },
    ],
  };
};

const ACTED_FOR = 7;

/** Mateus acts as a customer seven times, two deeds each. */
export const actingFor: Incident = (world, when, chance) => {
  const { mateus } = world.staff;
  const drafts = Array.from({ length: ACTED_FOR }, (_, i) => {
    const server = pickStable(world.servers, i * 31 + 5);
    const customer = server.owner;
    const origin = visit(mateus, chance);
    const target = [userTarget(customer)];
    const deeds: Deed[] = [
      { action: "auth.impersonation.started", targets: target, details: { reason: "ticket" } },
      {
        action: "server.startup.variable.updated",
        targets: [serverTarget(server)],
        onBehalfOf: customer.actor,
        details: { variable: "MOTD" },
        changes: [{ field: "MOTD", old: "", new: "Welcome" }],
      },
      { action: "server.power.restart", targets: [serverTarget(server)], onBehalfOf: customer.actor },
      { action: "auth.impersonation.ended", targets: target },
    ];
    return acts(mateus, origin, when(2 + i * 11, `1${i % 6}:2${i % 6}:00`), deeds, chance);
  }).flat();
  const answer = `Mateus Ribeiro, ${ACTED_FOR} times; two things each time.`;
  const at = Math.min(...drafts.map((draft) => draft.at));
  return {
    drafts,
    truths: [
      {
        question: "Which of the staff acted as a customer?",
        answer,
        query: "action:auth.impersonation.started",
        count: ACTED_FOR,
        at,
      },
      {
        question: "What was done under a customer's name?",
        answer: "A startup variable and a restart each time.",
        query: "behalf:user actor:mateus@heronfield.example",
        count: ACTED_FOR * 2,
        at,
      },
    ],
  };
};

/** Prices rise: four products, a fibre plan, and the rate of tax in the settings. */
export const priceRise: Incident = (world, when, chance) => {
  const { ingrid } = world.staff;
  const at = when(40, "09:04:00");
  const deeds: Deed[] = [
    ...products.slice(0, 4).map(
      ([id, name, price]): Deed => ({
        action: "product.price.changed",
        targets: [{ type: "product", id, name }],
        changes: [{ field: "price", old: Math.round(price * 90) / 100, new: price }],
      }),
    ),
    {
      action: "plan.price.changed",
      targets: [{ type: "plan", id: "plan-2", name: linePlans[1] }],
      changes: [{ field: "price", old: 39, new: 42 }],
    },
    {
      action: "settings.billing.updated",
      targets: [{ type: "settings", id: "billing", name: "billing" }],
      changes: [{ field: "vatPercent", old: 20, new: 21 }],
    },
  ];
  const drafts = acts(ingrid, visit(ingrid, chance), at, deeds, chance);
  const answer = `Ingrid Solheim raised four products and the plan Fibre 500 on ${said(at).slice(0, 10)}.`;
  return {
    drafts,
    truths: [
      {
        question: "Who changed the prices?",
        answer,
        query: "field:price actor:ingrid@heronfield.example",
        count: 5,
        at: drafts[0]?.at ?? at,
      },
    ],
  };
};

/** Passwords that the panel sends along by mistake; none of them may be in the log. */
export const sentPasswords = ["gannet-Weir-4471", "gannet-Weir-4472"] as const;

/** Kaito changes his password. */
export const changedPassword: Incident = (world, when, chance) => {
  const { kaito } = world.named;
  const at = when(5, "11:45:30");
  const [old, next] = sentPasswords;
  const deeds: Deed[] = [
    { action: "auth.login" },
    { action: "auth.password.changed", targets: [userTarget(kaito)], changes: [{ field: "password", old, new: next }] },
  ];
  const drafts = acts(kaito, visit(kaito, chance), at, deeds, chance);
  const answer = "Yes, Kaito Ishikawa changed it himself. The log keeps that it changed, not what it was or is.";
  return {
    drafts,
    truths: [
      {
        question: "Did Kaito change his password, and can anybody read it here?",
        answer,
        query: `action:auth.password.changed actor:${kaito.actor.email} field:password`,
        count: 1,
        at: drafts[1]?.at ?? at,
      },
    ],
  };
};

/** Jonas, invited to one server of somebody else, tries twelve things that he may not. */
export const deniedAttempts: Incident = (world, when, chance) => {
  const { jonas } = world.named;
  const targets = [serverTarget(world.story.jonas)];
  const tried = [
    "server.console.opened",
    "server.backup.downloaded",
    "server.files.deleted",
    "server.deleted",
    "server.transferred",
    "server.subuser.invited",
  ];
  const deeds: Deed[] = [...tried, ...tried].map((action) => ({
    action,
    targets,
    outcome: "denied",
    reason: "missing_permission",
  }));
  const drafts = acts(jonas, visit(jonas, chance), when(14, "21:10:00"), [{ action: "auth.login" }, ...deeds], chance);
  const answer =
    "Jonas Weber tried twelve things on duneforge-arena within a quarter of an hour, deletion included; all were denied.";
  return {
    drafts,
    truths: [
      {
        question: "Who tries what they may not?",
        answer,
        query: `outcome:denied actor:${jonas.actor.email}`,
        count: deeds.length,
        at: drafts[1]?.at ?? 0,
      },
    ],
  };
};

/** Three payments are charged back; Ingrid suspends the servers. */
export const chargebacks: Incident = (world, when, chance) => {
  const { ingrid } = world.staff;
  const drafts = [62, 29, 9].flatMap((days, i) => {
    const server = pickStable(world.servers, i * 47 + 11);
    const payment = { type: "payment", id: `pay-c4a${i}b1`, ownerId: server.owner.actor.id };
    const details = { amount: 22 + i, currency: "EUR", reason: "chargeback" };
    const disputed: Draft = {
      at: when(days, "06:12:00"),
      action: "payment.disputed",
      actor: server.owner.actor,
      targets: [payment],
      origin: { ip: null },
      details,
    };
    const deeds: Deed[] = [
      { action: "server.suspended", targets: [serverTarget(server), payment], details: { reason: "chargeback" } },
    ];
    return [disputed, ...acts(ingrid, visit(ingrid, chance), when(days, "08:40:00"), deeds, chance)];
  });
  return {
    drafts,
    truths: [
      {
        question: "Which servers were suspended for a chargeback?",
        answer: "Three, all by Ingrid Solheim.",
        query: "action:server.suspended details.reason:chargeback",
        count: 3,
        at: drafts[1]?.at ?? 0,
      },
    ],
  };
};

/** Ama signs in from Great Britain, and 22 minutes later from Japan. */
export const farApart: Incident = (world, when, chance) => {
  const { ama } = world.named;
  const at = when(3, "18:02:00");
  const there = addressIn(customerNetworks[10], 12);
  const login = (time: number, ip: string): Draft => ({
    at: time,
    action: "auth.login",
    actor: ama.actor,
    origin: request(visit(ama, chance, ip), chance),
  });
  return {
    drafts: [login(at, ama.home), login(at + 22 * MINUTE, there)],
    truths: [
      {
        question: "Did somebody sign in from two places too far apart?",
        answer: `Ama Boateng: from Great Britain at ${said(at)}, from Japan 22 minutes later.`,
        query: `action:auth.login actor:${ama.actor.email} outcome:success country:GB,JP`,
        count: 2,
        at,
      },
    ],
  };
};
