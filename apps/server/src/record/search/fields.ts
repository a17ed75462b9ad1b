import { actorTypes, kinds, outcomes, severities } from "@daybook/contract";

/**
 * Fields that events are counted by, and where the counts are kept: `day` on write in event_count_day, `value` by the
 * roll-up in event_count_value, `hour` on write in event_count_hour.
 */
export const countedFields = {
  action: "day",
  category: "day",
  kind: "day",
  severity: "day",
  country: "day",
  outcome: "hour",
  actor: "value",
  target: "value",
  ip: "value",
} as const;

export type CountedField = keyof typeof countedFields;

export const countedFieldNames = Object.keys(countedFields) as CountedField[];

/** The fields that the roll-up counts. */
export const rolledFields = countedFieldNames.filter((field) => countedFields[field] === "value");

const nameOf = (names: readonly string[], column: string): string => `(array['${names.join("','")}'])[${column} + 1]`;

/** Who acted, as a value that `actor:` finds: type/id, else the e-mail address, the name, the type. */
const actorValue = `case when actor_id is not null then ${nameOf(actorTypes, "actor_type")} || '/' || actor_id
  else coalesce(actor_email, actor_name, ${nameOf(actorTypes, "actor_type")}) end`;

/**
 * The values of a field in a row of `event`, as a SQL select of (value, label) from `source`, which has the columns of
 * `event`; further columns of the source can be selected too. An event may have several targets, each once.
 */
export function fieldValuesSql(field: CountedField, source: string, columns: string): string {
  const select = (value: string, label = "null::text"): string =>
    `select ${value} as value, ${label} as label, ${columns} from ${source} where ${value} is not null`;
  switch (field) {
    case "kind":
      return select(nameOf(kinds, "kind"));
    case "severity":
      return select(nameOf(severities, "severity"));
    case "outcome":
      return select(nameOf(outcomes, "outcome"));
    case "ip":
      return select("host(ip)");
    case "actor":
      return select(actorValue, "coalesce(actor_name, actor_email)");
    case "target":
      return `${select("target_type || '/' || target_id", "target_name")}
        union all
        select other.value, other.label, ${columns} from ${source} cross join lateral (
          select value, max(label) as label from (
            select (item ->> 'type') || '/' || (item ->> 'id') as value, item ->> 'name' as label
              from json_array_elements(more_targets::json) as item
          ) as each group by value
        ) as other where more_targets is not null and other.value is distinct from target_type || '/' || target_id`;
    default:
      return select(field);
  }
}
