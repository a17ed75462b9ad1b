import { userInfo } from "node:os";
import { permissionNames } from "@daybook/contract";
import { fullSight } from "../record/sight.ts";
import type { Access } from "./access.ts";
import type { RequestOrigin } from "./access-events.ts";
import type { Querier } from "./staff-store.ts";
import { findWorkspace } from "./workspace-store.ts";

/** Where commands come from: this machine. */
export const commandLine: RequestOrigin = { ip: "" };

/** The access of a command: whoever can start it can read the database's password too, so it may do everything. The name is that
 *  of the operating system's user. Throws `not_found` for an unknown workspace. */
export async function cliAccess(db: Querier, workspaceSlug?: string): Promise<Access> {
  const workspace = await findWorkspace(db, workspaceSlug);
  const user = systemUser();
  return {
    workspaceId: workspace.id,
    kind: "cli",
    id: user,
    name: user,
    permissions: new Set(permissionNames),
    role: "owner",
    sight: fullSight,
  };
}

/** The user's name, or its number in a container that gives it no name. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
