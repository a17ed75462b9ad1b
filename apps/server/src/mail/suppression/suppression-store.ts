import type { Suppression, SuppressionReason } from "@daybook/contract";
import type { Querier } from "../../access/staff-store.ts";
import { storable, storableJson } from "../../db/storable.ts";
import { newId } from "../../record/event-id.ts";
import type { Doer } from "../../tasks/transition.ts";
import { addressKey } from "../mail-row.ts";

/** A row of `mail_suppression`, as pg gives it. */
export interface SuppressionRow {
  address_key: string;
  reason: SuppressionReason;
  at: Date;
  by_name: string | null;
  note: string | null;
  message_id: string | null;
  event_id: string;
}

export const suppressionColumns = "address_key, reason, at, by_name, note, message_id, event_id";

/** An address that shall get no mail from now on. */
export interface NewSuppression extends Doer {
  address: string;
  reason: SuppressionReason;
  /** The mail that caused it. */
  messageId?: string | undefined;
  /** Who did it; left out, Daybook itself. */
  byName?: string | undefined;
  note?: string | undefined;
  atMs: number;
  /** What is known of the address already is replaced; else the first reason stays. */
  replace?: boolean;
}

/** Why an address gets no mail, or undefined when it does. Upper and lower case are the same. */
export async function findSuppression(
  db: Querier,
  workspaceId: number,
  address: string,
): Promise<Suppression | undefined> {
  const { rows } = await db.query<SuppressionRow>(
    `select ${suppressionColumns} from mail_suppression where workspace_id = $1 and address_key = $2`,
    [workspaceId, addressKey(address)],
  );
  return rows[0] && toSuppression(rows[0]);
}

/**
 * Puts an address on the list, in the caller's transaction if it has one. True if that is new; an address that is there keeps its reason,
 * unless `replace` says otherwise. The event `mail.suppression.added` follows within moments (suppression-teller.ts).
 */
export async function addSuppression(client: Querier, workspaceId: number, added: NewSuppression): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into mail_suppression as known (workspace_id, address_key, reason, at, by_name, note, message_id, event_id, actor, origin)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (workspace_id, address_key) do update set reason = excluded.reason, at = excluded.at, by_name = excluded.by_name,
       note = excluded.note, message_id = excluded.message_id, event_id = excluded.event_id, actor = excluded.actor,
       origin = excluded.origin, told = false
       where $11 and (known.reason, known.note) is distinct from (excluded.reason, excluded.note)`,
    [
      ...[workspaceId, addressKey(added.address), added.reason, new Date(added.atMs).toISOString()],
      ...[added.byName ?? null, storable(added.note) ?? null, added.messageId ?? null],
      ...[newId(added.atMs), json(added.actor), json(added.origin), added.replace === true],
    ],
  );
  return rowCount === 1;
}

/** Takes an address from the list; what was there, or undefined. */
export async function removeSuppression(
  db: Querier,
  workspaceId: number,
  address: string,
): Promise<Suppression | undefined> {
  const { rows } = await db.query<SuppressionRow>(
    `delete from mail_suppression where workspace_id = $1 and address_key = $2 returning ${suppressionColumns}`,
    [workspaceId, addressKey(address)],
  );
  return rows[0] && toSuppression(rows[0]);
}

export function toSuppression(row: SuppressionRow): Suppression {
  return {
    address: row.address_key,
    reason: row.reason,
    at: row.at.toISOString(),
    ...(row.by_name === null ? {} : { by: row.by_name }),
    ...(row.note === null ? {} : { note: row.note }),
    ...(row.message_id === null ? {} : { messageId: row.message_id }),
  };
}

function json(value: unknown): string | null {
  return value === undefined || value === null ? null : storableJson(value);
}
