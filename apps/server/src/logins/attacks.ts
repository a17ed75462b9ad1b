import type { Attack, Attacks } from "@daybook/contract";
import type { Pool, PoolClient } from "pg";
import { actorValue } from "../record/search/fields.ts";
import { Parameters } from "../record/search/parameters.ts";
import type { SearchPlan } from "../record/search/plan.ts";
import { reading, SEARCH_MS_MAX } from "../record/search/reading.ts";
import { planOf, type Searcher } from "../record/search/request.ts";

/** Values named as examples of what was tried. */
const EXAMPLES_MAX = 5;

export interface AttackRequest {
  by: "address" | "account";
  fromMs: number;
  toMs: number;
  /** Failures within `minutes` that make an attack. */
  min: number;
  minutes: number;
  /** Groups wanted. */
  limit: number;
}

/**
 * Failed sign-ins (`auth.login` that failed or was denied) grouped by address or by account: those with at least `min`
 * of them within `minutes`, and whether one then succeeded. Those that did come first, then the most failures, then by
 * value.
 *  1. Count the failures of each group, and the most within a window that ends with each of them.
 *  2. Of the groups that reach `min`, find the first success after that moment, in the same range.
 */
export function findAttacks(db: Pool, searcher: Searcher, request: AttackRequest): Promise<Attacks> {
  const { by, fromMs, toMs, min, minutes, limit } = request;
  const range = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
  const failed = planOf(searcher, { q: "action:auth.login -outcome:success", ...range });
  const successful = planOf(searcher, { q: "action:auth.login outcome:success", ...range });
  return reading(db, SEARCH_MS_MAX, async (client) => {
    const groups = await readGroups(client, failed, request);
    const reached = groups.filter((group) => group.value !== null);
    const successes = await readSuccesses(client, successful, by, reached);
    const items = reached.map((group) => attackOf(group, successes.get(group.value ?? "")));
    items.sort(
      (left, right) =>
        Number(right.succeededAt !== undefined) - Number(left.succeededAt !== undefined) ||
        right.failures - left.failures ||
        (left.value < right.value ? -1 : 1),
    );
    return {
      by,
      ...range,
      min,
      minutes,
      items: items.slice(0, limit),
      groups: items.length,
      failures: Number(groups[0]?.all_failures ?? 0),
      succeeded: successes.size,
    };
  });
}

interface GroupRow {
  /** Null in the one row that stands when no group reaches the minimum. */
  value: string | null;
  all_failures: string | number;
  label: string | null;
  country: string | null;
  asn: string | number | null;
  network: string | null;
  failures: string | number;
  denied: string | number;
  burst: string | number;
  first_at: Date;
  last_at: Date;
  reached_at: Date;
  others: string | number;
  examples: string[];
}

/** An attempt as `value` (what is grouped by), `other` (what was tried, or from where) and `label`. */
function attemptSql(by: AttackRequest["by"]): string {
  const account = `${actorValue} as ${by === "account" ? "value" : "other"}`;
  const address = `host(ip) as ${by === "address" ? "value" : "other"}`;
  return `${account}, ${address}, coalesce(actor_name, actor_email) as label, country, asn, network, outcome, occurred_at, seq, id`;
}

async function readGroups(
  client: PoolClient,
  plan: SearchPlan,
  { by, min, minutes }: AttackRequest,
): Promise<GroupRow[]> {
  const parameters = new Parameters();
  const rows = `select ${attemptSql(by)} from event where ${plan.rangeSql(parameters)} and ${plan.querySql(parameters, false)}`;
  const least = parameters.add(min);
  const span = `make_interval(mins => ${parameters.add(minutes)}::int)`;
  const label =
    by === "account" ? "(array_agg(label order by occurred_at desc) filter (where label is not null))[1]" : "null";
  // An account is attacked from many places: one of them would say nothing.
  const place =
    by === "address"
      ? "max(country) as country, max(asn) as asn, max(network) as network"
      : "null as country, null as asn, null as network";
  const statement = `with failed as materialized (${rows}),
    windowed as (
      select *, count(*) over (partition by value order by occurred_at range between ${span} preceding and current row) as within
        from failed where value is not null
    ), grouped as (
      select value, count(*) as failures, count(*) filter (where outcome = 2) as denied, max(within) as burst,
          min(occurred_at) as first_at, max(occurred_at) as last_at, min(occurred_at) filter (where within >= ${least}) as reached_at,
          ${label} as label, ${place}
        from windowed group by value having max(within) >= ${least}
    ), tried as (
      select value, count(*) as others, (array_agg(other order by times desc, other))[1:${EXAMPLES_MAX}] as examples from (
        select value, other, count(*) as times from failed where other is not null and value in (select value from grouped) group by value, other
      ) as each group by value
    )
    select (select count(*) from failed) as all_failures, grouped.*, coalesce(others, 0) as others, coalesce(examples, '{}') as examples
      from (select) as one left join (grouped left join tried using (value)) on true`;
  const result = await client.query<GroupRow>(statement, parameters.values);
  return result.rows;
}

interface Success {
  value: string;
  other: string | null;
  occurred_at: Date;
  id: string;
}

/** The first successful sign-in of each group after it had reached the minimum. */
async function readSuccesses(
  client: PoolClient,
  plan: SearchPlan,
  by: AttackRequest["by"],
  groups: readonly GroupRow[],
): Promise<Map<string, Success>> {
  if (groups.length === 0) return new Map();
  const parameters = new Parameters();
  const rows = `select ${attemptSql(by)} from event where ${plan.rangeSql(parameters)} and ${plan.querySql(parameters, false)}`;
  const values = parameters.add(groups.map((group) => group.value));
  const reached = parameters.add(groups.map((group) => group.reached_at));
  const result = await client.query<Success>(
    `with reached as (select * from unnest(${values}::text[], ${reached}::timestamptz[]) as each (value, at)),
      signed_in as materialized (${rows})
     select distinct on (value) value, other, occurred_at, id from signed_in join reached using (value)
       where occurred_at >= at order by value, occurred_at, seq`,
    parameters.values,
  );
  return new Map(result.rows.map((row) => [row.value, row]));
}

function attackOf(group: GroupRow, success: Success | undefined): Attack {
  const { value, label, country, asn, network, others, examples } = group;
  return {
    value: value ?? "",
    ...(label === null || label === value ? {} : { label }),
    ...(country === null ? {} : { country }),
    ...(asn === null ? {} : { asn: Number(asn) }),
    ...(network === null ? {} : { network }),
    failures: Number(group.failures),
    denied: Number(group.denied),
    burst: Number(group.burst),
    firstAt: group.first_at.toISOString(),
    lastAt: group.last_at.toISOString(),
    others: Number(others),
    examples,
    reachedAt: group.reached_at.toISOString(),
    ...(success === undefined
      ? {}
      : {
          succeededAt: success.occurred_at.toISOString(),
          successId: success.id,
          ...(success.other === null ? {} : { succeededAs: success.other }),
        }),
  };
}
