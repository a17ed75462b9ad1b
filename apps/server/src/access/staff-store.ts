import { AppError, type Staff, scopesWithin, type WorkspaceAccess } from "@daybook/contract";
import type { Pool, PoolClient } from "pg";
import { newId } from "../record/event-id.ts";
import { permissionsOf } from "./role.ts";

/** A pool or one connection of it, inside a transaction. */
export type Querier = Pick<Pool | PoolClient, "query">;

export interface StaffRow {
  id: string;
  email: string;
  name: string;
  passwordHash: string | null;
  totpSecret: string | null;
  totpEnabledAt: Date | null;
  totpLastStep: number | null;
  disabledAt: Date | null;
}

export interface Membership {
  workspaceId: number;
  slug: string;
  name: string;
  role: string;
  /** Of a role of the workspace's own. */
  ownPermissions: string[] | null;
}

const columns = `id, email, name, password_hash as "passwordHash", totp_secret as "totpSecret",
  totp_enabled_at as "totpEnabledAt", totp_last_step as "totpLastStep", disabled_at as "disabledAt"`;

export async function findStaffByEmail(db: Querier, email: string): Promise<StaffRow | undefined> {
  const found = await db.query<StaffRow>(`select ${columns} from staff where lower(email) = lower($1)`, [email]);
  return found.rows[0];
}

export async function findStaff(db: Querier, id: string): Promise<StaffRow | undefined> {
  return (await db.query<StaffRow>(`select ${columns} from staff where id = $1`, [id])).rows[0];
}

/** Whether anybody can sign in at all; while nobody can, setup is open. */
export async function hasStaff(db: Querier): Promise<boolean> {
  return (await db.query<{ found: boolean }>("select exists (select from staff) as found")).rows[0]?.found ?? false;
}

export interface NewStaff {
  email: string;
  name: string;
  /** Null: the person chooses one by a password link. */
  passwordHash: string | null;
  role: string;
  workspaceId: number;
}

/** Adds a member of staff with a role in one workspace; an owner of the first workspace becomes owner of all of them. Throws
 *  `conflict` when the address is taken. Call it in a transaction. */
export async function createStaff(client: Querier, staff: NewStaff, now: number): Promise<StaffRow> {
  const made = await client.query<StaffRow>(
    `insert into staff (id, email, name, password_hash, created_at) values ($1, $2, $3, $4, $5)
     on conflict (lower(email)) do nothing returning ${columns}`,
    [newId(now), staff.email, staff.name, staff.passwordHash, new Date(now)],
  );
  const row = made.rows[0];
  if (!row) throw new AppError("conflict", `There is a member of staff with the address ${staff.email} already.`);
  await client.query("insert into membership (workspace_id, staff_id, role, created_at) values ($1, $2, $3, $4)", [
    staff.workspaceId,
    row.id,
    staff.role,
    new Date(now),
  ]);
  await client.query(
    `insert into membership (workspace_id, staff_id, role) select w.id, m.staff_id, 'owner' from workspace w, membership m
     where m.staff_id = $1 and m.role = 'owner' and m.workspace_id = (select min(id) from workspace)
     on conflict do nothing`,
    [row.id],
  );
  return row;
}

/** The workspaces a person belongs to, the oldest first. */
export async function membershipsOf(db: Querier, staffId: string): Promise<Membership[]> {
  const found = await db.query<Membership>(
    `select w.id as "workspaceId", w.slug, w.name, m.role, r.permissions as "ownPermissions"
     from membership m join workspace w on w.id = m.workspace_id left join role r on r.workspace_id = w.id and r.name = m.role
     where m.staff_id = $1 and m.disabled_at is null order by w.id`,
    [staffId],
  );
  return found.rows;
}

/** Makes the owners of the first workspace owners of another one too, so that a new workspace is never out of reach. */
export async function grantOwners(db: Querier, workspaceId: number): Promise<void> {
  await db.query(
    `insert into membership (workspace_id, staff_id, role)
     select $1, staff_id, role from membership where role = 'owner' and workspace_id = (select min(id) from workspace)
     on conflict do nothing`,
    [workspaceId],
  );
}

export interface StaffListing {
  id: string;
  email: string;
  name: string;
  roles: string[];
  totp: boolean;
  createdAt: Date;
  disabledAt: Date | null;
  lastSeenAt: Date | null;
}

/** Everyone of this installation, with roles as `workspace:role`. */
export async function listStaff(db: Querier): Promise<StaffListing[]> {
  const found = await db.query<StaffListing>(
    `select s.id, s.email, s.name, s.totp_enabled_at is not null as totp, s.created_at as "createdAt",
       s.disabled_at as "disabledAt", (select max(last_seen_at) from session where staff_id = s.id) as "lastSeenAt",
       array(select w.slug || ':' || m.role from membership m join workspace w on w.id = m.workspace_id
             where m.staff_id = s.id order by w.id) as roles
     from staff s order by s.created_at, s.id`,
  );
  return found.rows;
}

/** Sets a password and ends the sessions that the old one opened, all but `keepSessionId`. Unused password links die with it. */
export async function setPassword(
  client: Querier,
  change: { staffId: string; passwordHash: string; keepSessionId?: string },
  now: number,
): Promise<void> {
  const at = new Date(now);
  await client.query("update staff set password_hash = $2 where id = $1", [change.staffId, change.passwordHash]);
  await client.query(
    `update session set revoked_at = $2 where staff_id = $1 and revoked_at is null and id is distinct from $3::uuid`,
    [change.staffId, at, change.keepSessionId ?? null],
  );
  await client.query("delete from password_link where staff_id = $1", [change.staffId]);
}

/** Shuts a person out at once (or lets them in again). False when it was so already. */
export async function setDisabled(client: Querier, staffId: string, disabled: boolean, now: number): Promise<boolean> {
  const changed = await client.query(
    "update staff set disabled_at = $3 where id = $1 and (disabled_at is not null) <> $2",
    [staffId, disabled, disabled ? new Date(now) : null],
  );
  if (disabled && changed.rowCount)
    await client.query("update session set revoked_at = $2 where staff_id = $1 and revoked_at is null", [
      staffId,
      new Date(now),
    ]);
  return changed.rowCount === 1;
}

/** The form in which the interface shows a person. */
export function toStaff(row: Pick<StaffRow, "id" | "email" | "name" | "totpEnabledAt">): Staff {
  return { id: row.id, email: row.email, name: row.name, totpEnabled: row.totpEnabledAt !== null };
}

export function toWorkspaceAccess(membership: Membership): WorkspaceAccess {
  const { slug, name, role, ownPermissions } = membership;
  const permissions = permissionsOf(role, ownPermissions);
  return { slug, name, role, permissions: [...permissions], scopes: scopesWithin(permissions) };
}
