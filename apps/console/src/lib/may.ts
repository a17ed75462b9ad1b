import type { Permission } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { meQuery } from "../api/access.ts";

/** Whether one may do this in the workspace that is open. The server decides; this only spares people a refusal. */
export function useMay(permission: Permission): boolean {
  const { workspace } = useParams({ from: "/w/$workspace" });
  const me = useQuery(meQuery);
  const access = me.data?.workspaces.find((each) => each.slug === workspace);
  return access?.permissions.includes(permission) ?? false;
}
