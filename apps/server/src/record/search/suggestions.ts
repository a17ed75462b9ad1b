import { fold, keyDefinition, type QueryKey } from "@daybook/contract";
import type { Pool } from "pg";
import { seesEveryEvent } from "../sight.ts";
import { readFacets } from "./facets.ts";
import { type CountedField, countedFields } from "./fields.ts";
import { DAY_MS } from "./kept.ts";
import { likePattern, timeText } from "./parameters.ts";
import { planOf, type Searcher } from "./request.ts";
import { checkCountable } from "./searchable.ts";

/** Values come from the counts of this long: older ones are seldom meant, and the list is read while somebody types. */
const RECENT_DAYS = 90;
/** Of fields with many values, the most frequent ones of each of the last days. */
const FREQUENT_DAYS = 30;
const FREQUENT_A_DAY = 200;
/** Under a limited sight, the most frequent values of the newest events that are looked at. */
const SIGHTED_VALUES_MAX = 1_000;

export interface Suggestion {
  value: string;
  label?: string;
  /** Events with it that were counted. */
  events?: number;
}

/** The keys whose values are those of a counted field. */
const fieldOf: Partial<Record<QueryKey, CountedField>> = {
  action: "action",
  category: "category",
  country: "country",
  actor: "actor",
  behalf: "actor",
  party: "actor",
  target: "target",
  ip: "ip",
};

/**
 * Values of a key that the log has, the most frequent first: those that begin with what was typed before those that
 * contain it, in value or name. Keys with fixed values give these.
 */
export async function suggestValues(
  db: Pool,
  { workspaceId, sight }: Searcher,
  key: QueryKey,
  typed: string,
  limit: number,
  nowMs: number,
): Promise<Suggestion[]> {
  const prefix = fold(typed);
  const field = fieldOf[key];
  if (field === undefined) return fixedValues(key, prefix).slice(0, limit);
  checkCountable(field, "", sight);
  // Under a limited sight from the newest events that are in it, not from what is counted of the whole workspace.
  if (!seesEveryEvent(sight) || (!sight.personal && countedFields[field] === "value"))
    return valuesInSight(db, { workspaceId, sight }, field, prefix, limit);
  const found =
    countedFields[field] === "value"
      ? await frequentValues(db, workspaceId, field, prefix, limit, nowMs)
      : await dayValues(db, workspaceId, field, prefix, limit, nowMs);
  return found.map(({ value, label, events }) => ({
    value,
    ...(label === null || label === value ? {} : { label }),
    events: Number(events),
  }));
}

async function valuesInSight(
  db: Pool,
  searcher: Searcher,
  field: CountedField,
  prefix: string,
  limit: number,
): Promise<Suggestion[]> {
  const { values } = await readFacets(db, planOf(searcher, {}), [field], SIGHTED_VALUES_MAX);
  const found = (values.get(field) ?? []).filter(({ value, label }) =>
    [value, label ?? ""].some((text) => fold(text).includes(prefix)),
  );
  return found
    .slice(0, limit)
    .map(({ value, label, events }) => ({ value, ...(label === null || label === value ? {} : { label }), events }));
}

function fixedValues(key: QueryKey, prefix: string): Suggestion[] {
  const values = keyDefinition(key).values ?? [];
  return values.filter((value) => value.startsWith(prefix)).map((value) => ({ value }));
}

interface ValueRow {
  value: string;
  label: string | null;
  events: string | number;
}

async function dayValues(
  db: Pool,
  workspaceId: number,
  field: CountedField,
  prefix: string,
  limit: number,
  nowMs: number,
): Promise<ValueRow[]> {
  const { rows } = await db.query<ValueRow>(
    `select value, null as label, sum(events)::bigint as events from event_count_day
       where workspace_id = $1 and field = $2 and lower(value) like $3
         and day >= least($4::timestamptz, (select max(day) from event_count_day where workspace_id = $1 and field = $2) - $5::interval)
       group by value order by (lower(value) like $6) desc, events desc, value limit $7`,
    [
      workspaceId,
      field,
      `%${likePattern([prefix])}%`,
      timeText(nowMs - RECENT_DAYS * DAY_MS),
      `${RECENT_DAYS} days`,
      `${likePattern([prefix])}%`,
      limit,
    ],
  );
  return rows;
}

async function frequentValues(
  db: Pool,
  workspaceId: number,
  field: CountedField,
  prefix: string,
  limit: number,
  nowMs: number,
): Promise<ValueRow[]> {
  const { rows } = await db.query<ValueRow>(
    `with newest as (
       select least($4::timestamptz, max(day)) as day from event_count_value where workspace_id = $1 and field = $2
     ), frequent as (
       select top.* from newest cross join generate_series(0, ${FREQUENT_DAYS - 1}) as back cross join lateral (
         select value, label, events, day from event_count_value
           where workspace_id = $1 and field = $2 and day = newest.day - back * interval '1 day'
           order by events desc limit ${FREQUENT_A_DAY}
       ) as top
     ), known as (
       select value, (array_agg(label order by day desc) filter (where label is not null))[1] as label, sum(events)::bigint as events
         from frequent group by value
     )
     select * from known where lower(value) like $3 or lower(label) like $3
       order by (lower(value) like $5 or lower(split_part(value, '/', 2)) like $5 or lower(label) like $5) desc, events desc, value limit $6`,
    [
      workspaceId,
      field,
      `%${likePattern([prefix])}%`,
      timeText(Math.floor(nowMs / DAY_MS) * DAY_MS),
      `${likePattern([prefix])}%`,
      limit,
    ],
  );
  return rows;
}
