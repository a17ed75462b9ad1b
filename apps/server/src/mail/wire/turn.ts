import type { Querier } from "../../access/staff-store.ts";
import { mailPriorityNumber } from "../mail-row.ts";
import type { TransportRule } from "../transports/transport-book.ts";
import type { WaitingMail } from "./waiting-mail.ts";

const HIGH = mailPriorityNumber("high");

/** One limit of a rate: its name in `mail_rate`, and the time between two mails. */
export interface Limit {
  /** Whose limit it is; 0 for the installation's own server, which all workspaces share. */
  workspaceId: number;
  name: string;
  intervalMs: number;
}

/**
 * The limits that a mail has to pass on a transport, in order: its domain's first, so that a slow domain holds up nobody else's turn.
 * High priority has turns of its own: a password reset does not wait behind ten thousand newsletters.
 */
export function limitsOf(
  rule: TransportRule,
  mail: Pick<WaitingMail, "workspace_id" | "to_domain" | "priority">,
): Limit[] {
  const workspaceId = rule.source === "config" ? 0 : mail.workspace_id;
  const lane = mail.priority === HIGH ? " high" : "";
  return [
    ...(rule.perDomainPerMinute === undefined
      ? []
      : [
          { workspaceId, name: `${rule.name} @${mail.to_domain}${lane}`, intervalMs: 60_000 / rule.perDomainPerMinute },
        ]),
    ...(rule.perSecond === undefined
      ? []
      : [{ workspaceId, name: `${rule.name}${lane}`, intervalMs: 1_000 / rule.perSecond }]),
  ];
}

/** Takes the next free turn of a limit, with any number of servers; how long until then, by the database's clock. */
export async function takeTurn(db: Querier, limit: Limit): Promise<number> {
  const { rows } = await db.query<{ wait: number }>(
    `insert into mail_rate as known (workspace_id, name, next_at) values ($1, $2, now() + make_interval(secs => $3))
     on conflict (workspace_id, name) do update set next_at = greatest(known.next_at, now()) + make_interval(secs => $3)
     returning (extract(epoch from next_at - now()) * 1000)::float8 as wait`,
    [limit.workspaceId, limit.name, limit.intervalMs / 1_000],
  );
  return Math.max(0, (rows[0]?.wait ?? 0) - limit.intervalMs);
}

/** Forgets limits that held nobody up for a day. */
export async function forgetTurns(db: Querier): Promise<void> {
  await db.query("delete from mail_rate where next_at < now() - interval '1 day'");
}
