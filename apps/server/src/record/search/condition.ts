import {
  actorTypes,
  authMethods,
  fold,
  foldPattern,
  formatAddressBlock,
  isAny,
  type KeyTerm,
  kinds,
  matchesPattern,
  numberSpans,
  outcomes,
  type Pattern,
  patternsOf,
  type QueryKey,
  severitiesOf,
  type Term,
  timeSpans,
} from "@daybook/contract";
import { likePattern, type Parameters, timeText } from "./parameters.ts";
import { type PartyColumns, partyCondition } from "./party.ts";
import { eventTextSql, hasTrigram, probeOf } from "./probe.ts";

/** One term of a query as SQL over the columns of `event`. */
export interface Condition {
  /** Exactly what the term means; alone it gives the right answer. */
  exact: string;
  /** What every match fulfils and an index can answer. */
  probes: string[];
  /** The index of terms, or one of its own (`id`, `seq`), narrows the search. */
  byTerms: boolean;
  /** The text index of a sealed partition narrows it. */
  byText: boolean;
}

/**
 * The SQL of one term. Its parameters are added to `parameters`. `withText`: with what a text index can answer. `personal`:
 * personal data may be searched; else what is compared is what `maskEvent` leaves.
 */
export function conditionOf(term: Term, parameters: Parameters, withText: boolean, personal: boolean): Condition {
  const exact =
    term.type === "text"
      ? textCondition(term.pattern, parameters, personal)
      : `(${keyCondition(term, parameters, personal)})`;
  if (term.negated) return { exact: `(${exact}) is not true`, probes: [], byTerms: false, byText: false };
  // A bare word is its own probe.
  const byText = term.type === "text" && hasTrigram(foldPattern(term.pattern)) && (personal || isWritten(term.pattern));
  if (term.type === "text") return { exact, probes: [], byTerms: false, byText };
  const probe = probeOf(term, parameters, withText);
  const ownIndex = term.key === "id" || term.key === "seq";
  return { exact, probes: probe.sql, byTerms: probe.byTerms || ownIndex, byText: probe.byText };
}

/** What a term with a key means, whether it is negated or not, without what an index can answer. */
export const exactCondition = (term: KeyTerm, parameters: Parameters): string =>
  `(${keyCondition(term, parameters, true)})`;

function textCondition(pattern: Pattern, parameters: Parameters, personal: boolean): string {
  const like = `like ${parameters.add(`%${likePattern(foldPattern(pattern))}%`)}`;
  const whole = `${eventTextSql} ${like}`;
  if (personal) return whole;
  const own = publicTextColumns.map((column) => `mask_personal(${column}) ${like}`);
  const other = `exists (select from event_more_targets(more_targets) as other where mask_personal(other.id) ${like} or mask_personal(other.name) ${like})`;
  const masked = `(${own.join(" or ")} or (more_targets is not null and ${other}))`;
  // Whatever is in a masked text is in the whole one too; that is quicker to look at, and has an index.
  return isWritten(pattern) ? `(${whole} and ${masked})` : masked;
}

/** Whether a text stands in the event's text as it is, also where that is JSON, in which quotes and backslashes are escaped. */
const isWritten = (pattern: Pattern): boolean =>
  pattern.every((part) => JSON.stringify(part).length === part.length + 2);

/** What a bare word is searched in without personal data, see `publicTexts`. */
const publicTextColumns = ["summary", "actor_id", "actor_name", "target_id", "target_name"].map(
  (column) => `lower(${column})`,
);

/** Keys whose value is one text column. */
const textColumns: Partial<Record<QueryKey, string>> = {
  action: "action",
  category: "category",
  reason: "reason",
  project: "project",
  session: "session_id",
  request: "request_id",
  country: "country",
  network: "network",
  browser: "browser",
  os: "os",
};

const actorColumns: PartyColumns = {
  type: `(array['${actorTypes.join("','")}'])[actor_type + 1]`,
  id: "lower(actor_id)",
  texts: ["lower(actor_id)", "lower(actor_name)", "lower(actor_email)"],
};
const behalfColumns: PartyColumns = {
  type: "lower(on_behalf_of::json ->> 'type')",
  id: "lower(on_behalf_of::json ->> 'id')",
  texts: ["id", "name", "email"].map((member) => `lower(on_behalf_of::json ->> '${member}')`),
};
const targetColumns: PartyColumns = {
  type: "lower(target_type)",
  id: "lower(target_id)",
  texts: ["lower(target_id)", "lower(target_name)"],
};
const otherTargetColumns: PartyColumns = { type: "other.type", id: "other.id", texts: ["other.id", "other.name"] };

/** The same as `maskEvent` shows it: without e-mail addresses. */
const masked = ({ type, id, texts }: PartyColumns): PartyColumns => ({
  type,
  id: `mask_personal(${id})`,
  texts: texts.filter((text) => !text.includes("email")).map((text) => `mask_personal(${text})`),
});
const maskedActorColumns = masked(actorColumns);
const maskedBehalfColumns = masked(behalfColumns);
const maskedTargetColumns = masked(targetColumns);
const maskedOtherTargetColumns = masked(otherTargetColumns);

function keyCondition(term: KeyTerm, parameters: Parameters, personal: boolean): string {
  const patterns = patternsOf(term).map(foldPattern);
  const shown = (text: string): string => (personal ? text : `mask_personal(${text})`);
  const column = textColumns[term.key];
  if (column !== undefined) {
    const folded = `lower(${column})`;
    return textMatches(column, term.key === "reason" ? shown(folded) : folded, patterns, parameters);
  }
  switch (term.key) {
    case "actor":
    case "behalf":
    case "target":
      return roleCondition(term.key, patterns, parameters, personal);
    case "party":
      return (["actor", "behalf", "target"] as const)
        .map((role) => `(${roleCondition(role, patterns, parameters, personal)})`)
        .join(" or ");
    case "owner":
      return ofAnyTarget(
        textMatches("target_owner_id", shown("lower(target_owner_id)"), patterns, parameters),
        textMatches("other.owner_id", shown("other.owner_id"), patterns, parameters),
      );
    case "field": {
      const named = textMatches("changed.field", "changed.field", patterns, parameters);
      return `changes is not null and exists (select from event_fields(changes) as changed where ${named})`;
    }
    case "details":
      return personal
        ? detailsCondition(term.path, patterns, parameters)
        : maskedDetailsCondition(term.path, patterns, parameters);
    case "ip":
      return addressCondition(term, parameters);
    case "asn":
      if (patterns.some(isAny)) return "asn is not null";
      return `asn = any(${parameters.add(patterns.map((pattern) => pattern.join("")))}::bigint[])`;
    case "outcome":
      return codeMatches("outcome", outcomes, patterns, parameters);
    case "kind":
      return codeMatches("kind", kinds, patterns, parameters);
    case "auth":
      return codeMatches("auth", authMethods, patterns, parameters);
    case "severity":
      return `severity = any(${parameters.add(severitiesOf(term))}::smallint[])`;
    case "id":
      return `id = any(${parameters.add(patterns.map((pattern) => pattern.join("")))}::uuid[])`;
    case "seq":
      return either(numberSpans(term).map(({ from, to }) => between("seq", from, to, parameters)));
    default:
      return either(timeSpans(term).map(({ fromMs, toMs }) => duringSpan(fromMs, toMs, parameters)));
  }
}

/** Whether the actor, the one acted for, or any target is one of the patterns. */
function roleCondition(
  role: "actor" | "behalf" | "target",
  patterns: readonly Pattern[],
  parameters: Parameters,
  personal: boolean,
): string {
  const party = (all: PartyColumns, masked: PartyColumns): string =>
    partyCondition(personal ? all : masked, patterns, parameters);
  if (role === "actor") return party(actorColumns, maskedActorColumns);
  if (role === "behalf") return `on_behalf_of is not null and (${party(behalfColumns, maskedBehalfColumns)})`;
  return ofAnyTarget(party(targetColumns, maskedTargetColumns), party(otherTargetColumns, maskedOtherTargetColumns));
}

function detailsCondition(path: string, patterns: readonly Pattern[], parameters: Parameters): string {
  const exact = patterns.filter((pattern) => pattern.length === 1).map((pattern) => pattern[0] ?? "");
  const wild = patterns.filter((pattern) => pattern.length > 1).map(likePattern);
  const found = `event_has_detail(details, ${parameters.add(fold(path))}, ${parameters.add(exact)}::text[], ${parameters.add(wild)}::text[])`;
  const names = path.split(".");
  // Most matches have the value right at that path, and looking there takes a fifth of the time. What PostgreSQL finds
  // there is the same as in the leaves unless a name counts elements, or the text could be that of a list or object.
  const direct = names.every((name) => !/^-?\d+$/.test(name)) && exact.every((text) => !/^[[{]/.test(text));
  if (!direct || exact.length === 0) return `details is not null and ${found}`;
  const there = `lower(storable_json(details) #>> ${parameters.add(names)}::text[]) = any(${parameters.add(exact)}::text[])`;
  return `details is not null and (${there} or ${found})`;
}

function maskedDetailsCondition(path: string, patterns: readonly Pattern[], parameters: Parameters): string {
  const isPath = `leaf.path = ${parameters.add(fold(path))}`;
  const test = patterns.some(isAny) ? "true" : either(textTests("mask_personal(leaf.value)", patterns, parameters));
  return `details is not null and exists (select from event_leaves(details) as leaf where ${isPath} and (${test}))`;
}

/** Whether a folded text is one of the patterns. `column` is what is null when there is no value. */
function textMatches(column: string, folded: string, patterns: readonly Pattern[], parameters: Parameters): string {
  if (patterns.some(isAny)) return `${column} is not null`;
  return either(textTests(folded, patterns, parameters));
}

/** Tests of a folded SQL text against patterns: one for the exact ones, one for those with wildcards. */
export function textTests(folded: string, patterns: readonly Pattern[], parameters: Parameters): string[] {
  const exact = patterns.filter((pattern) => pattern.length === 1).map((pattern) => pattern[0] ?? "");
  const wild = patterns.filter((pattern) => pattern.length > 1).map(likePattern);
  const tests: string[] = [];
  if (exact.length > 0) tests.push(`${folded} = any(${parameters.add(exact)}::text[])`);
  if (wild.length > 0) tests.push(`${folded} like any(${parameters.add(wild)}::text[])`);
  return tests;
}

const either = (tests: readonly string[]): string => (tests.length === 0 ? "false" : tests.join(" or "));

function ofAnyTarget(main: string, other: string): string {
  return `${main} or (more_targets is not null and exists (select from event_more_targets(more_targets) as other where ${other}))`;
}

function codeMatches(
  column: string,
  names: readonly string[],
  patterns: readonly Pattern[],
  parameters: Parameters,
): string {
  const codes = names.flatMap((name, code) =>
    patterns.some((pattern) => matchesPattern(pattern, name)) ? [code] : [],
  );
  return `${column} = any(${parameters.add(codes)}::smallint[])`;
}

function addressCondition(term: KeyTerm, parameters: Parameters): string {
  const patterns = patternsOf(term).map(foldPattern);
  if (patterns.some(isAny)) return "ip is not null";
  const blocks = term.values.flatMap((value) => (value.type === "block" ? [formatAddressBlock(value.block)] : []));
  const tests = textTests("host(ip)", patterns, parameters);
  if (blocks.length > 0) tests.push(`ip <<= any(${parameters.add(blocks)}::inet[])`);
  return either(tests);
}

function between(column: string, from: number, to: number, parameters: Parameters): string {
  const tests: string[] = [];
  if (from !== -Infinity) tests.push(`${column} >= ${parameters.add(from)}`);
  if (to !== Infinity) tests.push(`${column} <= ${parameters.add(to)}`);
  return tests.length === 0 ? "true" : `(${tests.join(" and ")})`;
}

function duringSpan(fromMs: number, toMs: number, parameters: Parameters): string {
  const tests: string[] = [];
  if (fromMs !== -Infinity) tests.push(`occurred_at >= ${parameters.add(timeText(fromMs))}::timestamptz`);
  if (toMs !== Infinity) tests.push(`occurred_at < ${parameters.add(timeText(toMs))}::timestamptz`);
  return tests.length === 0 ? "true" : `(${tests.join(" and ")})`;
}
