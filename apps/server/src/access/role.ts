import { type Permission, permissionNames, type Role, rolePermissions, roles } from "@daybook/contract";

/** Whether every workspace has this role. */
export const isShippedRole = (name: string): name is Role => (roles as readonly string[]).includes(name);

/** What a role allows. `own` are the permissions of a role that the workspace made; names of a later version are left out. */
export function permissionsOf(role: string | null, own: readonly string[] | null): ReadonlySet<Permission> {
  if (role === null) return none;
  if (isShippedRole(role)) return shipped.get(role) ?? none;
  return new Set(permissionNames.filter((name) => own?.includes(name) === true));
}

const none: ReadonlySet<Permission> = new Set();
const shipped = new Map(roles.map((role) => [role, new Set(rolePermissions[role])]));
