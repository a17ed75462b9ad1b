import type { EventInput } from "@daybook/contract";
import { firstIdOf } from "../tasks/spans.ts";
import { type AccessDeps, homeWorkspace, staffTarget } from "./access-events.ts";
import { longestLimits } from "./session.ts";

/** A session that ended longer ago than this is not told of any more: nobody looked for so long. */
const TOLD_MS = 24 * 3_600_000;
/** More are looked at in the next round. */
const ROUND_MAX = 10_000;

interface OpenSession {
  id: string;
  staffId: string;
  name: string;
  email: string;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
  workspaces: number[];
}

/**
 * Puts on record that sessions have ended by themselves: not used for too long, or too old. Each is told once; one that its person or
 * somebody else ended is on record already.
 */
export async function tellExpiredSessions(
  deps: Pick<AccessDeps, "db" | "clock" | "settings" | "record">,
): Promise<void> {
  const now = deps.clock();
  const { rows } = await deps.db.query<OpenSession>(
    `select s.id, s.staff_id as "staffId", p.name, p.email, s.created_at as "createdAt", s.last_seen_at as "lastSeenAt",
            s.expires_at as "expiresAt",
            array(select workspace_id from membership where staff_id = p.id and disabled_at is null) as workspaces
       from session s join staff p on p.id = s.staff_id
      where s.revoked_at is null and s.expiry_told_at is null and p.disabled_at is null
      order by s.last_seen_at limit ${ROUND_MAX}`,
  );
  for (const session of rows) {
    const ended = endOf(session, deps.settings);
    if (ended.atMs > now) continue;
    // The id is made of the session's, so that a round that was cut off tells nothing twice.
    if (now - ended.atMs <= TOLD_MS)
      await deps.record.write(await homeWorkspace(deps, session.staffId), [expiredEvent(session, ended)]);
    await deps.db.query("update session set expiry_told_at = $2 where id = $1", [session.id, new Date(now)]);
  }
}

/** When a session ends that is not used again, and why. */
function endOf(session: OpenSession, settings: AccessDeps["settings"]): { atMs: number; why: "idle" | "age" } {
  const { idleMs, absoluteMs } = longestLimits(settings, session.workspaces);
  const idleAt = Number(session.lastSeenAt) + idleMs;
  const oldAt = Math.min(Number(session.expiresAt), Number(session.createdAt) + absoluteMs);
  return idleAt < oldAt ? { atMs: idleAt, why: "idle" } : { atMs: oldAt, why: "age" };
}

function expiredEvent(session: OpenSession, { atMs, why }: { atMs: number; why: string }): EventInput {
  return {
    id: firstIdOf(atMs).slice(0, 13) + session.id.slice(13),
    occurredAt: new Date(atMs).toISOString(),
    action: "auth.session.expired",
    actor: { type: "system", name: "Daybook" },
    targets: [staffTarget({ id: session.staffId, name: session.name, email: session.email })],
    origin: { ip: null },
    details: { session: session.id, why },
  };
}
