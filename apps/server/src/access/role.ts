import { type Permission, type Role, rolePermissions, roles, withImplied } from "@daybook/contract";

/** Whether every workspace has this role. */
export const isShippedRole = (name: string): name is Role => (roles as readonly string[]).includes(name);

/** What a role allows. `own` are the permissions of a role that the workspace made; names of a later version are left out.
 *  A role that may manage something may see it, also one that was stored before there was a permission to see it. */
export function permissionsOf(role: string | null, own: readonly string[] | null): ReadonlySet<Permission> {
  if (role === null) return none;
  if (isShippedRole(role)) return shipped.get(role) ?? none;
  return new Set(withImplied(own ?? []));
}

const none: ReadonlySet<Permission> = new Set();
const shipped = new Map(roles.map((role) => [role, new Set(rolePermissions[role])]));
