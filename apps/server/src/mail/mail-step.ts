import { type MailClass, type MailHappening, mailHappenings } from "@daybook/contract";
import type { Querier } from "../access/staff-store.ts";
import { storableJson } from "../db/storable.ts";
import { newId } from "../record/event-id.ts";
import type { Doer } from "../tasks/transition.ts";
import { type MailRow, mailColumns } from "./mail-row.ts";

/** One step of a message from a state to the next. */
export interface MailStep extends Doer {
  workspaceId: number;
  id: string;
  happening: MailHappening;
  /** States from which it may be taken, as numbers. */
  from: readonly number[];
  atMs: number;
  note?: string | undefined;
  class?: MailClass | undefined;
  answer?: string | undefined;
  /** What changes in the row: SQL for each column, with `{0}`, `{1}` for its values. */
  set: readonly [sql: string, ...values: unknown[]][];
}

/**
 * Takes a step: changes the message and notes what happened, in one statement, under the lock of the row. Undefined if the message is
 * not (any more) in a state that allows it, or was never there. The happening becomes an event (mail-teller.ts).
 */
export async function takeMailStep(db: Querier, step: MailStep): Promise<MailRow | undefined> {
  const parameters: unknown[] = [step.workspaceId, step.id, step.from];
  const bind = (value: unknown): string => `$${parameters.push(value)}`;
  const sets = step.set.map(([sql, ...values]) => {
    const names = values.map(bind);
    return sql.replace(/\{(\d)\}/g, (_, index: string) => names[Number(index)] ?? "null");
  });
  const values = [
    `${bind(mailHappenings.indexOf(step.happening))}::smallint`,
    `${bind(new Date(step.atMs).toISOString())}::timestamptz`,
    `${bind(newId(step.atMs))}::uuid`,
    `${bind(json(step.actor))}::jsonb`,
    `${bind(json(step.origin))}::jsonb`,
    `${bind(step.note ?? null)}::text`,
    `${bind(step.class ?? null)}::text`,
    `${bind(step.answer ?? null)}::text`,
  ];
  const { rows } = await db.query<MailRow>(
    `with moved as (
       update mail_message set ${["happenings = happenings + 1", ...sets].join(", ")}
        where workspace_id = $1 and id = $2 and status = any($3::smallint[])
       returning ${mailColumns}),
     told as (
       insert into mail_happening (workspace_id, message_id, n, happening, at, event_id, actor, origin, note, class, answer)
       select $1, $2, happenings, ${values.join(", ")} from moved),
     said as (select pg_notify('daybook_mail', $1 || ' ' || id) from moved)
     select moved.*, (select count(*) from said) from moved`,
    parameters,
  );
  return rows[0];
}

function json(value: unknown): string | null {
  return value === undefined || value === null ? null : storableJson(value);
}
