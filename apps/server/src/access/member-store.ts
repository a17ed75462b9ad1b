import { AppError, type Member } from "@daybook/contract";
import type { Querier } from "./staff-store.ts";

/** A member of staff in one workspace. */
export interface FoundMember {
  id: string;
  email: string;
  name: string;
  role: string;
  totpEnabled: boolean;
  hasPassword: boolean;
  /** Shut out of the workspace, or of the whole installation. */
  disabledAt: Date | null;
  createdAt: Date;
  lastSeenAt: Date | null;
}

const select = `select s.id, s.email, s.name, m.role, s.totp_enabled_at is not null as "totpEnabled",
    s.password_hash is not null as "hasPassword", coalesce(m.disabled_at, s.disabled_at) as "disabledAt",
    m.created_at as "createdAt", (select max(last_seen_at) from session where staff_id = s.id) as "lastSeenAt"
  from membership m join staff s on s.id = m.staff_id where m.workspace_id = $1`;

/** By e-mail address. */
export async function listMembers(db: Querier, workspaceId: number): Promise<FoundMember[]> {
  return (await db.query<FoundMember>(`${select} order by lower(s.email)`, [workspaceId])).rows;
}

/** Throws `not_found`, also for somebody who belongs to another workspace only. */
export async function findMember(db: Querier, workspaceId: number, id: string): Promise<FoundMember> {
  const row = (await db.query<FoundMember>(`${select} and s.id = $2`, [workspaceId, id])).rows[0];
  if (row === undefined) throw new AppError("not_found", `Nobody of this workspace's staff has the id ${id}.`);
  return row;
}

export function toMember({ disabledAt, createdAt, lastSeenAt, ...member }: FoundMember): Member {
  return {
    ...member,
    disabled: disabledAt !== null,
    createdAt: createdAt.toISOString(),
    ...(lastSeenAt === null ? {} : { lastSeenAt: lastSeenAt.toISOString() }),
  };
}
