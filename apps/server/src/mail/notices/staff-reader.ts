import { findStaff, membershipsOf, type Querier } from "../../access/staff-store.ts";
import { publicAddress } from "../../config.ts";
import type { Notice, NoticeDeps } from "./notice.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Where to write to a member of staff of a workspace; undefined for anybody else, and for whoever is shut out. */
export async function staffOf(db: Querier, workspaceId: number, id: string | null): Promise<Notice["to"] | undefined> {
  if (id === null || !uuid.test(id)) return undefined;
  const staff = await findStaff(db, id);
  if (staff === undefined || staff.disabledAt !== null) return undefined;
  const theirs = await membershipsOf(db, id);
  if (!theirs.some((membership) => membership.workspaceId === workspaceId)) return undefined;
  return { address: staff.email, name: staff.name };
}

/** Where staff change their password and end their sessions. */
export function accountAddress({ config }: Pick<NoticeDeps, "config">): string {
  return `${publicAddress(config)}/account`;
}
