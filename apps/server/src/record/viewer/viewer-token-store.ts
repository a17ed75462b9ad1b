import { randomUUID } from "node:crypto";
import type { CreateViewerToken, HideableField, ViewerScope } from "@daybook/contract";
import { newSecret, secretHash } from "../../access/secret.ts";
import type { Db } from "../../db/pool.ts";

const PREFIX = "dbv_";
/** Ended tokens stay this long, so that their id still leads somewhere when the log is read. */
const ENDED_MS = 24 * 3_600_000;

/** A stored viewer token; the token itself is known to its holder alone. */
export interface ViewerToken {
  id: string;
  workspaceId: number;
  workspaceName: string;
  scope: ViewerScope;
  hiddenFields: HideableField[];
  staffAs: string | null;
  expiresAtMs: number;
}

/** What a token is to show. `staffAs`: the name under which staff appear; null: as the system. */
export type WantedToken = CreateViewerToken & { staffAs: string | null };

/** Makes a token; its text is in the answer and nowhere else. */
export async function createViewerToken(
  db: Db,
  { workspaceId, createdBy, wanted }: { workspaceId: number; createdBy: string; wanted: WantedToken },
  nowMs: number,
): Promise<{ id: string; token: string; expiresAtMs: number }> {
  const id = randomUUID();
  const token = PREFIX + newSecret();
  const expiresAtMs = nowMs + wanted.minutes * 60_000;
  await db.query(
    `insert into viewer_token (id, workspace_id, token_hash, scope, hidden_fields, staff_as, created_by, created_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      id,
      workspaceId,
      secretHash(token),
      JSON.stringify(wanted.scope),
      wanted.hiddenFields,
      wanted.staffAs,
      createdBy,
      new Date(nowMs),
      new Date(expiresAtMs),
    ],
  );
  return { id, token, expiresAtMs };
}

/** The token if it is alive; undefined when it is unknown, was revoked or has expired: which of them is not told. */
export async function findViewerToken(db: Db, token: string, nowMs: number): Promise<ViewerToken | undefined> {
  if (!token.startsWith(PREFIX)) return undefined;
  const { rows } = await db.query<{
    id: string;
    workspace_id: number;
    workspace_name: string;
    scope: ViewerScope;
    hidden_fields: HideableField[];
    staff_as: string | null;
    expires_at: Date;
  }>(
    `select viewer_token.*, workspace.name as workspace_name from viewer_token join workspace on workspace.id = workspace_id
       where token_hash = $1 and expires_at > $2`,
    [secretHash(token), new Date(nowMs)],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    workspaceName: row.workspace_name,
    scope: row.scope,
    hiddenFields: row.hidden_fields,
    staffAs: row.staff_as,
    expiresAtMs: row.expires_at.getTime(),
  };
}

/** Ends a token at once; false when the workspace has no such token. */
export async function deleteViewerToken(db: Db, workspaceId: number, id: string): Promise<boolean> {
  const { rowCount } = await db.query("delete from viewer_token where workspace_id = $1 and id = $2", [
    workspaceId,
    id,
  ]);
  return (rowCount ?? 0) > 0;
}

/** Forgets tokens that ended long ago. */
export async function forgetViewerTokens(db: Db, nowMs: number): Promise<void> {
  await db.query("delete from viewer_token where expires_at < $1", [new Date(nowMs - ENDED_MS)]);
}
