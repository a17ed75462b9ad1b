import { type Draft, request, userTarget, visit } from "../draft.ts";
import { serverTarget } from "../fleet.ts";
import { MINUTE } from "../rhythm.ts";
import { acts, type Deed } from "../scenes/scene.ts";
import { type Incident, said } from "./incident.ts";

/**
 * Tomasz means to clear away test servers and takes the wrong customer.
 *  1. On an afternoon he deletes all 37 servers of Halcyon Pixel in six minutes.
 *  2. Next morning Dana restores 35 of them from last night's backups; two had none.
 *  3. Tomasz loses the right to delete.
 */
export const massDeletion: Incident = (world, when, chance) => {
  const { tomasz, dana } = world.staff;
  const { halcyon } = world.story;
  const startsAt = when(11, "16:31:20");
  const desk = visit(tomasz, chance);
  const step = (6 * MINUTE) / halcyon.length;
  const deleted: Draft[] = halcyon.map((server, i) => ({
    at: Math.floor(startsAt + i * step + chance.next() * step * 0.8),
    action: "server.deleted",
    actor: tomasz.actor,
    targets: [serverTarget(server)],
    origin: request(desk, chance),
    details: { reason: "clean-up of test servers" },
  }));
  const restoredAt = when(10, "08:14:00");
  const deeds: Deed[] = [
    { action: "auth.login" },
    { action: "log.searched", details: { query: "action:server.deleted" } },
    ...halcyon.map(
      (server, i): Deed =>
        i < 35
          ? { action: "server.restored", targets: [serverTarget(server)], details: { from: "nightly" } }
          : { action: "server.restored", targets: [serverTarget(server)], outcome: "failure", reason: "no_backup" },
    ),
    {
      action: "staff.role.changed",
      targets: [userTarget(tomasz)],
      changes: [{ field: "role", old: "support", new: "support-restricted" }],
    },
    { action: "user.note.created", targets: [userTarget(world.named.halcyon)] },
  ];
  return {
    drafts: [
      { at: startsAt - 4 * MINUTE, action: "auth.login", actor: tomasz.actor, origin: request(desk, chance) },
      ...deleted,
      ...acts(dana, visit(dana, chance), restoredAt, deeds, chance),
    ],
    truths: [
      {
        question: "Who deleted the servers of Halcyon Pixel, and when?",
        answer: `Tomasz Wrona, ${halcyon.length} servers in six minutes from ${said(deleted[0]?.at ?? startsAt)}, from the office.`,
        query: "action:server.deleted actor:tomasz@heronfield.example",
        count: halcyon.length,
        at: startsAt,
      },
      {
        question: "How many came back?",
        answer: "35: Dana Okafor restored them next morning. Two had no backup.",
        query: "action:server.restored outcome:success actor:dana@heronfield.example owner:u-2002",
        count: 35,
        at: restoredAt,
      },
    ],
  };
};
