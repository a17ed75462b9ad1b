import type { Querier } from "../access/staff-store.ts";

/** A run as it is stored. */
export interface NewRun {
  workspace_id: number;
  id: string;
  name: string;
  due_at: string | null;
  state: number;
  reason: string | null;
  started_at?: string | null;
  finished_at?: string | null;
  duration_ms?: number | null;
  exit_code?: number | null;
  output?: string | null;
  task_id?: string | null;
  /** Its end is to be put on record. */
  untold?: boolean;
  created_at: string;
}

const columns = `workspace_id int, id uuid, name text, due_at timestamptz, state smallint, reason text, started_at timestamptz,
  finished_at timestamptz, duration_ms bigint, exit_code int, output text, task_id uuid, untold boolean, created_at timestamptz`;

const names = columns
  .split(",")
  .map((column) => column.trim().split(" ")[0])
  .join(", ");

/** Stores runs. A due time that has a run, or an id that is there, is left as it is: whoever came first has it. Returns the ids of those
 *  that were stored. */
export async function insertRuns(client: Querier, runs: readonly NewRun[]): Promise<Set<string>> {
  if (runs.length === 0) return new Set();
  const { rows } = await client.query<{ id: string }>(
    `insert into schedule_run (${names})
     select ${names.replace("untold", "coalesce(untold, false)")} from jsonb_to_recordset($1::jsonb) as given(${columns})
     on conflict do nothing returning id`,
    [JSON.stringify(runs)],
  );
  return new Set(rows.map((row) => row.id));
}
