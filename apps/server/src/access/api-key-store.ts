import { type ApiKey, AppError, type MintedKey, type Scope } from "@daybook/contract";
import { newId } from "../record/event-id.ts";
import { apiKeyHash, apiKeyPrefix, mintApiKey } from "./api-key.ts";
import type { Querier } from "./staff-store.ts";

/** Sent with the id of a key that was rotated or revoked: every server drops what it has cached. */
export const keyChannel = "daybook_api_key";

export interface ApiKeyRow {
  id: string;
  workspaceId: number;
  name: string;
  prefix: string;
  scopes: Scope[];
  createdBy: string | null;
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
  replacedBy: string | null;
}

const columns = `id, workspace_id as "workspaceId", name, prefix, scopes, created_by as "createdBy", created_at as "createdAt",
  expires_at as "expiresAt", last_used_at as "lastUsedAt", revoked_at as "revokedAt", replaced_by as "replacedBy"`;

/** The key with this hash, whatever its state. Across workspaces: the key itself says which one it belongs to. */
export async function findKeyByHash(db: Querier, hash: string): Promise<ApiKeyRow | undefined> {
  const found = await db.query<ApiKeyRow>(`select ${columns} from api_key where key_hash = decode($1, 'hex')`, [hash]);
  return found.rows[0];
}

/** A workspace's keys, the newest first. */
export async function listKeys(db: Querier, workspaceId: number): Promise<ApiKeyRow[]> {
  const found = await db.query<ApiKeyRow>(
    `select ${columns} from api_key where workspace_id = $1 order by created_at desc, id desc limit 500`,
    [workspaceId],
  );
  return found.rows;
}

export interface NewApiKey {
  workspaceId: number;
  name: string;
  scopes: readonly Scope[];
  createdBy: string;
  expiresAt: Date | null;
}

/** Makes a key and gives it in clear, once: only its hash is stored. Throws `invalid_request` when it would be expired at birth. */
export async function createKey(db: Querier, key: NewApiKey, now: number): Promise<MintedKey> {
  if (key.expiresAt !== null && key.expiresAt.getTime() <= now)
    throw new AppError("invalid_request", "The key would have expired already: expiresAt must be in the future.");
  const secret = mintApiKey();
  const made = await db.query<ApiKeyRow>(
    `insert into api_key (id, workspace_id, name, prefix, key_hash, scopes, created_by, created_at, expires_at)
     values ($1, $2, $3, $4, decode($5, 'hex'), $6, $7, $8, $9) returning ${columns}`,
    [
      newId(now),
      key.workspaceId,
      key.name,
      apiKeyPrefix(secret),
      apiKeyHash(secret),
      key.scopes,
      key.createdBy,
      new Date(now),
      key.expiresAt,
    ],
  );
  const row = made.rows[0];
  if (!row) throw new Error("insert into api_key gave no row");
  return { ...toApiKey(row), key: secret };
}

/** Makes a successor with the same name, scopes and length of life; the old key goes on working for the grace period. Call it in a
 *  transaction. Throws `not_found`, and `conflict` when the key has ended or was rotated before. */
export async function rotateKey(
  client: Querier,
  rotation: { workspaceId: number; id: string; graceSeconds: number; createdBy: string },
  now: number,
): Promise<{ old: ApiKeyRow; minted: MintedKey }> {
  const found = await client.query<ApiKeyRow>(
    `select ${columns} from api_key where workspace_id = $1 and id = $2 for update`,
    [rotation.workspaceId, rotation.id],
  );
  const old = found.rows[0];
  if (!old) throw noSuchKey(rotation.id);
  if (old.replacedBy !== null) throw new AppError("conflict", "This key was rotated already.");
  if (keyEnded(old, now)) throw new AppError("conflict", "This key has ended. Make a new one instead.");
  const expiresAt = old.expiresAt && new Date(now + old.expiresAt.getTime() - old.createdAt.getTime());
  const minted = await createKey(client, { ...old, createdBy: rotation.createdBy, expiresAt }, now);
  await client.query(
    `update api_key set replaced_by = $3, expires_at = least(expires_at, $4) where workspace_id = $1 and id = $2`,
    [rotation.workspaceId, rotation.id, minted.id, new Date(now + rotation.graceSeconds * 1000)],
  );
  await client.query("select pg_notify($1, $2)", [keyChannel, rotation.id]);
  return { old, minted };
}

/** Ends a key at once. Throws `not_found`, and `conflict` when it was revoked before. Call it in a transaction. */
export async function revokeKey(client: Querier, workspaceId: number, id: string, now: number): Promise<ApiKeyRow> {
  const ended = await client.query<ApiKeyRow>(
    `update api_key set revoked_at = $3 where workspace_id = $1 and id = $2 and revoked_at is null returning ${columns}`,
    [workspaceId, id, new Date(now)],
  );
  const row = ended.rows[0];
  if (!row) {
    const found = await client.query("select from api_key where workspace_id = $1 and id = $2", [workspaceId, id]);
    throw found.rowCount ? new AppError("conflict", "This key was revoked already.") : noSuchKey(id);
  }
  await client.query("select pg_notify($1, $2)", [keyChannel, id]);
  return row;
}

/** Stores when keys were last used. `times` goes from id to milliseconds. */
export async function storeLastUse(db: Querier, times: ReadonlyMap<string, number>): Promise<void> {
  await db.query(
    `update api_key k set last_used_at = greatest(k.last_used_at, u.at)
     from unnest($1::uuid[], $2::timestamptz[]) as u (id, at) where k.id = u.id`,
    [[...times.keys()], [...times.values()].map((time) => new Date(time))],
  );
}

export function keyEnded(key: Pick<ApiKeyRow, "revokedAt" | "expiresAt">, now: number): boolean {
  return key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt.getTime() <= now);
}

/** The form in which the interface shows a key. Absent things are left out. */
export function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    createdAt: row.createdAt.toISOString(),
    ...(row.createdBy === null ? {} : { createdBy: row.createdBy }),
    ...(row.expiresAt === null ? {} : { expiresAt: row.expiresAt.toISOString() }),
    ...(row.lastUsedAt === null ? {} : { lastUsedAt: row.lastUsedAt.toISOString() }),
    ...(row.revokedAt === null ? {} : { revokedAt: row.revokedAt.toISOString() }),
    ...(row.replacedBy === null ? {} : { replacedBy: row.replacedBy }),
  };
}

function noSuchKey(id: string): AppError {
  return new AppError("not_found", `There is no API key ${id} in this workspace.`);
}
