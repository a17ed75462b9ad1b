import type { Querier } from "./staff-store.ts";

const DAY_MS = 24 * 3600_000;
/** Ended sessions stay this long: from their addresses it is known where a person signs in from. */
const ENDED_SESSIONS_MS = 30 * DAY_MS;

/** Forgets what sign-in no longer needs: ended sessions, old failures, links that have run out. The record of it all is in the log. */
export async function forgetOldAccess(db: Querier, now: number): Promise<void> {
  const at = (ago: number) => [new Date(now - ago)];
  await db.query("delete from session where least(expires_at, revoked_at) < $1", at(ENDED_SESSIONS_MS));
  await db.query("delete from login_throttle where greatest(last_failure, blocked_until) < $1", at(DAY_MS));
  await db.query("delete from password_link where expires_at < $1", at(0));
}
