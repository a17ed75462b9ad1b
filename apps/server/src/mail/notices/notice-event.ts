import { actorTypes, type Json, outcomes } from "@daybook/contract";
import type { Querier } from "../../access/staff-store.ts";

/** What rules of notices look at in an event of the log. */
export interface NoticeEvent {
  seq: number;
  id: string;
  at: Date;
  action: string;
  actorType: (typeof actorTypes)[number];
  actorId: string | null;
  actorName: string | null;
  actorEmail: string | null;
  targetType: string | null;
  targetId: string | null;
  ip: string | null;
  country: string | null;
  asn: number | null;
  network: string | null;
  browser: string | null;
  os: string | null;
  details: string | null;
}

interface Row extends Omit<NoticeEvent, "actorType" | "seq" | "asn"> {
  seq: string | number;
  actorType: number;
  asn: string | number | null;
}

/** Successful events of some actions between two places of the log and not before a time, in order. */
export async function readNoticeEvents(
  db: Querier,
  workspaceId: number,
  span: { after: number; last: number; fromMs: number; actions: readonly string[]; limit: number },
): Promise<NoticeEvent[]> {
  const { rows } = await db.query<Row>(
    `select seq, id, occurred_at as at, action, actor_type as "actorType", actor_id as "actorId", actor_name as "actorName",
            actor_email as "actorEmail", target_type as "targetType", target_id as "targetId", host(ip) as ip, country, asn, network,
            browser, os, details
       from event
      where workspace_id = $1 and seq > $2 and seq <= $3 and occurred_at >= $4 and action = any($5) and outcome = $6
      order by seq limit $7`,
    [
      ...[workspaceId, span.after, span.last, new Date(span.fromMs)],
      ...[span.actions, outcomes.indexOf("success"), span.limit],
    ],
  );
  return rows.map((row) => ({
    ...row,
    seq: Number(row.seq),
    asn: row.asn === null ? null : Number(row.asn),
    actorType: actorTypes[row.actorType] ?? "anonymous",
  }));
}

/** "Netherlands, KPN B.V." as far as it is known. */
function placeOf({ country, network, asn }: NoticeEvent): string {
  const land = country === null ? undefined : countryName(country);
  return [land, network ?? (asn === null ? undefined : `AS${asn}`)].filter((part) => part !== undefined).join(", ");
}

/** When, from where and with what, as the templates of notices tell it. */
export function loginOf(event: NoticeEvent): Record<string, Json> {
  return {
    at: event.at.toISOString(),
    ip: event.ip ?? "",
    place: placeOf(event),
    browser: event.browser ?? "",
    os: event.os ?? "",
  };
}

const countries = new Intl.DisplayNames(["en"], { type: "region" });

function countryName(code: string): string {
  try {
    return countries.of(code) ?? code;
  } catch {
    // A sender may have named a country that is none.
    return code;
  }
}
