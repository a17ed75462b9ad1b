import {
  AppError,
  type WorkspaceSettingName,
  type WorkspaceSettings,
  workspaceSettingNames,
  workspaceSettingSchemas,
} from "@daybook/contract";
import type { Pool } from "pg";
import { inTransaction } from "../db/transaction.ts";

/** What a workspace says itself; what it leaves out comes from the installation or the defaults. */
export type OwnSettings = Partial<WorkspaceSettings>;

/** What every workspace says itself, by id. */
export async function listOwnSettings(db: Pool): Promise<Map<number, OwnSettings>> {
  const { rows } = await db.query<{ id: number; settings: Record<string, unknown> }>(
    "select id, settings from workspace",
  );
  return new Map(rows.map((row) => [row.id, understood(row.settings)]));
}

/** Changes when any workspace did, in any process. */
export async function settingsVersion(db: Pool): Promise<string> {
  const { rows } = await db.query<{ version: string }>(
    "select count(*) || ' ' || coalesce(max(changed_at)::text, '') as version from workspace",
  );
  return rows[0]?.version ?? "";
}

/** Changes what a workspace says; null takes an own word back. Gives what it said before and says now. Throws not_found. */
export async function changeOwnSettings(
  db: Pool,
  workspaceId: number,
  change: { [Name in WorkspaceSettingName]?: WorkspaceSettings[Name] | null | undefined },
): Promise<{ before: OwnSettings; after: OwnSettings }> {
  return inTransaction(db, async (client) => {
    const { rows } = await client.query<{ settings: Record<string, unknown> }>(
      "select settings from workspace where id = $1 for update",
      [workspaceId],
    );
    const stored = rows[0]?.settings;
    if (stored === undefined) throw new AppError("not_found", `There is no workspace ${workspaceId}.`);
    const next: Record<string, unknown> = { ...stored };
    for (const [name, value] of Object.entries(change)) {
      if (value === null) delete next[name];
      else if (value !== undefined) next[name] = value;
    }
    await client.query("update workspace set settings = $2, changed_at = clock_timestamp() where id = $1", [
      workspaceId,
      JSON.stringify(next),
    ]);
    return { before: understood(stored), after: understood(next) };
  });
}

/** The settings among what is stored; one that this version does not understand is left out. */
function understood(stored: Record<string, unknown>): OwnSettings {
  const own: Record<string, unknown> = {};
  for (const name of workspaceSettingNames) {
    if (stored[name] === undefined) continue;
    const read = workspaceSettingSchemas[name].safeParse(stored[name]);
    if (read.success) own[name] = read.data;
  }
  return own as OwnSettings;
}
