import type { Permission, StaffSession } from "@daybook/contract";
import { newId } from "../record/event-id.ts";
import { permissionsOf } from "./role.ts";
import { newSecret, secretHash } from "./secret.ts";
import type { Querier } from "./staff-store.ts";

/** How long a session lives. */
export interface SessionLimits {
  /** Without a request. */
  idleMs: number;
  /** In all. */
  absoluteMs: number;
}

/** Somebody who signed in or stepped up counts for so long as having just shown who they are. */
export const STEPPED_UP_MS = 10 * 60_000;
/** `last_seen_at` is written at most this often. */
const SEEN_EVERY_MS = 60_000;
/** An address from which the person signed in within this time is a known one. */
const KNOWN_ADDRESS_MS = 30 * 24 * 3600_000;

export interface LiveSession {
  id: string;
  staffId: string;
  email: string;
  name: string;
  totpEnabled: boolean;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
  /** Null when the person has no place in the workspace that was asked for. */
  workspaceId: number | null;
  role: string | null;
  permissions: ReadonlySet<Permission>;
  /** Until when the person counts as having shown who they are. */
  steppedUpUntil: Date | null;
}

/** Opens a session under a fresh token and gives the token, which is kept nowhere. */
export async function createSession(
  db: Querier,
  session: { staffId: string; ip: string; userAgent: string | undefined },
  limits: SessionLimits,
  now: number,
): Promise<{ id: string; token: string; expiresAt: Date }> {
  const id = newId(now);
  const token = newSecret();
  const expiresAt = new Date(now + limits.absoluteMs);
  await db.query(
    `insert into session (id, token_hash, staff_id, ip, user_agent, created_at, last_seen_at, expires_at, stepped_up_until)
     values ($1, $2, $3, $4, $5, $6, $6, $7, $8)`,
    [
      id,
      secretHash(token),
      session.staffId,
      session.ip || null,
      session.userAgent ?? null,
      new Date(now),
      expiresAt,
      new Date(now + STEPPED_UP_MS),
    ],
  );
  return { id, token, expiresAt };
}

/** Whether a session is neither idle for too long nor too old for a workspace's limits. */
export function withinLimits(
  session: Pick<LiveSession, "createdAt" | "lastSeenAt">,
  limits: SessionLimits,
  now: number,
): boolean {
  return now - session.lastSeenAt.getTime() < limits.idleMs && now - session.createdAt.getTime() < limits.absoluteMs;
}

/** The live session of a token with the person's role in a workspace: the one named, else their first. Undefined when the session
 *  has ended in any way (also by the workspace's limits), or the person is disabled. */
export async function findSession(
  db: Querier,
  token: string,
  workspaceSlug: string | undefined,
  limitsOf: (workspaceId: number | null) => SessionLimits,
  now: number,
): Promise<LiveSession | undefined> {
  const found = await db.query<LiveSession & { ownPermissions: string[] | null }>(
    `select s.id, s.staff_id as "staffId", p.email, p.name, p.totp_enabled_at is not null as "totpEnabled", s.created_at as "createdAt", s.last_seen_at as "lastSeenAt",
       s.expires_at as "expiresAt", m.workspace_id as "workspaceId", m.role,
       r.permissions as "ownPermissions", s.stepped_up_until as "steppedUpUntil"
     from session s join staff p on p.id = s.staff_id
     left join (membership m join workspace w on w.id = m.workspace_id)
       on m.staff_id = p.id and m.disabled_at is null and ($3::text is null or w.slug = $3)
     left join role r on r.workspace_id = m.workspace_id and r.name = m.role
     where s.token_hash = $1 and s.revoked_at is null and s.expires_at > $2 and p.disabled_at is null
     order by m.workspace_id limit 1`,
    [secretHash(token), new Date(now), workspaceSlug ?? null],
  );
  const row = found.rows[0];
  if (row === undefined || !withinLimits(row, limitsOf(row.workspaceId), now)) return undefined;
  return { ...row, permissions: permissionsOf(row.role, row.ownPermissions) };
}

/** Moves the idle limit on, at most once a minute. */
export async function touchSession(db: Querier, session: LiveSession, now: number): Promise<void> {
  if (now - session.lastSeenAt.getTime() < SEEN_EVERY_MS) return;
  await db.query("update session set last_seen_at = $2 where id = $1 and last_seen_at < $2", [
    session.id,
    new Date(now),
  ]);
}

/** A person's live sessions, the one used last first. */
export async function listSessions(
  db: Querier,
  staffId: string,
  currentId: string,
  limits: SessionLimits,
  now: number,
): Promise<StaffSession[]> {
  const found = await db.query<{
    id: string;
    ip: string | null;
    userAgent: string | null;
    createdAt: Date;
    lastSeenAt: Date;
    expiresAt: Date;
  }>(
    `select id, host(ip) as ip, user_agent as "userAgent", created_at as "createdAt", last_seen_at as "lastSeenAt",
       expires_at as "expiresAt"
     from session where staff_id = $1 and revoked_at is null and expires_at > $2 and last_seen_at > $3
     order by last_seen_at desc, id limit 500`,
    [staffId, new Date(now), new Date(now - limits.idleMs)],
  );
  return found.rows.map((row) => ({
    id: row.id,
    current: row.id === currentId,
    ...(row.ip === null ? {} : { ip: row.ip }),
    ...(row.userAgent === null ? {} : { userAgent: row.userAgent }),
    createdAt: row.createdAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  }));
}

/** Ends a person's session. False when it is not theirs or has ended already. */
export async function revokeSession(db: Querier, staffId: string, id: string, now: number): Promise<boolean> {
  const ended = await db.query(
    "update session set revoked_at = $3 where id = $1 and staff_id = $2 and revoked_at is null",
    [id, staffId, new Date(now)],
  );
  return ended.rowCount === 1;
}

/** Whether the person has signed in from this address lately. Asked for nobody too, so that the time tells nothing. */
export async function isKnownAddress(
  db: Querier,
  staffId: string | undefined,
  ip: string,
  now: number,
): Promise<boolean> {
  if (ip === "") return false;
  const found = await db.query<{ known: boolean }>(
    "select exists (select from session where staff_id = $1 and ip = $2 and created_at > $3) as known",
    [staffId ?? null, ip, new Date(now - KNOWN_ADDRESS_MS)],
  );
  return found.rows[0]?.known ?? false;
}
