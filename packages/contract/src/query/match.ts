import { type Event, type Json, severities } from "../event.ts";
import { fold } from "../fold.ts";
import { type AddressBlock, blockIncludes, parseAddress } from "./address.ts";
import { eventText } from "./event-text.ts";
import { containsPattern, foldPattern, isAny, matchesPattern, type Pattern } from "./pattern.ts";
import { type KeyTerm, numberSpans, patternsOf, type Query, type Term, timeSpans } from "./query.ts";
import { storable } from "./storable.ts";

/** Whether an event is one that a compiled query asks for. */
export type EventFilter = (event: Event) => boolean;

/**
 * What a query means, without a database: live views filter with it, and the tests hold the SQL against it.
 *
 * - All terms must hold; a negated one must not. Any of the values of a term will do.
 * - Case never matters (`fold`); a value without `*` is the whole text, not a part of it.
 * - `actor`, `behalf`: id, name, e-mail address, type, or `type/id`. `target`: id, name, type, or `type/id` of any target.
 *   `party`: any of these.
 *   In `server/web-*` the type is written out; a value with a slash before its first `*` is always read so (`typedIds`).
 *   `owner`: the owner's id of any target. `field`: the name of any changed field.
 * - `details.a.b`: the text of a value under that path; lists are transparent, so `details.tags:x` is any element, and
 *   `details.items.sku:x` that member of any element. Numbers, true, false and null are compared as JSON writes them.
 * - `key:*` is any value, but a value: an event without one does not match, and matches `-key:*`.
 * - A bare word is a part of the event's text, see `eventText`.
 */
export function matches(query: Query, event: Event): boolean {
  return compileQuery(query)(event);
}

/** The folded texts of an event that a bare word is looked for in; one of them must contain it. */
export type EventTexts = (event: Event) => readonly string[];

const wholeText: EventTexts = (event) => [eventText(event)];

/** The query as a function, for many events. `texts`: where bare words are looked for, other than in `eventText`. */
export function compileQuery(query: Query, texts: EventTexts = wholeText): EventFilter {
  const filters = query.terms.map((term) => compileTerm(term, texts));
  return (event) => filters.every((filter) => filter(event));
}

function compileTerm(term: Term, texts: EventTexts): EventFilter {
  const filter = term.type === "text" ? compileText(term.pattern, texts) : compileKey(term);
  return term.negated ? (event) => !filter(event) : filter;
}

function compileText(pattern: Pattern, texts: EventTexts): EventFilter {
  const folded = foldPattern(pattern);
  return (event) => texts(event).some((text) => containsPattern(folded, text));
}

function compileKey(term: KeyTerm): EventFilter {
  if (term.key === "created") {
    const spans = timeSpans(term);
    return (event) => {
      const time = Date.parse(event.occurredAt);
      return spans.some((span) => time >= span.fromMs && time < span.toMs);
    };
  }
  if (term.key === "seq") {
    const spans = numberSpans(term);
    return (event) => spans.some((span) => event.seq >= span.from && event.seq <= span.to);
  }
  if (term.key === "severity") {
    const wanted = severitiesOf(term);
    return (event) => wanted.includes(severities.indexOf(event.severity));
  }
  if (isPartyKey(term.key)) return compileParty(term, term.key);
  const values = valuesOf(term);
  const blocks = term.values.flatMap((value) => (value.type === "block" ? [value.block] : []));
  const patterns = patternsOf(term).map(foldPattern);
  return (event) =>
    values(event).some((value) => {
      if (value === undefined) return false;
      const text = fold(value);
      return patterns.some((pattern) => matchesPattern(pattern, text)) || (blocks.length > 0 && inBlocks(blocks, text));
    });
}

interface Party {
  type: string;
  id?: string | undefined;
  name?: string | undefined;
  email?: string | undefined;
}

type PartyKey = "actor" | "behalf" | "target" | "party";

const isPartyKey = (key: string): key is PartyKey =>
  key === "actor" || key === "behalf" || key === "target" || key === "party";

function compileParty(term: KeyTerm, key: PartyKey): EventFilter {
  const patterns = patternsOf(term).map(foldPattern);
  const typed = patterns.flatMap(typedIds);
  const named = patterns.filter(isName);
  const isMeant = ({ type, id, name, email }: Party): boolean => {
    const foldedType = fold(type);
    const texts = [id, name, email].flatMap((value) => (value === undefined ? [] : [fold(value)]));
    return (
      patterns.some((pattern) => isAny(pattern) || (pattern.length === 1 && pattern[0] === foldedType)) ||
      named.some((pattern) => texts.some((text) => matchesPattern(pattern, text))) ||
      (id !== undefined && typed.some((pair) => pair.type === foldedType && matchesPattern(pair.id, fold(id))))
    );
  };
  const isActor: EventFilter = (event) => isMeant(event.actor);
  const isBehalf: EventFilter = (event) => event.onBehalfOf !== undefined && isMeant(event.onBehalfOf);
  const isTarget: EventFilter = (event) => event.targets.some(isMeant);
  if (key === "party") return (event) => isActor(event) || isBehalf(event) || isTarget(event);
  return { actor: isActor, behalf: isBehalf, target: isTarget }[key];
}

/** The ways to read a pattern as `type/id`: one for each slash before the first star; none when it begins with a slash. */
export function typedIds(pattern: Pattern): { type: string; id: Pattern }[] {
  const [first = "", ...rest] = pattern;
  const pairs: { type: string; id: Pattern }[] = [];
  for (let slash = first.indexOf("/"); slash > 0; slash = first.indexOf("/", slash + 1)) {
    pairs.push({ type: first.slice(0, slash), id: [first.slice(slash + 1), ...rest] });
  }
  return pairs;
}

/** Whether a pattern is compared with ids, names and addresses as a whole: not when it can only be meant as `type/id`. */
export const isName = (pattern: Pattern): boolean => pattern.length === 1 || typedIds(pattern).length === 0;

function inBlocks(blocks: readonly AddressBlock[], text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && blocks.some((block) => blockIncludes(block, address));
}

/** The severities that a term names, as indexes into `severities`. */
export function severitiesOf(term: KeyTerm): number[] {
  const patterns = patternsOf(term);
  const named = severities.flatMap((name, index) =>
    patterns.some((pattern) => matchesPattern(pattern, name)) ? [index] : [],
  );
  const [bound = 0] = named;
  if (term.operator === ":") return named;
  const holds = {
    ">=": (index: number) => index >= bound,
    ">": (index: number) => index > bound,
    "<=": (index: number) => index <= bound,
    "<": (index: number) => index < bound,
  }[term.operator];
  return severities.flatMap((_, index) => (holds(index) ? [index] : []));
}

type Values = readonly (string | undefined)[];

function valuesOf(term: KeyTerm): (event: Event) => Values {
  switch (term.key) {
    case "owner":
      return (event) => event.targets.map((target) => target.ownerId);
    case "field":
      return (event) => (event.changes ?? []).map((change) => change.field);
    case "details": {
      const path = fold(term.path);
      return (event) => leavesOf(event.details).flatMap((leaf) => (fold(leaf.path) === path ? [leaf.text] : []));
    }
    case "ip":
    case "country":
    case "network":
    case "browser":
    case "os":
    case "auth": {
      const key = term.key;
      return (event) => [event.origin[key]];
    }
    case "asn":
      return (event) => [event.origin.asn?.toString()];
    case "session":
      return (event) => [event.origin.sessionId];
    case "request":
      return (event) => [event.origin.requestId];
    case "action":
    case "category":
    case "kind":
    case "outcome":
    case "reason":
    case "project":
    case "id": {
      const key = term.key;
      return (event) => [event[key]];
    }
    default:
      return () => [];
  }
}

/** The single values inside a JSON value, each with the names of the members that lead to it, joined by dots. */
export function leavesOf(value: Json | undefined): { path: string; text: string }[] {
  const leaves: { path: string; text: string }[] = [];
  const walk = (part: Json, path: string | undefined): void => {
    if (part === null || typeof part !== "object") {
      if (path !== undefined) leaves.push({ path: storable(path), text: storable(String(part)) });
    } else if (Array.isArray(part)) {
      for (const item of part) walk(item, path);
    } else {
      for (const [key, member] of Object.entries(part)) walk(member, path === undefined ? key : `${path}.${key}`);
    }
  };
  if (value !== undefined) walk(value, undefined);
  return leaves;
}
