import type { Querier } from "../../access/staff-store.ts";

/** Adds to the counts that show an operator that redaction works (`GET /redactions`). */
export async function countRedactions(
  db: Querier,
  workspaceId: number,
  counts: ReadonlyMap<string, number>,
): Promise<void> {
  if (counts.size === 0) return;
  await db.query(
    `insert into redaction_count as kept (workspace_id, day, rule, redactions)
       select $1, (now() at time zone 'utc')::date, rule, redactions
       from unnest($2::text[], $3::bigint[]) as new (rule, redactions) order by rule
     on conflict (workspace_id, day, rule) do update set redactions = kept.redactions + excluded.redactions`,
    [workspaceId, [...counts.keys()], [...counts.values()]],
  );
}
