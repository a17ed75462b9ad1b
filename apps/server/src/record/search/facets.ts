import type { Pool, PoolClient } from "pg";
import { fullSight, type Sight } from "../sight.ts";
import { type CountedField, countedFields, fieldValuesSql } from "./fields.ts";
import { cutRange, DAY_MS, type KeptFilter, keptFilter, rowsIn, spanSql } from "./kept.ts";
import { Parameters } from "./parameters.ts";
import type { SearchPlan, TimeBounds } from "./plan.ts";
import { reading, SEARCH_MS_MAX } from "./reading.ts";
import { ROLL_UP } from "./roll-up.ts";
import { type Coverage, groupMatches, SAMPLE_EVENTS_MAX } from "./sample.ts";
import { checkCountable } from "./searchable.ts";
import { type FieldCounts, type FieldValue, topValues } from "./top-values.ts";

/** Rows at the ends of a range, outside of whole days, that are counted one by one. */
const EDGE_ROWS_MAX = 5_000;
/** Ranges of so many days are counted in whole days when their ends have more rows than that. */
const WHOLE_DAYS_MIN = 3;

/** The columns of `event` that the fields are made of. */
const fieldColumns =
  "outcome, action, category, kind, severity, country, ip, actor_type, actor_id, actor_name, actor_email, target_type, target_id, target_name, more_targets";

export interface Facets extends Coverage {
  values: Map<CountedField, FieldValue[]>;
  /** Fields whose counts are of the newest events only (relation "gte"). */
  capped: CountedField[];
  /** Whole days were counted, from this time on, although the range begins or ends within a day. */
  wholeDays?: TimeBounds;
}

/**
 * The most frequent values of fields among the matching events, at most `limit` of each. Exact where the kept counts
 * answer the query; else of the newest matching events (`relation: "gte"`, from `fromMs` on).
 */
export function readFacets(
  db: Pool,
  plan: SearchPlan,
  fields: readonly CountedField[],
  limit: number,
  sampleMax: number = SAMPLE_EVENTS_MAX,
): Promise<Facets> {
  return reading(db, SEARCH_MS_MAX, async (client) => {
    const { sight } = plan.scope;
    for (const field of fields) checkCountable(field, "", sight);
    const kept = keptFilter(plan);
    const exact = fields.filter((field) => kept !== undefined && answers(kept, field, sight));
    const facets: Facets = { values: new Map(fields.map((field) => [field, []])), capped: [], relation: "eq" };
    if (kept !== undefined && exact.length > 0) await addKept(client, plan, kept, exact, limit, facets);
    const others = fields.filter((field) => !exact.includes(field));
    if (others.length > 0) await addSampled(client, plan, others, limit, facets, sampleMax);
    return facets;
  });
}

/** Whether the kept counts of a field can be filtered as the query asks. */
function answers(kept: KeptFilter, field: CountedField, sight: Sight): boolean {
  // Actors and targets are counted under their names, which may be personal.
  if (!sight.personal && countedFields[field] === "value") return false;
  if (kept.field !== undefined) return field === kept.field || field === "outcome";
  return countedFields[field] !== "value" || kept.outcomes.length === 3;
}

async function addSampled(
  client: PoolClient,
  plan: SearchPlan,
  fields: readonly CountedField[],
  limit: number,
  facets: Facets,
  sampleMax: number,
): Promise<void> {
  const counts = new Map<CountedField, FieldCounts>(fields.map((field) => [field, new Map()]));
  const coverage = await groupMatches<GroupRow>(
    client,
    plan,
    fieldColumns,
    (relation) => groupSql(fields, relation, plan.scope.sight),
    (row) => addRow(counts, row),
    sampleMax,
  );
  for (const field of fields) facets.values.set(field, topOf(counts.get(field), limit));
  if (coverage.relation === "gte") {
    facets.relation = "gte";
    facets.capped.push(...fields);
    if (coverage.fromMs !== undefined) facets.fromMs = coverage.fromMs;
  }
}

interface GroupRow {
  field: CountedField | null;
  value: string;
  label: string | null;
  events: string | number;
}

function groupSql(fields: readonly CountedField[], relation: string, sight: Sight): string {
  const each = fields.map(
    (field) =>
      `select '${field}' as field, value, max(label) as label, count(*) as events from (${fieldValuesSql(field, relation, "outcome", sight.personal)}) as valued group by value`,
  );
  return each.join(" union all ");
}

function addRow(counts: Map<CountedField, FieldCounts>, { field, value, label, events }: GroupRow): void {
  const values = field === null ? undefined : counts.get(field);
  if (values === undefined) return;
  const known = values.get(value);
  values.set(value, { events: (known?.events ?? 0) + Number(events), label: known?.label ?? label });
}

/** Counts the rows of a select over `event`, read once for all fields. */
async function addRows(
  client: PoolClient,
  fields: readonly CountedField[],
  select: string,
  parameters: Parameters,
  counts: Map<CountedField, FieldCounts>,
): Promise<void> {
  const statement = `with counted_rows as materialized (${select}) ${groupSql(fields, "counted_rows", fullSight)}`;
  const { rows } = await client.query<GroupRow>(statement, parameters.values);
  for (const row of rows) addRow(counts, row);
}

function topOf(counts: FieldCounts | undefined, limit: number): FieldValue[] {
  return [...(counts ?? [])]
    .map(([value, { events, label }]) => ({ value, label, events }))
    .sort((left, right) => right.events - left.events || (left.value < right.value ? -1 : 1))
    .slice(0, limit);
}

async function addKept(
  client: PoolClient,
  plan: SearchPlan,
  kept: KeptFilter,
  fields: readonly CountedField[],
  limit: number,
  facets: Facets,
): Promise<void> {
  const range = await keptRange(client, plan, facets);
  if (facets.relation === "gte") facets.capped.push(...fields);
  const counts = new Map<CountedField, FieldCounts>(fields.map((field) => [field, new Map()]));
  for (const edge of range.edges) {
    const parameters = new Parameters();
    const where = `${plan.rangeSql(parameters, edge)} and ${plan.querySql(parameters, false)}`;
    const rows = `select ${fieldColumns} from event where ${where} order by occurred_at desc limit ${SAMPLE_EVENTS_MAX}`;
    await addRows(client, fields, rows, parameters, counts);
  }
  const rolled = fields.filter((field) => countedFields[field] === "value");
  if (range.whole !== undefined) {
    if (rolled.length > 0) await addTail(client, plan, rolled, range.whole, counts, facets);
    for (const field of fields) {
      const found = counts.get(field) ?? new Map();
      if (rolled.includes(field)) await topValues(client, plan.scope.workspaceId, field, range.whole, limit, found);
      else await addDays(client, plan, kept, field, range.whole, found);
    }
  }
  for (const field of fields) facets.values.set(field, topOf(counts.get(field), limit));
}

/**
 * The range in whole days and its ends. Ends with many rows are widened to whole days when the range is long, else only
 * their newest rows count; both are said in `facets`.
 */
async function keptRange(
  client: PoolClient,
  plan: SearchPlan,
  facets: Facets,
): Promise<{ whole: TimeBounds | undefined; edges: TimeBounds[] }> {
  const range = cutRange(plan.bounds, DAY_MS);
  if ((await rowsIn(client, plan.scope.workspaceId, range.edges)) <= EDGE_ROWS_MAX) return range;
  const { fromMs, toMs } = plan.bounds;
  if (toMs - fromMs >= WHOLE_DAYS_MIN * DAY_MS) {
    const wide = { fromMs: Math.floor(fromMs / DAY_MS) * DAY_MS, toMs: Math.ceil(toMs / DAY_MS) * DAY_MS };
    facets.wholeDays = wide;
    return { whole: wide, edges: [] };
  }
  facets.relation = "gte";
  return range;
}

/** Adds the kept counts of a field by day. */
async function addDays(
  client: PoolClient,
  plan: SearchPlan,
  kept: KeptFilter,
  field: CountedField,
  whole: TimeBounds,
  found: FieldCounts,
): Promise<void> {
  const parameters = new Parameters();
  const workspace = `workspace_id = ${parameters.add(plan.scope.workspaceId)}`;
  const isOutcome = `outcome = any(${parameters.add(kept.outcomes)}::smallint[])`;
  const byHour = field === "outcome" && kept.field === undefined;
  const rows = byHour
    ? `event_count_hour where ${workspace} and ${spanSql("hour", whole, parameters)}`
    : `event_count_day where ${workspace} and field = ${parameters.add(kept.field ?? field)} and ${spanSql("day", whole, parameters)} and ${kept.valueSql(parameters)}`;
  const value = field === "outcome" ? "(array['success','failure','denied'])[outcome + 1]" : "value";
  const statement = `select ${value} as value, sum(events)::bigint as events from ${rows} and ${isOutcome} group by 1`;
  const result = await client.query<{ value: string; events: number }>(statement, parameters.values);
  for (const row of result.rows) {
    const known = found.get(row.value);
    found.set(row.value, { events: (known?.events ?? 0) + Number(row.events), label: known?.label ?? null });
  }
}

/** Adds the events that the roll-up has not counted yet. */
async function addTail(
  client: PoolClient,
  plan: SearchPlan,
  fields: readonly CountedField[],
  whole: TimeBounds,
  counts: Map<CountedField, FieldCounts>,
  facets: Facets,
): Promise<void> {
  const parameters = new Parameters();
  const workspace = parameters.add(plan.scope.workspaceId);
  const { rows } = await client.query<{ behind: number }>(
    `select head.size - coalesce(follower.seq, 0) as behind from log_head as head
       left join follower on follower.workspace_id = head.workspace_id and follower.name = '${ROLL_UP}'
       where head.workspace_id = ${workspace}`,
    parameters.values,
  );
  const behind = Number(rows[0]?.behind ?? 0);
  if (behind === 0) return;
  if (behind > SAMPLE_EVENTS_MAX && facets.relation === "eq") {
    facets.relation = "gte";
    facets.capped.push(...fields);
  }
  const tail = `select ${fieldColumns} from event where workspace_id = ${workspace} and ${spanSql("occurred_at", whole, parameters)}
    and seq > (select size - ${parameters.add(Math.min(behind, SAMPLE_EVENTS_MAX))}::bigint from log_head where workspace_id = ${workspace})`;
  await addRows(client, fields, tail, parameters, counts);
}
