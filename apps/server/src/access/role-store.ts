import { AppError, type Permission, roles } from "@daybook/contract";
import { isShippedRole } from "./role.ts";
import type { Querier } from "./staff-store.ts";

/** A role that a workspace made. */
export interface OwnRole {
  name: string;
  permissions: Permission[];
  /** How many of the staff have it. */
  members: number;
}

export async function listOwnRoles(db: Querier, workspaceId: number): Promise<OwnRole[]> {
  const found = await db.query<OwnRole>(
    `select name, permissions, (select count(*)::int from membership m where m.workspace_id = r.workspace_id and m.role = r.name) as members
       from role r where workspace_id = $1 order by name`,
    [workspaceId],
  );
  return found.rows;
}

export async function findOwnRole(db: Querier, workspaceId: number, name: string): Promise<OwnRole | undefined> {
  return (await listOwnRoles(db, workspaceId)).find((role) => role.name === name);
}

/** Makes the role or sets what it allows. */
export async function storeRole(
  db: Querier,
  workspaceId: number,
  name: string,
  permissions: readonly Permission[],
): Promise<void> {
  await db.query(
    `insert into role (workspace_id, name, permissions) values ($1, $2, $3)
     on conflict (workspace_id, name) do update set permissions = excluded.permissions, updated_at = now()`,
    [workspaceId, name, permissions],
  );
}

/** False when there is no such role. */
export async function removeRole(db: Querier, workspaceId: number, name: string): Promise<boolean> {
  return (await db.query("delete from role where workspace_id = $1 and name = $2", [workspaceId, name])).rowCount === 1;
}

/** Throws `invalid_request` when the workspace has no such role, with those it has. */
export async function checkRole(db: Querier, workspaceId: number, name: string): Promise<void> {
  if (isShippedRole(name)) return;
  const own = (await listOwnRoles(db, workspaceId)).map((role) => role.name);
  if (own.includes(name)) return;
  throw new AppError("invalid_request", `There is no role ${name}. Roles are ${[...roles, ...own].join(", ")}.`);
}
