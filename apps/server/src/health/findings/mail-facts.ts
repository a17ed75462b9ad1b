import { type MailClass, mailDeliveries, mailStatuses } from "@daybook/contract";
import type { Querier } from "../../access/staff-store.ts";
import { configTransport } from "../../mail/transports/transport-book.ts";

/** Mails that wait. */
export interface WaitingMails {
  count: number;
  oldestMs: number;
}

/** A mail server that does not take what it is given. */
export interface FailingTransport {
  name: string;
  class: MailClass;
  /** What it said, or what was seen, at the last try. */
  fault: string;
  faultMs: number;
  /** Undefined: nothing ever went through it. */
  sentMs: number | undefined;
  waiting: number;
}

export interface MailFacts {
  /** Mails for which there was no mail server when they were tried. */
  withoutTransport: WaitingMails | undefined;
  failing: readonly FailingTransport[];
  /** Mails that could have gone out long ago, though no mail server has refused them. */
  overdue: WaitingMails | undefined;
  /** Mails that wait because a rate is limited are as late as this. */
  limited: WaitingMails | undefined;
  /** At least one mail server is not failing. */
  anyUp: boolean;
}

/** A mail waits a moment for its worker; one that waits so long is found. */
export const OVERDUE_MS = 15 * 60_000;
/** A fault that no mail waits for is news for so long. */
const FAULT_KEPT_MS = 24 * 3_600_000;
/** Counting stops here. */
const COUNT_MAX = 10_000;
/** Faults that are the mail server's, whatever the mail. */
const transportClasses: readonly MailClass[] = ["dns", "connect", "tls", "login_refused", "timeout", "cut"];

const queued = mailStatuses.indexOf("queued");
/** Those that Daybook sends itself. */
const ours = [mailDeliveries.indexOf("daybook"), mailDeliveries.indexOf("relay")].join(", ");

/** What may be wrong with sending mail. */
export async function readMail(db: Querier, workspaceId: number, nowMs: number): Promise<MailFacts> {
  const waiting = await readWaiting(db, workspaceId, nowMs);
  const transports = await readTransports(db, workspaceId);
  const failing = transports.filter(
    ({ faultMs, sentMs, waiting: held }) =>
      faultMs > (sentMs ?? Number.NEGATIVE_INFINITY) && (held > 0 || nowMs - faultMs < FAULT_KEPT_MS),
  );
  return { ...waiting, failing, anyUp: failing.length < transports.length };
}

async function readWaiting(
  db: Querier,
  workspaceId: number,
  nowMs: number,
): Promise<Pick<MailFacts, "withoutTransport" | "overdue" | "limited">> {
  const { rows } = await db.query<{ kind: "without" | "limited" | "overdue"; count: number; oldest: Date }>(
    `with ready as (select exists (select from mail_transport
        where workspace_id = $1 and coalesce((settings->>'enabled')::boolean, true)) as there)
     select kind, count(*)::int as count, min(queued_at) as oldest
       from (select message.queued_at,
                    case when message.class = 'no_transport' and not ready.there then 'without'
                         when outbox.turn_at > $2 then 'limited' else 'overdue' end as kind
               from mail_message as message cross join ready
               join mail_outbox as outbox on outbox.workspace_id = $1 and outbox.message_id = message.id
              where message.workspace_id = $1 and message.status = ${queued} and message.delivery in (${ours})
                and ((message.class = 'no_transport' and not ready.there)
                  or coalesce(message.next_try_at, message.send_at, message.queued_at) <= $3
                  or (outbox.turn_at > $2 and coalesce(message.send_at, message.queued_at) <= $3))
              limit ${COUNT_MAX}) as waiting
      group by kind`,
    [workspaceId, new Date(nowMs), new Date(nowMs - OVERDUE_MS)],
  );
  const of = (kind: string): WaitingMails | undefined => {
    const row = rows.find((each) => each.kind === kind);
    return row && { count: row.count, oldestMs: Number(row.oldest) };
  };
  return { withoutTransport: of("without"), limited: of("limited"), overdue: of("overdue") };
}

async function readTransports(db: Querier, workspaceId: number): Promise<FailingTransport[]> {
  const { rows } = await db.query<{
    name: string;
    class: MailClass | null;
    fault: string | null;
    fault_at: Date | null;
    sent_at: Date | null;
    waiting: number;
  }>(
    `select transport.name, state.last_class as class, state.last_fault as fault, state.last_fault_at as fault_at,
            state.last_sent_at as sent_at,
            (select count(*)::int from (select from mail_message
              where workspace_id = $1 and status = ${queued} and mail_message.transport = state.name and class = any($2) limit ${COUNT_MAX}) as each) as waiting
       from (select name from mail_transport where workspace_id = $1 and coalesce((settings->>'enabled')::boolean, true)
              union select name from mail_transport_state where workspace_id = $1 and name = '${configTransport}') as transport
       left join mail_transport_state as state on state.workspace_id = $1 and state.name = transport.name order by transport.name`,
    [workspaceId, transportClasses],
  );
  return rows.map((row) => ({
    name: row.name,
    class: row.class ?? "connect",
    fault: row.fault ?? "",
    faultMs: row.fault_at === null ? Number.NEGATIVE_INFINITY : Number(row.fault_at),
    sentMs: row.sent_at === null ? undefined : Number(row.sent_at),
    waiting: row.waiting,
  }));
}
