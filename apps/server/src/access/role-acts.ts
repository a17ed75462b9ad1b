import { AppError, type Permission } from "@daybook/contract";
import { inTransaction } from "../db/transaction.ts";
import type { Access } from "./access.ts";
import { type AccessDeps, accessEvent, type RequestOrigin } from "./access-events.ts";
import { findOwnRole, removeRole, storeRole } from "./role-store.ts";

/** Makes a role of the workspace's own, or changes what it allows; records it with old and new. Throws `forbidden` for a
 *  permission that the maker does not have. */
export async function putRole(
  deps: AccessDeps,
  access: Access,
  origin: RequestOrigin,
  name: string,
  permissions: readonly Permission[],
): Promise<void> {
  const wanted = [...new Set(permissions)].sort();
  const before = await inTransaction(deps.db, async (client) => {
    // One change of roles at a time, so that the record says what was there before.
    await client.query("select 1 from workspace where id = $1 for update", [access.workspaceId]);
    const old = await findOwnRole(client, access.workspaceId, name);
    const touched = [...wanted, ...(old?.permissions ?? [])];
    checkOwnPermissions(access, touched);
    await storeRole(client, access.workspaceId, name, wanted);
    return old;
  });
  const old = before?.permissions ?? [];
  if (before !== undefined && old.join() === wanted.join()) return;
  const event = accessEvent(access, origin, {
    action: before === undefined ? "role.created" : "role.updated",
    targets: [{ type: "role", id: name, name }],
    changes: [{ field: "permissions", old: before === undefined ? null : old, new: wanted }],
  });
  await deps.record.write(access.workspaceId, [event]);
}

/** Removes a role that nobody has any more and records it. Throws `not_found` and `conflict`. */
export async function deleteRole(deps: AccessDeps, access: Access, origin: RequestOrigin, name: string): Promise<void> {
  const old = await inTransaction(deps.db, async (client) => {
    await client.query("select 1 from workspace where id = $1 for update", [access.workspaceId]);
    const role = await findOwnRole(client, access.workspaceId, name);
    if (role === undefined) throw new AppError("not_found", `This workspace has no role ${name} of its own.`);
    if (role.members > 0)
      throw new AppError(
        "conflict",
        `${role.members} of the staff have the role ${name}. Give them another one first.`,
      );
    checkOwnPermissions(access, role.permissions);
    await removeRole(client, access.workspaceId, name);
    return role;
  });
  const event = accessEvent(access, origin, {
    action: "role.deleted",
    targets: [{ type: "role", id: name, name }],
    changes: [{ field: "permissions", old: old.permissions, new: null }],
  });
  await deps.record.write(access.workspaceId, [event]);
}

/** Nobody gives or takes what they may not do themselves. Throws `forbidden`. */
export function checkOwnPermissions(access: Access, permissions: Iterable<Permission>): void {
  const missing = [...new Set(permissions)].filter((permission) => !access.permissions.has(permission));
  if (missing.length > 0)
    throw new AppError("forbidden", `You do not have ${missing.join(", ")} yourself, so you cannot give or take it.`);
}
