import { hash } from "node:crypto";
import type { Querier } from "./staff-store.ts";

/** How fast guessing may go for one key. Each failure past `free` blocks for `firstBlockMs`, then twice that, and so on up to
 *  `longestBlockMs`; one failure is forgiven for each `forgiveMs` of quiet. */
export interface ThrottleRule {
  free: number;
  firstBlockMs: number;
  longestBlockMs: number;
  forgiveMs: number;
}

const MINUTE = 60_000;

/** At the longest block and the rate of forgiving, an attacker gets about four guesses an hour at an account. */
export const accountRule: ThrottleRule = {
  free: 5,
  firstBlockMs: MINUTE / 2,
  longestBlockMs: 15 * MINUTE,
  forgiveMs: 10 * MINUTE,
};

/** An address may be an office: more tries before the first block, the same blocks after. */
export const addressRule: ThrottleRule = { ...accountRule, free: 20, forgiveMs: 2 * MINUTE };

/** One attempt that was let through. It counts as failed until it is given back, so that a hundred attempts at the same
 *  moment do not all pass the check before the first of them has failed. */
export interface Ticket {
  key: string;
  blockedUntil: Date | null;
}

export type Admission = { ticket: Ticket } | { blockedUntil: Date };

/** The key of an account: the hash of the typed address, known or not. A person's own known address counts apart, so that guesses
 *  from elsewhere cannot keep them out. */
export function accountKey(email: string, knownIp?: string): string {
  const account = hash("sha256", email.trim().toLowerCase(), "hex").slice(0, 32);
  return knownIp === undefined ? `account:${account}` : `account:${account}@${knownIp}`;
}

/** The key of an address. One customer holds a whole /64 of IPv6, so that counts as one. */
export function addressKey(ip: string): string {
  return `address:${ip.includes(":") ? network64(ip) : ip}`;
}

/** Counts an attempt and says whether it may go on. One atomic statement, so several servers share one count. */
export async function admit(db: Querier, key: string, rule: ThrottleRule, now: number): Promise<Admission> {
  const at = new Date(now);
  const counted = await db.query<{ blockedUntil: Date | null }>(
    `insert into login_throttle as t (key, failures, last_failure) values ($1, 1, $2)
     on conflict (key) do update set (failures, last_failure, blocked_until) = (
       select f, $2::timestamptz, case when f >= $3 then
           $2::timestamptz + least($4 * 2 ^ least(f - $3, 20), $5) * interval '1 millisecond' end
       from (select 1 + greatest(0, t.failures
         - floor(extract(epoch from $2::timestamptz - t.last_failure) * 1000 / $6))::int as f) as next)
     where t.blocked_until is null or t.blocked_until <= $2
     returning blocked_until as "blockedUntil"`,
    [key, at, rule.free, rule.firstBlockMs, rule.longestBlockMs, rule.forgiveMs],
  );
  const row = counted.rows[0];
  if (row) return { ticket: { key, blockedUntil: row.blockedUntil } };
  const block = await db.query<{ blockedUntil: Date | null }>(
    `select blocked_until as "blockedUntil" from login_throttle where key = $1`,
    [key],
  );
  return { blockedUntil: block.rows[0]?.blockedUntil ?? at };
}

/** Gives a ticket back: the attempt did not fail. Lifts the block that this very attempt had set, no other. */
export async function giveBack(db: Querier, ticket: Ticket): Promise<void> {
  await db.query(
    `update login_throttle set failures = greatest(failures - 1, 0),
       blocked_until = case when blocked_until = $2 then null else blocked_until end
     where key = $1`,
    [ticket.key, ticket.blockedUntil],
  );
}

/** Forgets the failures of a key, after its account has signed in. */
export async function forget(db: Querier, key: string): Promise<void> {
  await db.query("delete from login_throttle where key = $1", [key]);
}

/** The first four groups of an IPv6 address in the short form that client-ip.ts gives. */
function network64(ip: string): string {
  const [head = "", tail] = ip.split("::");
  const left = head.split(":").filter(Boolean);
  const right = (tail ?? "").split(":").filter(Boolean);
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(zeros).fill("0"), ...right];
  return `${groups.slice(0, 4).join(":")}::/64`;
}
