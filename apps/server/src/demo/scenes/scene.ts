import type { Chance } from "../chance.ts";
import { type Draft, type Origin, request, visit } from "../draft.ts";
import type { Person } from "../people.ts";
import { SECOND } from "../rhythm.ts";
import type { World } from "../world.ts";

/** A small piece of everyday life that begins at a time: what happens, as events in the order of time. */
export type Scene = (world: World, at: number, chance: Chance) => Draft[];

/** What is done, without when, by whom and from where. */
export type Deed = Omit<Draft, "at" | "actor" | "origin">;

/** The time of the next click. */
export function later(at: number, chance: Chance, meanMs = 45 * SECOND): number {
  return Math.round(at + 1.5 * SECOND + chance.wait(meanMs));
}

/** Somebody does one thing after the other in one visit. */
export function acts(person: Person, origin: Origin, at: number, deeds: readonly Deed[], chance: Chance): Draft[] {
  let time = at;
  return deeds.map((deed) => {
    time = later(time, chance);
    return { at: time, actor: person.actor, origin: request(origin, chance), ...deed };
  });
}

export interface SignIn {
  drafts: Draft[];
  origin: Origin;
  /** When they are in. */
  at: number;
}

/** A sign-in that succeeds in the end; people mistype now and then. */
export function signIn(person: Person, at: number, chance: Chance, ip?: string): SignIn {
  const origin = visit(person, chance, ip);
  const drafts: Draft[] = [];
  let time = at;
  const attempt = (outcome: "success" | "failure", reason?: string) => {
    const { sessionId, ...outside } = request(origin, chance);
    const draft: Draft = { at: time, action: "auth.login", actor: person.actor, origin: outside, outcome };
    if (reason !== undefined) draft.reason = reason;
    else if (sessionId !== undefined) draft.origin = { ...outside, sessionId };
    drafts.push(draft);
    time = later(time, chance, 8 * SECOND);
  };
  if (chance.is(0.05)) attempt("failure", "invalid_password");
  if (chance.is(0.012)) attempt("failure", "invalid_code");
  attempt("success");
  return { drafts, origin, at: time };
}

/** The same deed, which fails so often. */
export function mayFail(deed: Deed, chance: Chance, probability: number, reasons: readonly string[]): Deed {
  return chance.is(probability) ? { ...deed, outcome: "failure", reason: chance.pick(reasons) } : deed;
}
