import type { Actor, Event, Json, Target } from "../event.ts";
import { fold } from "../fold.ts";

const known = new WeakMap<Event, string>();

/**
 * The text that a bare word is searched in, folded: the sentence, the actor's id, name and e-mail address, the one acted
 * for, the targets, the address and the details, joined by spaces. What has a structure is its JSON. It is the same text
 * as the database's function event_text (migrations/0001_record.sql).
 */
export function eventText(event: Event): string {
  const made = known.get(event);
  if (made !== undefined) return made;
  const { actor, onBehalfOf, targets, origin, details } = event;
  const [main, ...others] = targets;
  const text = fold(
    [
      event.summary,
      actor.id,
      actor.name,
      actor.email,
      onBehalfOf === undefined ? "" : sortedJson(onBehalfOf),
      main?.id,
      main?.name,
      main?.ownerId,
      others.length === 0 ? "" : sortedJson(others),
      origin.ip,
      details === undefined ? "" : sortedJson(details),
    ]
      .map((part) => part ?? "")
      .join(" "),
  );
  known.set(event, text);
  return text;
}

/** JSON as RFC 8785 writes it, which is how the record stores it: members sorted by UTF-16 code units, no white space. */
function sortedJson(value: Json | Actor | Target[]): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => sortedJson(item as Json)).join(",")}]`;
  const members = Object.entries(value as Record<string, Json | undefined>)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${sortedJson(member as Json)}`);
  return `{${members.join(",")}}`;
}
