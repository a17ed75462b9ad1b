import {
  AppError,
  actorTypes,
  containsPattern,
  fold,
  foldPattern,
  type KeyTerm,
  type Pattern,
  patternsOf,
  type Query,
  type QueryKey,
  type Term,
} from "@daybook/contract";
import { type Condition, exactCondition } from "../search/condition.ts";
import { likePattern, type Parameters } from "../search/parameters.ts";
import { type PartyColumns, partyCondition } from "../search/party.ts";
import { hasTerm, termHash } from "../terms.ts";
import { accountType, type CustomerSight, mailType, personTypes, selvesOf } from "./customer-sight.ts";

/** The keys that customers can ask for: of what is shown to them, and of nothing else. */
const customerKeys: readonly QueryKey[] = ["action", "category", "outcome", "actor", "target", "created", "id"];

/** The same without those that the token hides. */
export const queryKeysOf = ({ hidden }: CustomerSight): QueryKey[] =>
  customerKeys.filter((key) => key !== "actor" || !hidden.has("actor"));

/** Throws invalid_query for a key that customers cannot ask for, whatever its value. */
export function checkCustomerQuery(query: Query, sight: CustomerSight): void {
  const keys = queryKeysOf(sight);
  for (const term of query.terms) {
    if (term.type === "text" || keys.includes(term.key)) continue;
    const { position, length } = term;
    const detail = `At character ${position + 1}: this view cannot be searched by '${term.key}'. Keys are ${keys.join(", ")}.`;
    throw new AppError("invalid_query", detail, { extra: { position, length } });
  }
}

const actorTypeName = `(array['${actorTypes.join("','")}'])[actor_type + 1]`;

/** Where a target stands: columns or members, as they are. */
interface TargetColumns {
  type: string;
  id: string;
  owner: string;
}

const mainTarget: TargetColumns = { type: "target_type", id: "target_id", owner: "target_owner_id" };
const otherTarget: TargetColumns = { type: "item ->> 'type'", id: "item ->> 'id'", owner: "item ->> 'ownerId'" };

/** The SQL of a customer's sight; one for a statement, since its parameters belong to it. */
class SightSql {
  readonly #sight: CustomerSight;
  readonly #parameters: Parameters;

  constructor(sight: CustomerSight, parameters: Parameters) {
    this.#sight = sight;
    this.#parameters = parameters;
  }

  /** Whether the customer did it; see `isOwnAct`. Never null. */
  ownAct(): string {
    const each = selvesOf(this.#sight.scope).map(
      ({ type, id }) =>
        `(actor_type = ${actorTypes.indexOf(type as "user")} and actor_id is not distinct from ${this.#parameters.add(id)})`,
    );
    return each.length === 0 ? "false" : `(${each.join(" or ")})`;
  }

  /** See `isOwnAccount`. */
  ownAccount({ type, id }: TargetColumns): string {
    const each = selvesOf(this.#sight.scope).map(
      (self) => `(${type} = ${this.#parameters.add(self.type)} and ${id} = ${this.#parameters.add(self.id)})`,
    );
    return each.length === 0 ? "false" : `(${each.join(" or ")})`;
  }

  /** See `isInScope`. */
  inScope({ type, id, owner }: TargetColumns): string {
    const { targets, ownerId } = this.#sight.scope;
    const tests: string[] = [];
    if (targets !== undefined) {
      const types = this.#parameters.add(targets.map((target) => target.type));
      const ids = this.#parameters.add(targets.map((target) => target.id));
      tests.push(`(${type}, ${id}) in (select * from unnest(${types}::text[], ${ids}::text[]))`);
    }
    if (ownerId !== undefined) {
      const own = this.#parameters.add(ownerId);
      tests.push(`${owner} = ${own}`);
      tests.push(`(${id} = ${own} and ${type} = ${this.#parameters.add(accountType)})`);
    }
    return tests.length === 0 ? "false" : `(${tests.join(" or ")})`;
  }

  /** See `isTargetShown`. */
  targetShown(columns: TargetColumns): string {
    const tests = [this.ownAct(), this.inScope(columns), this.ownAccount(columns)];
    const { project } = this.#sight.scope;
    if (project !== undefined) {
      const persons = this.#parameters.add(personTypes);
      tests.push(`(project = ${this.#parameters.add(project)} and ${columns.type} <> all(${persons}::text[]))`);
    }
    return `(${tests.join(" or ")})`;
  }

  /** Whether the event is in the scope, see `isInSight`. */
  touched(): string {
    const { project, actor, targets, ownerId } = this.#sight.scope;
    const tests: string[] = [];
    if (targets !== undefined || ownerId !== undefined)
      tests.push(ofAnyTarget(this.inScope(mainTarget), this.inScope(otherTarget)));
    if (project !== undefined) tests.push(`project = ${this.#parameters.add(project)}`);
    if (actor !== undefined)
      tests.push(`(actor_type = ${actorTypes.indexOf(actor.type)} and actor_id = ${this.#parameters.add(actor.id)})`);
    return `((${tests.join(" or ") || "false"}) and not ${ofNobodysMail})`;
  }

  /** Whether the account of the customer is a target. */
  ownAccountTouched(): string {
    return ofAnyTarget(this.ownAccount(mainTarget), this.ownAccount(otherTarget));
  }

  /** The actor as it is shown. Each expression is made when it is read: a parameter that stands nowhere is an error. */
  actorColumns(): PartyColumns {
    const sql = this;
    return {
      get type() {
        return sql.#actorType();
      },
      get id() {
        return sql.#actorId();
      },
      get texts() {
        return [sql.#actorId(), sql.#actorName()];
      },
    };
  }

  #actorType(): string {
    if (this.#sight.staffAs !== null) return actorTypeName;
    return `(case when actor_type = 1 and not ${this.ownAct()} then 'system' else ${actorTypeName} end)`;
  }

  #actorId(): string {
    return `(case when ${this.ownAct()} then lower(actor_id) end)`;
  }

  #actorName(): string {
    const { staffAs } = this.#sight;
    const staff = staffAs === null ? "null" : `${this.#parameters.add(fold(staffAs))}::text`;
    return `(case when ${this.ownAct()} then lower(actor_name) when actor_type = 0 then mask_personal(lower(actor_name)) when actor_type = 1 then ${staff} end)`;
  }

  /** Whether a target that is shown fulfils a test over `PartyColumns`. */
  anyShownTarget(test: (columns: PartyColumns) => string): string {
    const main = `(${this.targetShown(mainTarget)} and (${test({ type: "lower(target_type)", id: "lower(target_id)", texts: ["lower(target_id)", "lower(target_name)"] })}))`;
    const columns: PartyColumns = {
      type: "lower(item ->> 'type')",
      id: "lower(item ->> 'id')",
      texts: ["lower(item ->> 'id')", "lower(item ->> 'name')"],
    };
    return ofAnyTarget(main, `(${this.targetShown(otherTarget)} and (${test(columns)}))`);
  }

  actionsWith(test: (action: { view: string; text: string }) => boolean): string {
    const names = [...this.#sight.actions].filter(([, action]) => test(action)).map(([name]) => name);
    return `action = any(${this.#parameters.add(names)}::text[])`;
  }
}

/** A test of the main target, or of any of the others. The latter reads JSON, so it is asked only where there are any. */
const ofAnyTarget = (main: string, other: string): string =>
  `(${main} or (more_targets is not null and exists (select from json_array_elements(more_targets::json) as item where ${other})))`;

/** See `isNobodysMail`. Never null. */
const ofNobodysMail = `(target_type is not distinct from '${mailType}' and target_owner_id is null)`;

/** The events that the customer may see, as a condition over one row of `event`; see `isInSight`. */
export function customerCondition(sight: CustomerSight, parameters: Parameters): Condition {
  const sql = new SightSql(sight, parameters);
  const withView = (view: string): string => sql.actionsWith((action) => action.view === view);
  const exact = `((${withView("in_scope")} and ${sql.touched()})
    or (${withView("about_self")} and (${sql.ownAct()} or ${sql.ownAccountTouched()}))
    or (${withView("by_self")} and ${sql.ownAct()}))`;
  const terms = sightTerms(sight);
  const probes = terms === undefined ? [] : [`terms && (select ${parameters.add(terms)}::int[])`];
  return { exact, probes, byTerms: terms !== undefined, byText: false };
}

/** Every event in sight has one of these terms; undefined when one of them is so common that it has none. */
function sightTerms({ scope }: CustomerSight): number[] | undefined {
  const { targets = [], ownerId, project } = scope;
  const selves = selvesOf(scope);
  const pairs: [key: string, value: string][] = [
    ...targets.map((target): [string, string] => ["target", target.id]),
    ...selves.flatMap(({ id }): [string, string][] => [
      ["actor", id],
      ["target", id],
    ]),
  ];
  if (ownerId !== undefined) pairs.push(["owner", ownerId]);
  if (project !== undefined) pairs.push(["project", project]);
  return pairs.every(([key, value]) => hasTerm(key, value))
    ? pairs.map(([key, value]) => termHash(key, value))
    : undefined;
}

/**
 * One term of a customer's query. It is asked of what is shown to the customer, never of what is stored, so that no
 * question tells more than the answer does. Indexes are not asked: how long they take would tell of other people's events.
 */
export function customerTerm(term: Term, sight: CustomerSight, parameters: Parameters): Condition {
  const exact =
    term.type === "text" ? textCondition(term.pattern, sight, parameters) : keyCondition(term, sight, parameters);
  return { exact: term.negated ? `(${exact}) is not true` : exact, probes: [], byTerms: false, byText: false };
}

function keyCondition(term: KeyTerm, sight: CustomerSight, parameters: Parameters): string {
  const sql = new SightSql(sight, parameters);
  const patterns = patternsOf(term).map(foldPattern);
  if (term.key === "actor") return `(${partyCondition(sql.actorColumns(), patterns, parameters)})`;
  if (term.key === "target") return sql.anyShownTarget((columns) => partyCondition(columns, patterns, parameters));
  return exactCondition(term, parameters);
}

/** Bare words: the action, who did it, the targets, as `customerTexts` has them. */
function textCondition(pattern: Pattern, sight: CustomerSight, parameters: Parameters): string {
  const sql = new SightSql(sight, parameters);
  const folded = foldPattern(pattern);
  const like = `like ${parameters.add(`%${likePattern(folded)}%`)}`;
  const anyLike = (texts: readonly string[]): string => texts.map((text) => `${text} ${like}`).join(" or ");
  const tests = [
    sql.actionsWith(({ text }) => containsPattern(folded, text)),
    sql.anyShownTarget(({ texts }) => anyLike(texts)),
  ];
  if (!sight.hidden.has("actor")) tests.push(`(${anyLike(sql.actorColumns().texts)})`);
  return `(${tests.join(" or ")})`;
}
