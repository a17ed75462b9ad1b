import { readFile, stat } from "node:fs/promises";
import { type ActionOverride, actionOverrideSchema, actionOverridesFileSchema } from "@daybook/contract";
import type { Db } from "../db/pool.ts";

/** Overrides of one workspace by action. */
export type Overrides = Map<string, ActionOverride>;

/** Every workspace's overrides. A stored one that this version no longer understands is left out. */
export async function listOverrides(db: Db): Promise<Map<number, Overrides>> {
  const { rows } = await db.query<{ workspace_id: number; action: string; definition: unknown }>(
    "select workspace_id, action, definition from action_override",
  );
  const found = new Map<number, Overrides>();
  for (const row of rows) {
    const parsed = actionOverrideSchema.safeParse(row.definition);
    if (!parsed.success) continue;
    const own = found.get(row.workspace_id) ?? new Map();
    found.set(row.workspace_id, own.set(row.action, parsed.data));
  }
  return found;
}

/** Changes when any override did, in any process. */
export async function overridesVersion(db: Db): Promise<string> {
  const { rows } = await db.query<{ version: string }>(
    "select count(*) || ' ' || coalesce(max(updated_at)::text, '') as version from action_override",
  );
  return rows[0]?.version ?? "";
}

/** Sets an override; gives the one it replaces. */
export async function putOverride(
  db: Db,
  workspaceId: number,
  action: string,
  override: ActionOverride,
): Promise<ActionOverride | undefined> {
  const { rows } = await db.query<{ old: ActionOverride | null }>(
    `with old as (select definition from action_override where workspace_id = $1 and action = $2)
     insert into action_override (workspace_id, action, definition, updated_at) values ($1, $2, $3, clock_timestamp())
     on conflict (workspace_id, action) do update set definition = excluded.definition, updated_at = excluded.updated_at
     returning (select definition from old) as old`,
    [workspaceId, action, JSON.stringify(override)],
  );
  return rows[0]?.old ?? undefined;
}

/** Removes an override; gives it, or undefined when there was none. */
export async function deleteOverride(db: Db, workspaceId: number, action: string): Promise<ActionOverride | undefined> {
  const { rows } = await db.query<{ definition: ActionOverride }>(
    "delete from action_override where workspace_id = $1 and action = $2 returning definition",
    [workspaceId, action],
  );
  return rows[0]?.definition;
}

export interface SeenAction {
  events: number;
  /** 2026-11-20, UTC. */
  lastDay: string;
}

/** Every action in the log of the workspace, from the counts that are kept on write. */
export async function listSeenActions(db: Db, workspaceId: number): Promise<Map<string, SeenAction>> {
  const { rows } = await db.query<{ action: string; events: string; last_day: string }>(
    `select value as action, sum(events) as events, to_char(max(day) at time zone 'utc', 'YYYY-MM-DD') as last_day
       from event_count_day where workspace_id = $1 and field = 'action' group by value`,
    [workspaceId],
  );
  return new Map(rows.map((row) => [row.action, { events: Number(row.events), lastDay: row.last_day }]));
}

/** Reads the operator's file. Throws Error naming the file, the action and what is wrong with it. */
export async function readOverridesFile(path: string): Promise<Overrides> {
  let document: unknown;
  try {
    document = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new Error(`${path} cannot be read: ${(error as Error).message}`);
  }
  const parsed = actionOverridesFileSchema.safeParse(document);
  if (parsed.success) return new Map(Object.entries(parsed.data));
  const [issue] = parsed.error.issues;
  throw new Error(`${path}: ${issue?.path.join(" › ") || "the file"}: ${issue?.message ?? "is not valid"}`);
}

/** Changes when the file does; empty when there is none. */
export async function fileVersion(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found ? `${found.mtimeMs} ${found.size} ${found.ino}` : "";
}
