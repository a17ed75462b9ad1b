import type { ActorType, Kind, Severity } from "../event.ts";
import { type ActionDefinition, actionCategories, catalogue } from "./catalogue.ts";
import { type Verb, verbOfInfinitive, verbOfPast } from "./verbs.ts";

/** In front of a verb they say how: server.mass_deleted is "mass-deleted", not "deleted the mass of". */
const adverbs = new Set(["auto", "bulk", "mass", "force", "soft", "hard", "pre", "re", "un", "batch"]);

const grave =
  /^(mass-|bulk-|force-|hard-)?(delete|destroy|purge|wipe|erase|drop|terminate|remove|revoke|suspend|ban|block|disable|kick|fail|reject|transfer|deactivate|deregister)$/;
const routine =
  /^(view|read|list|get|describe|look|open|see|show|fetch|query|search|check|start|stop|run|send|receive|begin|end|complete)$/;

/**
 * What an action that is not in the catalogue most likely means, from its name alone: category is the first segment,
 * "server.cache.cleared" reads "cleared the cache of {target}", "server.rotate_password" "rotated the password of {target}".
 */
export function guessAction(action: string, actorType?: ActorType): ActionDefinition {
  const [category = action, ...rest] = action.split(".");
  const known = actionCategories().get(category);
  const plainName = category.replace(/[_-]+/g, " ").trim() || "thing";
  const { says, verb } = sayOf(rest.map((segment) => segment.split(/[_-]+/).filter(Boolean)));
  return {
    action,
    category,
    kind: guessedKind(actorType) ?? known?.kind ?? "user",
    severity: guessedSeverity(verb),
    says,
    noun: known?.noun ?? `${/^[aeiou]/.test(plainName) ? "an" : "a"} ${plainName}`,
    sensitive: [],
  };
}

/** The kind of an act of the catalogue when this actor does it: what users do for themselves is administrative when staff does it. */
export function kindFor(kind: Kind, actorType: ActorType | undefined): Kind {
  if (kind !== "user") return kind;
  return actorType === "staff" ? "administrative" : actorType === "system" ? "system" : kind;
}

function guessedKind(actorType: ActorType | undefined): Kind | undefined {
  if (actorType === undefined) return undefined;
  if (actorType === "staff") return "administrative";
  return actorType === "user" || actorType === "anonymous" ? "user" : "system";
}

function guessedSeverity(verb: Verb | undefined): Severity {
  if (!verb || routine.test(verb.infinitive)) return "info";
  return grave.test(verb.infinitive) ? "medium" : "low";
}

function sayOf(segments: string[][]): { says: string; verb?: Verb } {
  catalogue(); // its verbs are known from here on
  const last = segments.at(-1) ?? [];
  const middle = segments.slice(0, -1).flat();
  const end = last.at(-1) ?? "";
  const before = [...middle, ...last.slice(0, -1)];
  if (/^(fail|failed|failure|error)$/.test(end)) {
    const verb = { past: "failed", infinitive: "fail" };
    return { says: before.length > 0 ? `the ${before.join(" ")}[ of {target}] failed` : "{target} failed", verb };
  }
  const ending = verbOfPast(end) ?? (last.length === 1 ? verbOfInfinitive(end) : undefined);
  const adverb = last.length > 1 && adverbs.has(last.at(-2) ?? "") ? last.at(-2) : undefined;
  if (ending && adverb) {
    const verb = { past: `${adverb}-${ending.past}`, infinitive: `${adverb}-${ending.infinitive}` };
    return { says: done(verb, before.slice(0, -1)), verb };
  }
  if (ending) return { says: done(ending, before), verb: ending };
  const leading = verbOfInfinitive(last[0] ?? "");
  if (leading && last.length > 1) return { says: done(leading, [...middle, ...last.slice(1)]), verb: leading };
  const all = segments.flat();
  return { says: `reported ${all.length > 0 ? all.join(" ") : "something"}[ on {target}]` };
}

const done = (verb: Verb, object: string[]): string =>
  object.length > 0 ? `${verb.past} the ${object.join(" ")}[ of {target}]` : `${verb.past} {target}`;
