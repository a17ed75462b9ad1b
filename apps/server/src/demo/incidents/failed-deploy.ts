import type { Chance } from "../chance.ts";
import { type Draft, deployKey, request, visit } from "../draft.ts";
import { addressIn, rentedNetworks } from "../networks.ts";
import { MINUTE, SECOND } from "../rhythm.ts";
import { acts, type Deed } from "../scenes/scene.ts";
import type { World } from "../world.ts";
import { type Incident, said } from "./incident.ts";

const ATTEMPTS = 4;
const reason = "health_check_failed";
const target = { type: "deployment", id: "dep-3181", name: "panel-web 4.18.0" };

/**
 * Version 4.18.0 of the panel does not come up.
 *  1. The pipeline deploys it four times; each time the health check fails because a setting is missing.
 *  2. Priya rolls back, adds the variable, and the fifth try two hours later works.
 */
export const failedDeploy: Incident = (world, when, chance) => {
  const startsAt = when(1, "14:05:00");
  const tries = Array.from({ length: ATTEMPTS }, (_, i) =>
    attempt(startsAt + i * 9 * MINUTE, i + 1, true, chance),
  ).flat();
  const repaired = repair(world, startsAt + 38 * MINUTE, chance);
  const fixedAt = startsAt + 124 * MINUTE;
  return {
    drafts: [...tries, ...repaired, ...attempt(fixedAt, ATTEMPTS + 1, false, chance)],
    truths: [
      {
        question: "Why did the deploy fail?",
        answer: `panel-web 4.18.0 failed ${ATTEMPTS} times from ${said(startsAt)}: the health check got 500, "MAIL_FROM is not set".`,
        query: `action:deployment.completed outcome:failure reason:${reason} target:deployment/dep-3181`,
        count: ATTEMPTS,
        at: startsAt,
      },
      {
        question: "Who rolled it back, and what was changed?",
        answer: "Priya Raman rolled back and set the variable MAIL_FROM of the project p-panel.",
        query: "actor:priya@heronfield.example project:p-panel action:deployment.rolled_back,project.variable.created",
        count: 2,
        at: repaired[0]?.at ?? startsAt,
      },
    ],
  };
};

function attempt(at: number, number: number, fails: boolean, chance: Chance): Draft[] {
  const origin = { ip: addressIn(rentedNetworks[0], 3), userAgent: "heronfield-deploy/2.2", auth: "api_key" as const };
  const base = { actor: deployKey, targets: [target], project: "p-panel" };
  const took = chance.whole(95, 160) * SECOND;
  const details = { version: "4.18.0", attempt: number, durationMs: took };
  const done: Draft = {
    at: at + took,
    action: "deployment.completed",
    origin: request(origin, chance),
    ...base,
    details,
  };
  const failed = {
    outcome: "failure" as const,
    reason,
    details: { ...details, check: "GET /healthz", status: 500, log: "Error: MAIL_FROM is not set" },
  };
  return [
    {
      at,
      action: "deployment.started",
      origin: request(origin, chance),
      ...base,
      details: { version: "4.18.0", attempt: number },
    },
    fails ? { ...done, ...failed } : done,
  ];
}

function repair(world: World, at: number, chance: Chance): Draft[] {
  const { priya } = world.staff;
  const deeds: Deed[] = [
    { action: "auth.login" },
    {
      action: "deployment.rolled_back",
      targets: [target],
      project: "p-panel",
      changes: [{ field: "version", old: "4.18.0", new: "4.17.3" }],
    },
    {
      action: "project.variable.created",
      targets: [{ type: "project", id: "p-panel", name: "panel" }],
      project: "p-panel",
      details: { name: "MAIL_FROM", value: "panel@heronfield.example" },
    },
  ];
  return acts(priya, visit(priya, chance), at, deeds, chance);
}
