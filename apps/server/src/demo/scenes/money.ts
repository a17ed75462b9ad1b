import type { Chance } from "../chance.ts";
import { billingKey, type Draft, machineOrigin, mailDraft, provisioner, request, userTarget, visit } from "../draft.ts";
import { agentOf, makeServer, products, type Server, serverTarget, sortOf } from "../fleet.ts";
import type { Customer } from "../people.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../rhythm.ts";
import { pickServer } from "../world.ts";
import { later, type Scene } from "./scene.ts";

export function priceOf(plan: string): number {
  return products.find(([, name]) => name === plan)?.[2] ?? 10;
}

/** A payment by card: it goes through, or is declined once and then goes through. */
export function pay(person: Customer, amount: number, at: number, chance: Chance): { drafts: Draft[]; at: number } {
  const origin = visit(person, chance);
  const payment = { type: "payment", id: `pay-${chance.hex(8)}`, ownerId: person.actor.id };
  const details = { amount, currency: "EUR", method: chance.pick(["card", "direct debit", "bank transfer"]) };
  const base = { actor: person.actor, targets: [payment], details };
  const drafts: Draft[] = [{ at, action: "payment.created", origin: request(origin, chance), ...base }];
  let time = later(at, chance, 20 * SECOND);
  if (chance.is(0.05)) {
    const reason = chance.pick(["card_declined", "insufficient_funds", "expired_card"]);
    drafts.push({
      at: time,
      action: "payment.completed",
      origin: request(origin, chance),
      outcome: "failure",
      reason,
      ...base,
    });
    time = later(time, chance, 2 * MINUTE);
  }
  drafts.push({ at: time, action: "payment.completed", origin: request(origin, chance), ...base });
  return { drafts, at: time };
}

/** A month is over: invoice, mail, payment, the server is renewed. */
export const renewal: Scene = (world, at, chance) => {
  const server = pickServer(world, at, chance);
  const owner = server.owner;
  const amount = priceOf(server.plan);
  const invoice = { type: "invoice", id: `inv-${chance.whole(20_000, 99_999)}`, ownerId: owner.actor.id };
  const machine = {
    actor: billingKey,
    origin: machineOrigin,
    targets: [invoice, serverTarget(server)],
    details: { amount, currency: "EUR" },
  };
  const paid = pay(owner, amount, later(at, chance, 6 * HOUR), chance);
  const until = new Date(paid.at + 30 * DAY).toISOString();
  return [
    { at, action: "invoice.created", ...machine },
    { at: at + 2 * SECOND, action: "invoice.sent", ...machine },
    mailDraft(at + 3 * SECOND, "invoice", owner, { invoice: invoice.id }),
    ...paid.drafts,
    { at: paid.at + SECOND, action: "invoice.paid", actor: owner.actor, targets: [invoice], origin: machineOrigin },
    {
      at: paid.at + 2 * SECOND,
      action: "server.renewed",
      actor: billingKey,
      targets: [serverTarget(server)],
      origin: machineOrigin,
      changes: [{ field: "expiresAt", old: new Date(paid.at).toISOString(), new: until }],
    },
  ];
};

/** Money on the account. */
export const topUp: Scene = (world, at, chance) => {
  const { owner } = pickServer(world, at, chance);
  const amount = chance.pick([5, 10, 20, 25, 50, 100]);
  const { drafts, at: paidAt } = pay(owner, amount, at, chance);
  const balance = {
    actor: billingKey,
    targets: [userTarget(owner)],
    origin: machineOrigin,
    details: { amount, currency: "EUR" },
  };
  return [...drafts, { at: paidAt + SECOND, action: "balance.topped_up", ...balance }];
};

/** An order, and the server that comes of it: from then on others may act on it. */
export const purchase: Scene = (world, at, chance) => {
  const ordered = world.servers.length;
  const owner = chance.pick(world.customers);
  const server: Server = makeServer(101 + ordered, chance.pick(sortOf[owner.trade]), owner, chance);
  const order = { type: "order", id: `ord-${5000 + ordered}`, ownerId: owner.actor.id };
  const { drafts, at: paidAt } = pay(owner, priceOf(server.plan), at + 20 * SECOND, chance);
  const placed: Draft = {
    at,
    action: "order.placed",
    actor: owner.actor,
    origin: drafts[0]?.origin ?? machineOrigin,
    targets: [order],
    details: { product: server.plan },
  };
  server.fromMs = paidAt + 4 * MINUTE;
  world.servers.push(server);
  const target = [serverTarget(server)];
  return [
    placed,
    ...drafts,
    { at: paidAt + SECOND, action: "order.paid", actor: owner.actor, targets: [order], origin: machineOrigin },
    {
      at: paidAt + 5 * SECOND,
      action: "server.created",
      actor: provisioner,
      targets: target,
      origin: machineOrigin,
      details: { node: server.node.name, plan: server.plan },
    },
    {
      at: paidAt + 90 * SECOND,
      action: "server.installed",
      actor: agentOf(server.node),
      targets: target,
      origin: { ip: server.node.ip },
    },
    {
      at: paidAt + 95 * SECOND,
      action: "order.fulfilled",
      actor: provisioner,
      targets: [order],
      origin: machineOrigin,
    },
    mailDraft(paidAt + 96 * SECOND, "server-ready", owner, { server: server.name }),
  ];
};

/** A customer forgets to pay, is suspended by the scheduler's rules, and pays. */
export const lateness: Scene = (world, at, chance) => {
  const server = pickServer(world, at, chance);
  const owner = server.owner;
  const target = [serverTarget(server)];
  const suspendedAt = at + 3 * DAY;
  const paid = pay(owner, priceOf(server.plan), later(suspendedAt, chance, 5 * HOUR), chance);
  const invoice = { type: "invoice", id: `inv-${chance.whole(20_000, 99_999)}`, ownerId: owner.actor.id };
  return [
    { at, action: "invoice.overdue", actor: billingKey, targets: [invoice], origin: machineOrigin },
    { at: at + SECOND, action: "invoice.reminder.sent", actor: billingKey, targets: [invoice], origin: machineOrigin },
    mailDraft(at + 2 * SECOND, "invoice-overdue", owner),
    {
      at: suspendedAt,
      action: "server.suspended",
      actor: billingKey,
      targets: target,
      origin: machineOrigin,
      details: { reason: "unpaid" },
    },
    mailDraft(suspendedAt + SECOND, "server-suspended", owner, { server: server.name }),
    ...paid.drafts,
    {
      at: paid.at + SECOND,
      action: "server.unsuspended",
      actor: billingKey,
      targets: target,
      origin: machineOrigin,
      details: { reason: "paid" },
    },
  ];
};
