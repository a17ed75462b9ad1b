import type { Actor, EventInput, Json, Target } from "../event.ts";

/** What a sentence is made from: an event as it is sent. */
export type Told = Pick<
  EventInput,
  "actor" | "onBehalfOf" | "targets" | "project" | "origin" | "outcome" | "reason" | "changes" | "details"
>;

/** One inserted value. Longer ones are cut: the whole is in the event, the sentence is for a row of a table. */
const VALUE_LENGTH_MAX = 120;

/** Line breaks and control characters would break the row; direction overrides could make one name look like another. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const unreadable = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g;

/** A text as a sentence may show it: one line, no control characters, cut. */
export function clean(text: string): string {
  const cut = text.length > VALUE_LENGTH_MAX ? `${text.slice(0, VALUE_LENGTH_MAX - 1).toWellFormed()}…` : text;
  return cut.replace(unreadable, " ").trim();
}

/** Any value in words: names of objects, "a, b and 3 more" of lists; empty when there is nothing to say. */
export function words(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return clean(value);
  if (typeof value === "number") return String(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return list(value);
  for (const key of ["name", "title", "id", "from", "path", "file"]) {
    const own = Object.hasOwn(value, key) ? value[key] : undefined;
    if (typeof own === "string" || typeof own === "number") return clean(String(own));
  }
  return "";
}

function list(values: Json[]): string {
  const shown = values.slice(0, 2).map(words).filter(Boolean);
  const more = values.length - 2;
  if (shown.length === 0) return "";
  return clean(more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(" and "));
}

/** "server.properties", "14 files", or "files" when neither name nor number is known. */
export function counted(value: Json | undefined, noun: string): string {
  if (typeof value === "number") return value === 1 ? `1 ${noun}` : `${thousands(value)} ${plural(noun)}`;
  if (Array.isArray(value) && value.length !== 1) return `${thousands(value.length)} ${plural(noun)}`;
  if (typeof value === "string" && /^\d{1,9}$/.test(value)) return counted(Number(value), noun);
  return words(Array.isArray(value) ? value[0] : value);
}

export const plural = (noun: string): string => (noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`);

const thousands = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ",");

/** Who acted: name, else address, else id, else what kind of actor it is. */
export function actorWords(actor: Actor | undefined): string {
  const given = actor?.name || actor?.email || actor?.id;
  if (actor?.type === "api_key") return given ? `API key ${clean(given)}` : "An API key";
  if (given) return clean(given);
  if (actor?.type === "system") return "System";
  if (actor?.type === "staff") return "Someone of the staff";
  return actor?.type === "user" ? "A user" : "Visitor";
}

/** The main target and how many more of its type there are. */
export function targetWords(targets: readonly Target[] | undefined): string {
  const main = targets?.[0];
  if (!main) return "";
  let more = 0;
  for (const target of targets) if (target !== main && target.type === main.type) more++;
  const name = clean(main.name || main.id);
  return more > 1 ? `${name} and ${more} more` : name;
}

/** The target is a person and it is the one who acts. */
export function isSelf(told: Told): boolean {
  const main = told.targets?.[0];
  return main !== undefined && isPerson(main) && told.actor?.id !== undefined && main.id === told.actor.id;
}

export const isPerson = (target: Target): boolean => /^(user|staff|account|customer|actor)$/.test(target.type);

export const possessive = (name: string): string => (name.endsWith("s") ? `${name}'` : `${name}'s`);

/** How a session came about, where that is worth saying: "SSH", "the command line". */
export function viaWords(told: Told): string {
  const details = told.details;
  const own =
    details !== null && typeof details === "object" && !Array.isArray(details)
      ? (details.via ?? details.protocol)
      : undefined;
  const via = typeof own === "string" ? own : told.origin?.auth;
  if (!via || via === "session" || via === "api_key" || via === "web") return "";
  if (via === "cli") return "the command line";
  if (via === "oauth") return "OAuth";
  return /^[a-z]{2,6}$/.test(via) ? via.toUpperCase() : clean(via);
}
