import { useQuery } from "@tanstack/react-query";
import { meQuery } from "../../../api/access.ts";

/** Whether the person may share views in the workspace. The server decides; this only spares them a refusal. */
export function useMayShare(workspace: string): boolean {
  const me = useQuery(meQuery);
  const role = me.data?.workspaces.find((each) => each.slug === workspace)?.role;
  return role !== undefined && role !== "support" && role !== "billing";
}
