import type { Querier } from "../../access/staff-store.ts";
import type { TransportRule } from "../transports/transport-book.ts";

/** One limit of a rate: its name in `mail_rate`, and the time between two mails. */
export interface Limit {
  name: string;
  intervalMs: number;
}

/**
 * The limits that a mail has to pass on a transport, in order: its domain's first, so that a slow domain holds up nobody else's turn.
 * High priority has turns of its own: a password reset does not wait behind ten thousand newsletters.
 */
export function limitsOf(rule: TransportRule, domain: string, isHigh: boolean): Limit[] {
  const lane = isHigh ? " high" : "";
  return [
    ...(rule.perDomainPerMinute === undefined
      ? []
      : [{ name: `${rule.name} @${domain}${lane}`, intervalMs: 60_000 / rule.perDomainPerMinute }]),
    ...(rule.perSecond === undefined ? [] : [{ name: `${rule.name}${lane}`, intervalMs: 1_000 / rule.perSecond }]),
  ];
}

/** Takes the next free turn of a limit, with any number of servers; how long until then, by the database's clock. */
export async function takeTurn(db: Querier, workspaceId: number, limit: Limit): Promise<number> {
  const { rows } = await db.query<{ wait: number }>(
    `insert into mail_rate as known (workspace_id, name, next_at) values ($1, $2, now() + make_interval(secs => $3))
     on conflict (workspace_id, name) do update set next_at = greatest(known.next_at, now()) + make_interval(secs => $3)
     returning (extract(epoch from next_at - now()) * 1000)::float8 as wait`,
    [workspaceId, limit.name, limit.intervalMs / 1_000],
  );
  return Math.max(0, (rows[0]?.wait ?? 0) - limit.intervalMs);
}
