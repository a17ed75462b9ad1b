import type { Actor, EventInput, Target } from "@daybook/contract";
import { inTransaction } from "../../db/transaction.ts";
import type { Deps } from "../../deps.ts";
import { tellEvents } from "../../tasks/tell-events.ts";
import { type SuppressionRow, suppressionColumns } from "./suppression-store.ts";

/** Told in one round; the next call goes on. */
const ROUND_MAX = 500;

interface UntoldRow extends SuppressionRow {
  workspace_id: number;
  actor: Actor | null;
  origin: EventInput["origin"] | null;
}

/**
 * Tells the log of addresses that were put on the list. The event has the id that was chosen with the row: told twice, after a crash in
 * between, it is stored once. Called after a transaction that may have added some, and by the teller of mails for all others.
 * How many were told.
 */
export async function tellSuppressions(deps: Pick<Deps, "db" | "record" | "log">): Promise<number> {
  return inTransaction(deps.db, async (client) => {
    const { rows } = await client.query<UntoldRow>(
      `select workspace_id, ${suppressionColumns}, actor, origin from mail_suppression
        where not told order by event_id limit $1 for update skip locked`,
      [ROUND_MAX],
    );
    if (rows.length === 0) return 0;
    for (const [workspaceId, told] of Map.groupBy(rows, (row) => row.workspace_id))
      await tellEvents(deps, workspaceId, told.map(eventOf));
    await client.query(
      `update mail_suppression as known set told = true from unnest($1::int[], $2::uuid[]) as given(workspace_id, event_id)
        where known.workspace_id = given.workspace_id and known.event_id = given.event_id`,
      [rows.map((row) => row.workspace_id), rows.map((row) => row.event_id)],
    );
    return rows.length;
  });
}

/** An address as the target of an event, with the mail that it is about. */
export function suppressionTargets(address: string, messageId?: string): Target[] {
  const mail: Target[] = messageId === undefined ? [] : [{ type: "mail", id: messageId, name: address }];
  return [{ type: "mail_address", id: address, name: address }, ...mail];
}

function eventOf(row: UntoldRow): EventInput {
  return {
    id: row.event_id,
    occurredAt: row.at.toISOString(),
    action: "mail.suppression.added",
    actor: row.actor ?? { type: "system", name: "Daybook" },
    targets: suppressionTargets(row.address_key, row.message_id ?? undefined),
    origin: row.origin ?? { ip: null },
    reason: row.reason,
    ...(row.note === null ? {} : { details: { note: row.note } }),
  };
}
