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

const actorType = nameOf(actorTypes, "actor_type");
/** Who acted, as a value that `actor:` finds: type/id, else the e-mail address, the name, the type. */
export const actorValue = `case when actor_id is not null then ${actorType} || '/' || actor_id
  else coalesce(actor_email, actor_name, ${actorType}) end`;
/** The same as those see it who may not see personal data. */
const maskedActorValue = `case when actor_id is not null then ${actorType} || '/' || mask_personal(actor_id)
  else coalesce(mask_personal(actor_name), ${actorType}) end`;

/**
 * The values of a field in a row of `event`, as a SQL select of (value, label) from `source`, which has the columns of
 * `event`; further columns of the source can be selected too. An event may have several targets, each once. `personal`:
 * as they are; else masked.
 */
export function fieldValuesSql(field: CountedField, source: string, columns: string, personal = true): string {
  const shown = (text: string): string => (personal ? text : `mask_personal(${text})`);
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
      return personal
        ? select(actorValue, "coalesce(actor_name, actor_email)")
        : select(maskedActorValue, "mask_personal(actor_name)");
    case "target":
      return `${select(`target_type || '/' || ${shown("target_id")}`, shown("target_name"))}
        union all
        select other.value, other.label, ${columns} from ${source} cross join lateral (
          select value, max(label) as label from (
            select (item ->> 'type') || '/' || ${shown("(item ->> 'id')")} as value, ${shown("(item ->> 'name')")} as label
              from json_array_elements(more_targets::json) as item
          ) as each group by value
        ) as other where more_targets is not null and other.value is distinct from target_type || '/' || ${shown("target_id")}`;
    default:
      return select(field);
  }
}
