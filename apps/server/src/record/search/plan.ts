import { type Query, timeSpans } from "@daybook/contract";
import { type Sight, seesEveryEvent } from "../sight.ts";
import { customerTerm } from "../viewer/customer-condition.ts";
import { type Condition, conditionOf } from "./condition.ts";
import { Parameters, timeText } from "./parameters.ts";
import { checkSearchable } from "./searchable.ts";
import { sightCondition } from "./sight-condition.ts";

/** What is searched: a workspace as far as it is in sight, a query, and perhaps a range of time (`fromMs <= occurredAt < toMs`). */
export interface SearchScope {
  workspaceId: number;
  /** What of it the caller may see. Every statement of the plan holds it. */
  sight: Sight;
  query: Query;
  fromMs?: number | undefined;
  toMs?: number | undefined;
  /** Only events up to this place in the log. */
  seqMax?: number | undefined;
}

/** A span of time that may be open. */
export interface TimeBounds {
  /** The first millisecond, -Infinity when open. */
  fromMs: number;
  /** The first millisecond after it, Infinity when open. */
  toMs: number;
}

/**
 * The one plan from a query to SQL, for pages, counts, histograms, facets, streams and exports.
 *
 * Every statement has the exact predicate of each term, so the answer never depends on the indexes. Beside it stand
 * conditions that an index can answer (`terms`, text), and the statement that reads decides whether it wants them.
 */
export class SearchPlan {
  readonly scope: SearchScope;
  /** The times outside of which nothing can match. */
  readonly bounds: TimeBounds;
  /** Whether the index of terms (or of ids) narrows the search. */
  readonly byTerms: boolean;
  /** Whether the text indexes of sealed partitions narrow it. */
  readonly byText: boolean;

  /** Throws forbidden when the query asks for fields that are not in sight. */
  constructor(scope: SearchScope) {
    checkSearchable(scope.query, scope.sight);
    this.scope = scope;
    this.bounds = boundsOf(scope);
    const conditions = this.#conditions(new Parameters(), true);
    this.byTerms = conditions.some((condition) => condition.byTerms);
    this.byText = conditions.some((condition) => condition.byText);
  }

  /** Whether the query has no terms and the sight no bounds: every event of the range matches. */
  get isEverything(): boolean {
    return this.scope.query.terms.length === 0 && this.scope.seqMax === undefined && seesEveryEvent(this.scope.sight);
  }

  /** The condition of the workspace and the range alone. `bounds` narrows the range further. */
  rangeSql(parameters: Parameters, bounds: TimeBounds = this.bounds): string {
    const fromMs = Math.max(bounds.fromMs, this.bounds.fromMs);
    const toMs = Math.min(bounds.toMs, this.bounds.toMs);
    let sql = `workspace_id = ${parameters.add(this.scope.workspaceId)}`;
    if (fromMs !== -Infinity) sql += ` and occurred_at >= ${parameters.add(timeText(fromMs))}::timestamptz`;
    if (toMs !== Infinity) sql += ` and occurred_at < ${parameters.add(timeText(toMs))}::timestamptz`;
    return sql;
  }

  /**
   * The conditions of the query's terms over one row of `event`: what an index can answer first, then the exact predicate.
   * `withText`: also what the text index of a sealed partition can answer.
   */
  querySql(parameters: Parameters, withText: boolean): string {
    const tests: string[] = [];
    const exact: string[] = [];
    for (const condition of this.#conditions(parameters, withText)) {
      tests.push(...condition.probes);
      exact.push(condition.exact);
    }
    if (this.scope.seqMax !== undefined) exact.push(`seq <= ${parameters.add(this.scope.seqMax)}`);
    return [...tests, ...exact].join(" and ") || "true";
  }

  /** What is in sight comes first, so that the query's tests meet only rows that may be seen. */
  #conditions(parameters: Parameters, withText: boolean): Condition[] {
    const { query, sight } = this.scope;
    const bounds = seesEveryEvent(sight) ? [] : [sightCondition(sight, parameters)];
    const { customer } = sight;
    const terms = query.terms.map((term) =>
      customer === undefined
        ? conditionOf(term, parameters, withText, sight.personal)
        : customerTerm(term, customer, parameters),
    );
    return [...bounds, ...terms];
  }
}

/** The range of the scope, narrowed by what the query says of `created`. */
function boundsOf({ query, fromMs = -Infinity, toMs = Infinity }: SearchScope): TimeBounds {
  const bounds = { fromMs, toMs };
  for (const term of query.terms) {
    if (term.type !== "key" || term.key !== "created" || term.negated) continue;
    const spans = timeSpans(term);
    bounds.fromMs = Math.max(bounds.fromMs, Math.min(...spans.map((span) => span.fromMs)));
    bounds.toMs = Math.min(bounds.toMs, Math.max(...spans.map((span) => span.toMs)));
  }
  return bounds;
}
