import type { Permission } from "@daybook/contract";
import type { Deps } from "../deps.ts";
import { sightKey } from "../record/sight.ts";
import type { Access } from "./access.ts";
import { permissionsOf } from "./role.ts";
import { limitsIn } from "./session.ts";
import { withinLimits } from "./session-store.ts";
import { sightOf } from "./sight-of.ts";

type HoldsDeps = Pick<Deps, "db" | "clock" | "settings">;

/** Whether the access with which something was opened that stays open (a stream) still holds: false once the key was revoked or has
 *  expired, the session has ended, the person was disabled, left the workspace, lacks the second factor that it asks for, or may see something else now. `permission`: what it was opened with. */
export async function accessHolds(
  deps: HoldsDeps,
  access: Access,
  permission: Permission = "logs.read",
): Promise<boolean> {
  if (access.kind === "cli") return true;
  return access.kind === "key" ? keyHolds(deps, access) : sessionHolds(deps, access, permission);
}

async function keyHolds({ db, clock }: HoldsDeps, access: Access): Promise<boolean> {
  const found = await db.query(
    `select from api_key
     where workspace_id = $1 and id = $2 and revoked_at is null and (expires_at is null or expires_at > $3)`,
    [access.workspaceId, access.id, new Date(clock())],
  );
  return found.rowCount === 1;
}

interface SessionRow {
  role: string;
  own: string[] | null;
  createdAt: Date;
  lastSeenAt: Date;
  twoFactors: boolean;
}

async function sessionHolds(
  { db, clock, settings }: HoldsDeps,
  access: Access,
  permission: Permission,
): Promise<boolean> {
  const now = clock();
  const { rows } = await db.query<SessionRow>(
    `select m.role, r.permissions as own, s.created_at as "createdAt", s.last_seen_at as "lastSeenAt",
       p.totp_enabled_at is not null as "twoFactors"
     from session s join staff p on p.id = s.staff_id join membership m on m.staff_id = p.id and m.workspace_id = $1
       and m.disabled_at is null
     left join role r on r.workspace_id = m.workspace_id and r.name = m.role
     where s.id = $2 and s.revoked_at is null and s.expires_at > $3 and p.disabled_at is null`,
    [access.workspaceId, access.sessionId, new Date(now)],
  );
  const [row] = rows;
  if (row === undefined) return false;
  if (!withinLimits(row, limitsIn(settings, access.workspaceId), now)) return false;
  if (settings.of(access.workspaceId).requireTwoFactors && !row.twoFactors) return false;
  const permissions = permissionsOf(row.role, row.own);
  // What a stream shows was decided when it was opened: with another sight it has to begin again.
  return permissions.has(permission) && sightKey(sightOf(row.role, permissions)) === sightKey(access.sight);
}
