import { billingKey, type Draft, machineOrigin, mailDraft, request, visit } from "../draft.ts";
import { serverTarget } from "../fleet.ts";
import { DAY, MINUTE, SECOND } from "../rhythm.ts";
import { type Incident, said } from "./incident.ts";

/**
 * Noor does not pay in time.
 *  1. Mails seven, three and one day before; then the server expires and is suspended, and the mail about it goes out.
 *  2. Four days later Noor pays; the server is renewed for a month and unsuspended.
 */
export const latePayment: Incident = (world, when, chance) => {
  const { noor } = world.named;
  const server = world.story.noor;
  const expiresAt = when(24, "10:00:00");
  const suspendedAt = expiresAt + 5 * MINUTE;
  const paidAt = expiresAt + 4 * DAY + 8 * 60 * MINUTE + 13 * MINUTE;
  const targets = [serverTarget(server)];
  const machine = { actor: billingKey, targets, origin: machineOrigin };
  const origin = visit(noor, chance);
  const payment = {
    actor: noor.actor,
    targets: [{ type: "payment", id: "pay-5f0c11d2", ownerId: noor.actor.id }],
    details: { amount: 12, currency: "EUR", method: "card" },
  };
  const drafts: Draft[] = [
    ...[7, 3, 1].flatMap((days) => [
      { at: expiresAt - days * DAY, action: "server.expiring", ...machine, details: { days } },
      mailDraft(expiresAt - days * DAY + SECOND, "server-expiring", noor, { server: server.name, days }),
    ]),
    { at: expiresAt, action: "server.expired", ...machine },
    { at: suspendedAt, action: "server.suspended", ...machine, details: { reason: "expired" } },
    mailDraft(suspendedAt + 2 * SECOND, "server-suspended", noor, {
      server: server.name,
      answer: "250 2.0.0 accepted",
    }),
    { at: paidAt, action: "auth.login", actor: noor.actor, origin: request(origin, chance) },
    { at: paidAt + 50 * SECOND, action: "payment.created", origin: request(origin, chance), ...payment },
    { at: paidAt + 81 * SECOND, action: "payment.completed", origin: request(origin, chance), ...payment },
    {
      at: paidAt + 82 * SECOND,
      action: "server.renewed",
      ...machine,
      changes: [
        {
          field: "expiresAt",
          old: new Date(expiresAt).toISOString(),
          new: new Date(expiresAt + 34 * DAY).toISOString(),
        },
      ],
    },
    { at: paidAt + 83 * SECOND, action: "server.unsuspended", ...machine, details: { reason: "paid" } },
  ];
  return {
    drafts,
    truths: [
      {
        question: "Did the suspension mail go out?",
        answer: `Yes, to ${noor.actor.email} at ${said(suspendedAt + 2 * SECOND)}, two seconds after saltmarsh-realm was suspended.`,
        query: `action:mail.sent details.template:server-suspended target:user/${noor.actor.id}`,
        count: 1,
        at: suspendedAt + 2 * SECOND,
      },
      {
        question: "What happened to the server saltmarsh-realm?",
        answer: `Announced three times, expired and suspended on ${said(expiresAt)}, renewed and unsuspended on ${said(paidAt + 83 * SECOND)}.`,
        query: `target:server/${server.id}`,
        count: 7,
        at: expiresAt - 7 * DAY,
      },
    ],
  };
};
