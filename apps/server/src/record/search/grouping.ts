import { AppError, authMethods, closest, fold, type QueryKey, queryKeyNames } from "@daybook/contract";
import type { Pool } from "pg";
import { type CountedField, countedFields, fieldValuesSql } from "./fields.ts";
import { Parameters } from "./parameters.ts";
import type { SearchPlan } from "./plan.ts";
import { reading } from "./reading.ts";
import { checkCountable } from "./searchable.ts";

/** Text columns that events can be counted by besides the counted fields. */
const columns: Partial<Record<QueryKey, string>> = {
  reason: "reason",
  project: "project",
  session: "session_id",
  request: "request_id",
  network: "network",
  asn: "asn::text",
  browser: "browser",
  os: "os",
  auth: `(array['${authMethods.join("','")}'])[auth + 1]`,
};

/** What events can be counted by: a key of the query language that has values, with `details` a path. */
export interface Grouping {
  key: QueryKey;
  path: string;
}

const noGrouping: readonly QueryKey[] = ["id", "seq", "created", "party"];

/** Reads the name of a grouping, e.g. `ip` or `details.reason`. Throws invalid_request with what was meant. */
export function parseGrouping(text: string): Grouping {
  const [name = "", ...path] = text.split(".");
  const keys = queryKeyNames.filter((key) => !noGrouping.includes(key));
  const key = keys.find((known) => known === name.toLowerCase());
  if (key !== undefined && (key === "details") === path.length > 0) return { key, path: path.join(".") };
  const meant = closest(name, keys);
  const hint =
    meant === undefined
      ? `Fields are ${keys.join(", ")}.`
      : `Did you mean '${meant === "details" ? "details.<path>" : meant}'?`;
  throw new AppError("invalid_request", `Events cannot be counted by '${text}'. ${hint}`, {
    extra: { parameter: "by" },
  });
}

/** How many matching events have each value, the most frequent first. An event with several values counts for each. */
export function countBy(
  db: Pool,
  plan: SearchPlan,
  grouping: Grouping,
  timeoutMs: number,
): Promise<{ value: string; events: number }[]> {
  checkCountable(grouping.key, grouping.path, plan.scope.sight);
  return reading(db, timeoutMs, async (client) => {
    const parameters = new Parameters();
    const where = `${plan.rangeSql(parameters)} and ${plan.querySql(parameters, true)}`;
    const source = `(select * from event where ${where}) as event`;
    const counted = valuesSql(grouping, source, parameters, plan.scope.sight.personal);
    const values = plan.scope.sight.personal
      ? counted
      : `select mask_personal(value) as value from (${counted}) as each`;
    const { rows } = await client.query<{ value: string; events: number }>(
      `select value, count(*)::int as events from (${values}) as valued group by value order by events desc, value`,
      parameters.values,
    );
    return rows;
  });
}

/** A select of `value`, once for each value of each row of `source`. */
function valuesSql({ key, path }: Grouping, source: string, parameters: Parameters, personal: boolean): string {
  if (key in countedFields) return fieldValuesSql(key as CountedField, source, "seq", personal);
  const column = columns[key];
  if (column !== undefined) return `select ${column} as value from ${source} where ${column} is not null`;
  if (key === "owner") {
    return `select owner as value from ${source} cross join lateral (
      select target_owner_id as owner where target_owner_id is not null
      union select other ->> 'ownerId' from json_array_elements(more_targets::json) as other where other ->> 'ownerId' is not null) as owned`;
  }
  if (key === "field") {
    return `select field as value from ${source} cross join lateral (
      select distinct change ->> 'field' as field from json_array_elements(storable_json(changes)) as change) as changed`;
  }
  if (key === "behalf") {
    return `select coalesce((on_behalf_of::json ->> 'type') || '/' || (on_behalf_of::json ->> 'id'), on_behalf_of::json ->> 'email',
        on_behalf_of::json ->> 'name', on_behalf_of::json ->> 'type') as value from ${source} where on_behalf_of is not null`;
  }
  return `select original as value from ${source} cross join lateral (
    select distinct original from event_leaves(details) where path = ${parameters.add(fold(path))}) as leaf where details is not null`;
}
