import type { Json } from "../event.ts";
import { reasonPhrase } from "./reasons.ts";
import { verbOfPast } from "./verbs.ts";
import {
  actorWords,
  clean,
  counted,
  isPerson,
  isSelf,
  plural,
  possessive,
  type Told,
  targetWords,
  viaWords,
  words,
} from "./wording.ts";

/** How an action is told. `says` is in the past tense: "changed the resources of {target}". */
export interface Wording {
  says: string;
  failure?: string | undefined;
  denied?: string | undefined;
  /** What a missing target is called: "a server". */
  noun: string;
}

/** Tells one event in one line, by its outcome. Built once an action, used for every event of it. */
export type Teller = (told: Told) => string;

/** The parts of a template. A group with an empty part is left out, or gives its fallback. */
type Part = (told: Told) => string;

/** One sentence. Everything in it is cut to this, so that a row stays a row. */
const SENTENCE_LENGTH_MAX = 400;

/**
 * Compiles the sentences of an action.
 *
 * Template: text with `{…}` for a value and `[…]` for what is left out when a value in it is missing; `[…|other words]` says
 * those instead. Values: `{target}`, `{target's}`, `{place}` (the target unless it is a person), `{targets.1}`, `{actor}`, `{reason}`, `{project}`, `{via}`,
 * `{loginName}`, `{details.path}`, `{changes.field.old}`, `{changes.field.new}`, `{origin.ip}`; `{a|b}` takes the first that is
 * there; `{#details.files file}` counts: the one name, "14 files", or "files".
 *
 * The actor is put in front unless the template has a subject of its own ("{target} expired"). Failure and denial follow by
 * grammar from the verb: "could not change …", "was not allowed to change …".
 * @throws {SyntaxError} a bracket that is not closed, or a value there is no such thing as.
 */
export function compileSentence(wording: Wording): Teller {
  const forms = phrase(wording.says);
  const build = (template: string): Part => sequence(parse(template, wording.noun, false));
  const success = build(forms.success);
  const failure = build(wording.failure ?? forms.failure);
  const denied = build(wording.denied ?? forms.denied);
  const tellsReason = /\{[^}]*reason/.test(wording.says);
  return (told) => {
    const main = told.outcome === "failure" ? failure : told.outcome === "denied" ? denied : success;
    const why = tellsReason ? "" : reasonOf(told);
    const line = main(told) + why;
    const whole =
      line.length > SENTENCE_LENGTH_MAX ? `${line.slice(0, SENTENCE_LENGTH_MAX - 1).toWellFormed()}…` : line;
    return /^[a-z[]/.test(forms.success) ? capital(whole) : whole;
  };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The three sentences of a template in the past tense. One whose verb is not known is told around it. */
function phrase(says: string): { success: string; failure: string; denied: string } {
  let depth = 0;
  for (const match of says.matchAll(/[{[]|[\]}]|[A-Za-z_-]+/g)) {
    const word = match[0];
    if (word === "{" || word === "[") depth++;
    else if (word === "}" || word === "]") depth--;
    else if (depth === 0) {
      const verb = verbOfPast(word);
      if (!verb) continue;
      const own = says.slice(0, match.index);
      const subject = own === "" ? "{actor} " : own;
      const rest = says.slice(match.index + word.length);
      return {
        success: `${subject}${verb.past}${rest}`,
        failure: `${subject}could not ${verb.infinitive}${rest}`,
        denied: `${subject}was not allowed to ${verb.infinitive}${rest}`,
      };
    }
  }
  if (!/^(?!the |an? |no )[a-z]/.test(says)) return { success: says, failure: says, denied: says };
  return {
    success: `{actor} ${says}`,
    failure: `{actor} failed at this: ${says}`,
    denied: `{actor} was not allowed this: ${says}`,
  };
}

function reasonOf(told: Told): string {
  if (told.reason) return reasonPhrase(clean(told.reason));
  if (told.outcome === undefined || told.outcome === "success") return "";
  const said = member(told.details, ["error"]) ?? member(told.details, ["message"]);
  const text = typeof said === "string" ? said : member(told.details, ["error", "message"]);
  return typeof text === "string" && text.trim() !== "" ? `: ${clean(text)}` : "";
}

/** Parts of a template. `optional` is true inside a group. */
function parse(template: string, noun: string, optional: boolean): Part[] {
  const parts: Part[] = [];
  const pattern = /\{([^{}]+)\}|\[([^[\]]*)\]|[^{}[\]]+|[{}[\]]/g;
  for (const match of template.matchAll(pattern)) {
    const [text, slot, group] = match;
    if (slot !== undefined) parts.push(value(slot, noun, optional, match.index === 0));
    else if (group !== undefined && !optional) parts.push(groupOf(group, noun));
    else if (/[{}[\]]/.test(text)) throw new SyntaxError(`"${text}" at ${match.index + 1} is not closed, or nested`);
    else parts.push(() => text);
  }
  return parts;
}

const sequence =
  (parts: Part[]): Part =>
  (told) => {
    let line = "";
    for (const part of parts) line += part(told);
    return line;
  };

function groupOf(text: string, noun: string): Part {
  const bar = barOf(text);
  const parts = parse(bar === -1 ? text : text.slice(0, bar), noun, true);
  const fallback = bar === -1 ? "" : text.slice(bar + 1);
  return (told) => {
    let line = "";
    for (const part of parts) {
      const piece = part(told);
      if (piece === "") return fallback;
      line += piece;
    }
    return line;
  };
}

/** Where the fallback of a group begins: the first bar outside braces. */
function barOf(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === "{") depth++;
    else if (char === "}") depth--;
    else if (char === "|" && depth === 0) return at;
  }
  return -1;
}

function value(slot: string, noun: string, optional: boolean, first: boolean): Part {
  if (slot.startsWith("#")) return count(slot, optional);
  const found = slot.split("|").map((path) => lookup(path, noun, optional, first));
  if (found.length === 1 && found[0]) return found[0];
  return (told) => {
    for (const part of found) {
      const text = part(told);
      if (text !== "") return text;
    }
    return "";
  };
}

function count(slot: string, optional: boolean): Part {
  const space = slot.indexOf(" ");
  const noun = space === -1 ? "" : slot.slice(space + 1);
  if (noun === "") throw new SyntaxError(`{${slot}} lacks the word for what it counts`);
  const paths = slot
    .slice(1, space)
    .split("|")
    .map((path) => path.split("."));
  if (paths.some(([root]) => root !== "details"))
    throw new SyntaxError(`{${slot}}: only members of details can be counted`);
  return (told) => {
    for (const [, ...path] of paths) {
      const text = counted(member(told.details, path), noun);
      if (text !== "") return text;
    }
    return optional ? "" : plural(noun);
  };
}

/** One path of a slot. `first`: it opens the sentence, where "their own" has nobody to refer to. */
function lookup(path: string, noun: string, optional: boolean, first: boolean): Part {
  const [root, ...rest] = path.split(".");
  if (rest.length === 0) {
    const part = plain(path, noun, optional, first);
    if (part) return part;
  } else if (root === "details") return (told) => words(member(told.details, rest));
  else if (root === "targets" && /^\d+$/.test(rest[0] ?? "") && rest.length === 1) {
    const at = Number(rest[0]);
    return (told) => clean(told.targets?.[at]?.name || told.targets?.[at]?.id || "");
  } else if (root === "changes" && rest.length >= 2) {
    const side = rest.at(-1);
    const field = rest.slice(0, -1).join(".");
    if (side === "old" || side === "new")
      return (told) => words(told.changes?.find((change) => change.field === field)?.[side]);
  } else if (path === "origin.ip") return (told) => told.origin?.ip ?? "";
  throw new SyntaxError(`{${path}} is not a value of an event`);
}

function plain(name: string, noun: string, optional: boolean, first: boolean): Part | undefined {
  if (name === "actor") return actor;
  if (name === "reason") return (told) => clean(told.reason ?? "");
  if (name === "project") return (told) => clean(told.project ?? "");
  if (name === "via") return viaWords;
  if (name === "place")
    return (told) => (told.targets?.[0] && !isPerson(told.targets[0]) ? targetWords(told.targets) : "");
  if (name === "loginName") return loginName;
  if (name === "target")
    return (told) => {
      if (isSelf(told)) return optional ? "" : first ? actor(told) : "their own account";
      return targetWords(told.targets) || (optional ? "" : first ? capital(noun) : noun);
    };
  if (name === "target's")
    return (told) => {
      const owner = isSelf(told) ? "" : targetWords(told.targets);
      if (owner !== "") return possessive(owner);
      return optional ? "" : first ? possessive(actor(told)) : "their own";
    };
  return undefined;
}

/** "Dana", or "Dana (for Lee)" when Dana acts as Lee. */
function actor(told: Told): string {
  const name = actorWords(told.actor);
  return told.onBehalfOf ? `${name} (for ${actorWords(told.onBehalfOf)})` : name;
}

/** The name that was typed, when nobody is known by it. */
function loginName(told: Told): string {
  if (told.actor?.name || told.actor?.email || told.actor?.id) return "";
  for (const key of ["username", "user", "account", "login", "email"]) {
    const typed = member(told.details, [key]);
    if (typeof typed === "string" && typed !== "") return clean(typed);
  }
  return "";
}

function member(value: Json | undefined, path: readonly string[]): Json | undefined {
  let found: Json | undefined = value;
  for (const key of path) {
    if (found === null || typeof found !== "object" || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string, Json>)[key];
  }
  return found;
}
