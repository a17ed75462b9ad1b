import { AppError, type MailOrder } from "@daybook/contract";
import type { Querier } from "../access/staff-store.ts";
import type { Vault } from "../access/vault.ts";
import { canonicalJson } from "../record/canonical-json.ts";
import { GroupCommit } from "../tasks/group-commit.ts";

/** A call that is made again after so long sends again. */
const KEPT_DAYS = 30;

const LOOK_UPS_MAX = 200;

/** What makes a call the same as one before it. Keyed hashes: a code that is a part of either cannot be guessed from them. */
export interface MailKey {
  key: string;
  order: Buffer;
}

export interface KeyedMail extends MailKey {
  messageId: string;
}

/** The key of an order, if it has one. */
export function keyOf(vault: Vault, workspaceId: number, order: MailOrder): MailKey | undefined {
  const { key, ...rest } = order;
  return key === undefined ? undefined : keyFrom(vault, workspaceId, key, canonicalJson(rest));
}

export function keyFrom(vault: Vault, workspaceId: number, key: string, order: string): MailKey {
  const place = `mail_key/${workspaceId}`;
  return { key: vault.mac(place, key).toString("base64url"), order: vault.mac(place, order) };
}

interface Asked {
  workspaceId: number;
  key: string;
}

interface KeyRow {
  workspace_id: number;
  key: string;
  message_id: string;
  order_hash: Buffer;
}

/** Looks up keys; those that are asked for at the same time share a query. */
export class KeyBook {
  readonly #group: GroupCommit<Asked, KeyRow | undefined>;

  constructor(db: Querier) {
    this.#group = new GroupCommit((asked) => readKeys(db, asked), LOOK_UPS_MAX);
  }

  /**
   * The message that has a key, if one has. Throws `conflict` when it was made by another order: whoever uses a key twice by mistake would
   * otherwise believe that both mails were sent.
   */
  async find(workspaceId: number, { key, order }: MailKey): Promise<string | undefined> {
    const found = await this.#group.add({ workspaceId, key });
    if (found !== undefined && !found.order_hash.equals(order)) throw keyConflict(found.message_id);
    return found?.message_id;
  }
}

async function readKeys(db: Querier, asked: readonly Asked[]): Promise<(KeyRow | undefined)[]> {
  const { rows } = await db.query<KeyRow>(
    `select known.* from unnest($1::int[], $2::text[]) as given(workspace_id, key) join mail_key as known using (workspace_id, key)`,
    [asked.map(({ workspaceId }) => workspaceId), asked.map(({ key }) => key)],
  );
  const byKey = new Map(rows.map((row) => [`${row.workspace_id} ${row.key}`, row]));
  return asked.map(({ workspaceId, key }) => byKey.get(`${workspaceId} ${key}`));
}

export function keyConflict(messageId: string): AppError {
  return new AppError("conflict", "This key was used for another mail. One key is for one mail: use a new one.", {
    extra: { messageId },
  });
}

/** Takes keys for messages. Returns those that others have by now; a transaction that takes the same one is waited for. */
export async function takeKeys(
  db: Querier,
  workspaceId: number,
  atMs: number,
  keys: readonly KeyedMail[],
): Promise<Map<string, { messageId: string; order: Buffer }>> {
  if (keys.length === 0) return new Map();
  // In one order everywhere, so that two transactions do not wait for each other.
  const sorted = keys.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const { rows } = await db.query<{ key: string }>(
    `insert into mail_key (workspace_id, key, message_id, order_hash, at)
       select $1, key, message_id, order_hash, $5 from unnest($2::text[], $3::uuid[], $4::bytea[]) as given(key, message_id, order_hash)
     on conflict (workspace_id, key) do nothing returning key`,
    [
      ...[workspaceId, sorted.map(({ key }) => key), sorted.map(({ messageId }) => messageId)],
      ...[sorted.map(({ order }) => order), new Date(atMs).toISOString()],
    ],
  );
  if (rows.length === keys.length) return new Map();
  const taken = new Set(rows.map(({ key }) => key));
  const others = await db.query<{ key: string; message_id: string; order_hash: Buffer }>(
    "select key, message_id, order_hash from mail_key where workspace_id = $1 and key = any($2::text[])",
    [workspaceId, keys.flatMap(({ key }) => (taken.has(key) ? [] : [key]))],
  );
  return new Map(others.rows.map((row) => [row.key, { messageId: row.message_id, order: row.order_hash }]));
}

/** Forgets keys that are old. */
export async function forgetMailKeys(db: Querier, nowMs: number): Promise<number> {
  const before = new Date(nowMs - KEPT_DAYS * 24 * 3_600_000).toISOString();
  const { rowCount } = await db.query("delete from mail_key where at < $1", [before]);
  return rowCount ?? 0;
}
