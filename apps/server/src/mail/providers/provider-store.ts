import type { MailProvider } from "@daybook/contract";
import type { Querier } from "../../access/staff-store.ts";
import type { Vault } from "../../access/vault.ts";

export interface ProviderRow {
  provider: MailProvider;
  sealed: Buffer;
  last_at: Date | null;
  last_fault: string | null;
}

/** A fault is a sentence. */
const FAULT_MAX = 500;
/** Longer than any provider tries again: what comes after is refused for its age. */
const KEYS_KEPT_MS = 30 * 24 * 3_600_000;

/** The providers whose reports a workspace takes. */
export async function listProviders(db: Querier, workspaceId: number): Promise<ProviderRow[]> {
  const { rows } = await db.query<ProviderRow>(
    "select provider, sealed, last_at, last_fault from mail_provider where workspace_id = $1",
    [workspaceId],
  );
  return rows;
}

/** What a provider signs with; undefined if the workspace takes nothing from it. */
export async function findSecret(
  db: Querier,
  vault: Vault,
  workspaceId: number,
  provider: MailProvider,
): Promise<string | undefined> {
  const { rows } = await db.query<{ sealed: Buffer }>(
    "select sealed from mail_provider where workspace_id = $1 and provider = $2",
    [workspaceId, provider],
  );
  return rows[0] && vault.open(placeOf(workspaceId, provider), rows[0].sealed).toString();
}

export async function saveSecret(
  db: Querier,
  vault: Vault,
  workspaceId: number,
  { provider, secret, atMs }: { provider: MailProvider; secret: string; atMs: number },
): Promise<void> {
  const sealed = vault.seal(placeOf(workspaceId, provider), Buffer.from(secret));
  await db.query(
    `insert into mail_provider (workspace_id, provider, sealed, updated_at) values ($1, $2, $3, $4)
     on conflict (workspace_id, provider) do update set sealed = excluded.sealed, updated_at = excluded.updated_at, last_fault = null`,
    [workspaceId, provider, sealed, new Date(atMs)],
  );
}

/** False if there was nothing. */
export async function deleteProvider(db: Querier, workspaceId: number, provider: MailProvider): Promise<boolean> {
  const { rowCount } = await db.query("delete from mail_provider where workspace_id = $1 and provider = $2", [
    workspaceId,
    provider,
  ]);
  return rowCount === 1;
}

/** Notes that a report came through, or why one did not. The same fault again writes nothing: anybody may cause it. */
export async function noteReport(
  db: Querier,
  workspaceId: number,
  provider: MailProvider,
  outcome: { atMs: number } | { fault: string },
): Promise<void> {
  if ("fault" in outcome)
    await db.query(
      `update mail_provider set last_fault = $3 where workspace_id = $1 and provider = $2 and last_fault is distinct from $3`,
      [workspaceId, provider, outcome.fault.slice(0, FAULT_MAX)],
    );
  else
    await db.query(
      "update mail_provider set last_at = $3, last_fault = null where workspace_id = $1 and provider = $2",
      [workspaceId, provider, new Date(outcome.atMs)],
    );
}

/** Takes the keys of reports, in the caller's transaction; those of them that are new. */
export async function takeKeys(
  client: Querier,
  workspaceId: number,
  provider: MailProvider,
  keys: readonly string[],
  atMs: number,
): Promise<Set<string>> {
  const { rows } = await client.query<{ event_key: string }>(
    `insert into mail_provider_event (workspace_id, provider, event_key, at)
     select $1, $2, key, $4 from unnest($3::text[]) as key order by key on conflict do nothing returning event_key`,
    [workspaceId, provider, [...new Set(keys)], new Date(atMs)],
  );
  return new Set(rows.map((row) => row.event_key));
}

/** Forgets keys of reports that nobody repeats any more. */
export async function forgetOldReports(db: Querier, nowMs: number): Promise<void> {
  await db.query("delete from mail_provider_event where at < $1", [new Date(nowMs - KEYS_KEPT_MS)]);
}

const placeOf = (workspaceId: number, provider: string): string => `mail_provider/${workspaceId}/${provider}`;
