import type { MailClass, TransportSettings } from "@daybook/contract";
import type { Querier } from "../../access/staff-store.ts";
import type { Vault } from "../../access/vault.ts";
import { storable } from "../../db/storable.ts";

/** A row of `mail_transport`, as pg gives it. Its settings hold no secret. */
export interface TransportRow {
  name: string;
  settings: Omit<TransportSettings, "password" | "dkim"> & { dkim?: { domain: string; selector: string } | undefined };
  sealed: Buffer | null;
  updated_at: Date;
}

export const transportColumns = "name, settings, sealed, updated_at";

/** What of a transport nobody may read. */
export interface TransportSecrets {
  password?: string | undefined;
  dkimKey?: string | undefined;
}

/** How it goes with a transport. */
export interface TransportState {
  name: string;
  last_sent_at: Date | null;
  last_fault_at: Date | null;
  last_class: MailClass | null;
  last_fault: string | null;
}

/** A fault is a line or two. */
const FAULT_MAX = 1_000;

export async function findTransport(db: Querier, workspaceId: number, name: string): Promise<TransportRow | undefined> {
  const { rows } = await db.query<TransportRow>(
    `select ${transportColumns} from mail_transport where workspace_id = $1 and name = $2`,
    [workspaceId, name],
  );
  return rows[0];
}

export async function saveTransport(
  db: Querier,
  vault: Vault,
  workspaceId: number,
  transport: Pick<TransportRow, "name" | "settings"> & { secrets: TransportSecrets; atMs: number },
): Promise<void> {
  const { name, settings, secrets, atMs } = transport;
  const given = Object.values(secrets).some((secret) => secret !== undefined);
  const sealed = given ? vault.seal(placeOf(workspaceId, name), Buffer.from(JSON.stringify(secrets))) : null;
  await db.query(
    `insert into mail_transport (workspace_id, name, settings, sealed, updated_at) values ($1, $2, $3, $4, $5)
     on conflict (workspace_id, name) do update set settings = excluded.settings, sealed = excluded.sealed, updated_at = excluded.updated_at`,
    [workspaceId, name, settings, sealed, new Date(atMs)],
  );
}

/** Forgets a transport and how it went; false if it is not there. */
export async function deleteTransport(db: Querier, workspaceId: number, name: string): Promise<boolean> {
  const { rowCount } = await db.query("delete from mail_transport where workspace_id = $1 and name = $2", [
    workspaceId,
    name,
  ]);
  if (rowCount === 0) return false;
  await db.query("delete from mail_transport_state where workspace_id = $1 and name = $2", [workspaceId, name]);
  return true;
}

/** The secrets of a row. Throws VaultError. */
export function openSecrets(vault: Vault, workspaceId: number, name: string, sealed: Buffer | null): TransportSecrets {
  return sealed === null ? {} : JSON.parse(vault.open(placeOf(workspaceId, name), sealed).toString());
}

export async function listStates(db: Querier, workspaceId: number): Promise<Map<string, TransportState>> {
  const { rows } = await db.query<TransportState>(
    "select name, last_sent_at, last_fault_at, last_class, last_fault from mail_transport_state where workspace_id = $1",
    [workspaceId],
  );
  return new Map(rows.map((row) => [row.name, row]));
}

/** Notes that a mail got through, or that the server could not be used. */
export async function noteState(
  db: Querier,
  workspaceId: number,
  name: string,
  atMs: number,
  fault?: { class: MailClass; text: string },
): Promise<void> {
  const at = new Date(atMs);
  const values =
    fault === undefined
      ? [workspaceId, name, at, null, null, null]
      : [workspaceId, name, null, at, fault.class, storable(fault.text.slice(0, FAULT_MAX))];
  await db.query(
    `insert into mail_transport_state as known (workspace_id, name, last_sent_at, last_fault_at, last_class, last_fault)
       values ($1, $2, $3, $4, $5, $6)
     on conflict (workspace_id, name) do update set last_sent_at = coalesce(excluded.last_sent_at, known.last_sent_at),
       last_fault_at = coalesce(excluded.last_fault_at, known.last_fault_at),
       last_class = coalesce(excluded.last_class, known.last_class), last_fault = coalesce(excluded.last_fault, known.last_fault)`,
    values,
  );
}

function placeOf(workspaceId: number, name: string): string {
  return `mail_transport/${workspaceId}/${name}`;
}
