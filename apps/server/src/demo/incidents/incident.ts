import type { Chance } from "../chance.ts";
import type { Draft } from "../draft.ts";
import type { World } from "../world.ts";

/** A question that the demo's log answers, the query that answers it, and the answer. Tests hold the log against it. */
export interface Truth {
  question: string;
  answer: string;
  query: string;
  /** Events that the query finds in the filled log. */
  count: number;
  /** When it happened: the first event of it. */
  at: number;
}

export interface Told {
  drafts: Draft[];
  truths: Truth[];
}

/** Where an incident stands in the time that is told: `at(4, "01:12:00")` is that time of day (UTC), four days before the end.
 *  The days are those of a story of 90 days; a shorter or longer one is drawn together or stretched. */
export type When = (daysBefore: number, timeOfDay: string) => number;

export type Incident = (world: World, when: When, chance: Chance) => Told;

/** For answers: `2026-11-17 01:59:14 UTC`. */
export function said(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
