import {
  foldPattern,
  isAny,
  type KeyTerm,
  matchesPattern,
  outcomes,
  patternsOf,
  severities,
  severitiesOf,
  timeSpans,
} from "@daybook/contract";
import type { PoolClient } from "pg";
import { seesEveryEvent } from "../sight.ts";
import { textTests } from "./condition.ts";
import { type CountedField, countedFields } from "./fields.ts";
import { Parameters, timeText } from "./parameters.ts";
import type { SearchPlan, TimeBounds } from "./plan.ts";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/**
 * A query that the counts kept on write can answer: it asks for nothing but outcomes and values of one field that is
 * counted by day.
 */
export interface KeptFilter {
  /** The field that the query filters by; undefined when it filters by outcome at most. */
  field: CountedField | undefined;
  outcomes: number[];
  /** Conditions on the column `value`, in lower case. */
  valueSql(parameters: Parameters): string;
}

/** How a plan can be answered from kept counts; undefined when it cannot. */
export function keptFilter(plan: SearchPlan): KeptFilter | undefined {
  if (plan.scope.seqMax !== undefined || !seesEveryEvent(plan.scope.sight)) return undefined;
  let wanted = outcomes.map((_, code) => code);
  const tests: KeyTerm[] = [];
  for (const term of plan.scope.query.terms) {
    if (term.type === "text") return undefined;
    if (term.key === "created") {
      if (term.negated || timeSpans(term).length > 1) return undefined;
    } else if (term.key === "outcome") {
      const named = patternsOf(term);
      wanted = wanted.filter(
        (code) => named.some((pattern) => matchesPattern(pattern, outcomes[code] ?? "")) !== term.negated,
      );
    } else {
      tests.push(term);
    }
  }
  const [first] = tests;
  if (first === undefined) return { field: undefined, outcomes: wanted, valueSql: () => "true" };
  const field = first.key as CountedField;
  const byDay = countedFields[field] === "day" && tests.every((term) => term.key === field);
  // An event without a country is in no count of countries.
  if (!byDay || (field === "country" && tests.some((term) => term.negated))) return undefined;
  return {
    field,
    outcomes: wanted,
    valueSql: (parameters) => tests.map((term) => valueTest(term, parameters)).join(" and "),
  };
}

function valueTest(term: KeyTerm, parameters: Parameters): string {
  const patterns =
    term.key === "severity"
      ? severitiesOf(term).map((code) => [severities[code] ?? ""])
      : patternsOf(term).map(foldPattern);
  const tests = patterns.some(isAny) ? ["true"] : textTests("lower(value)", patterns, parameters);
  const exact = patterns.every((pattern) => pattern.length === 1);
  if (exact && !term.negated) {
    // Kept values are in lower case, countries in upper case: so the index finds them day by day.
    const values = patterns.flatMap(([text = ""]) => [text, text.toUpperCase()]);
    tests.push(`value = any(${parameters.add(values)}::text[])`);
    return `(${tests.join(" and ")})`;
  }
  const test = `(${tests.length === 0 ? "false" : tests.join(" or ")})`;
  return term.negated ? `not ${test}` : test;
}

/** A range cut into whole units (hours or days, UTC) and what is left over at its ends. */
export interface CutRange {
  whole: TimeBounds | undefined;
  edges: TimeBounds[];
}

export function cutRange({ fromMs, toMs }: TimeBounds, unitMs: number): CutRange {
  const first = Number.isFinite(fromMs) ? Math.ceil(fromMs / unitMs) * unitMs : fromMs;
  const last = Number.isFinite(toMs) ? Math.floor(toMs / unitMs) * unitMs : toMs;
  if (first >= last) return { whole: undefined, edges: fromMs < toMs ? [{ fromMs, toMs }] : [] };
  const edges = [
    { fromMs, toMs: first },
    { fromMs: last, toMs },
  ].filter((edge) => edge.fromMs < edge.toMs);
  return { whole: { fromMs: first, toMs: last }, edges };
}

/** `column >= from and column < to`, leaving out open ends. */
export function spanSql(column: string, { fromMs, toMs }: TimeBounds, parameters: Parameters): string {
  const tests: string[] = [];
  if (fromMs !== -Infinity) tests.push(`${column} >= ${parameters.add(timeText(fromMs))}::timestamptz`);
  if (toMs !== Infinity) tests.push(`${column} < ${parameters.add(timeText(toMs))}::timestamptz`);
  return tests.join(" and ") || "true";
}

/** Events in the hours that these ranges touch, of any kind: how much reading the rows would cost at most. */
export async function rowsIn(client: PoolClient, workspaceId: number, ranges: readonly TimeBounds[]): Promise<number> {
  if (ranges.length === 0) return 0;
  const parameters = new Parameters();
  const workspace = parameters.add(workspaceId);
  const spans = ranges.map(({ fromMs, toMs }) =>
    spanSql("hour", { fromMs: Math.floor(fromMs / HOUR_MS) * HOUR_MS, toMs }, parameters),
  );
  const { rows } = await client.query<{ events: number }>(
    `select coalesce(sum(events), 0)::bigint as events from event_count_hour
       where workspace_id = ${workspace} and (${spans.map((span) => `(${span})`).join(" or ")})`,
    parameters.values,
  );
  return Number(rows[0]?.events ?? 0);
}
