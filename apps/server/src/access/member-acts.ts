import { AppError, type inviteSchema, type Member } from "@daybook/contract";
import type { PoolClient } from "pg";
import type { z } from "zod";
import { inTransaction } from "../db/transaction.ts";
import { mailInvitation } from "../mail/notices/staff-links.ts";
import { newId } from "../record/event-id.ts";
import type { Access } from "./access.ts";
import { type AccessDeps, accessEvent, type RequestOrigin, staffTarget } from "./access-events.ts";
import { type FoundMember, findMember, listMembers, toMember } from "./member-store.ts";
import { createPasswordToken, LINK_VALID_MS, passwordLink } from "./password-link.ts";
import { permissionsOf } from "./role.ts";
import { checkOwnPermissions } from "./role-acts.ts";
import { checkRole, findOwnRole } from "./role-store.ts";
import { createStaff, findStaffByEmail, membershipsOf } from "./staff-store.ts";
import { removeTotp } from "./totp-store.ts";

/** Takes somebody into the workspace of `access` and records it. Somebody new gets a link to choose a password: by mail if it can be
 *  sent, else it is for whoever asked to hand on. Somebody of another workspace has a password. Throws `invalid_request`, `forbidden`, `conflict`. */
export async function inviteMember(
  deps: AccessDeps,
  access: Access,
  origin: RequestOrigin,
  wanted: z.infer<typeof inviteSchema>,
): Promise<{ member: Member; link?: string; sentTo?: string }> {
  const { workspaceId } = access;
  const { id, token } = await changeMembers(deps, access, async (client) => {
    await checkRoleIsOurs(client, access, wanted.role);
    const known = await findStaffByEmail(client, wanted.email);
    if (known === undefined) {
      const { email, name, role } = wanted;
      const made = await createStaff(client, { email, name, role, passwordHash: null, workspaceId }, deps.clock());
      return { id: made.id, token: await createPasswordToken(client, made.id, deps.clock()) };
    }
    const added = await client.query(
      "insert into membership (workspace_id, staff_id, role) values ($1, $2, $3) on conflict do nothing",
      [workspaceId, known.id, wanted.role],
    );
    if (added.rowCount !== 1) throw new AppError("conflict", `${wanted.email} is one of the staff already.`);
    return { id: known.id, token: undefined };
  });
  const found = await findMember(deps.db, workspaceId, id);
  await record(deps, access, origin, found, { action: "staff.invited", details: { role: wanted.role } });
  if (token === undefined) return { member: toMember(found) };
  const link = passwordLink(deps.config, token);
  const sent = await mailInvitation(deps, workspaceId, {
    to: { email: found.email, name: found.name },
    by: access.name,
    role: wanted.role,
    link,
    validMs: LINK_VALID_MS,
    key: newId(deps.clock()),
  });
  return { member: toMember(found), ...(sent ? { sentTo: found.email } : { link }) };
}

/** Gives a member another role, shuts them out of the workspace or lets them in again; records each with old and new.
 *  Throws `not_found`, `invalid_request`, `forbidden`, `conflict` for the last owner. */
export async function changeMember(
  deps: AccessDeps,
  access: Access,
  origin: RequestOrigin,
  id: string,
  change: { role?: string | undefined; disabled?: boolean | undefined },
): Promise<Member> {
  const before = await changeMembers(deps, access, async (client) => {
    const member = await findOurs(client, access, id);
    if (change.role !== undefined) await checkRoleIsOurs(client, access, change.role);
    await client.query(
      `update membership set role = coalesce($3, role),
         disabled_at = case when $4::boolean is null then disabled_at when $4 then coalesce(disabled_at, $5) end
       where workspace_id = $1 and staff_id = $2`,
      [access.workspaceId, id, change.role ?? null, change.disabled ?? null, new Date(deps.clock())],
    );
    return member;
  });
  const after = await findMember(deps.db, access.workspaceId, id);
  if (after.role !== before.role) {
    const changes = [{ field: "role", old: before.role, new: after.role }];
    await record(deps, access, origin, after, { action: "staff.role.changed", changes });
  }
  if ((after.disabledAt === null) !== (before.disabledAt === null))
    await record(deps, access, origin, after, { action: after.disabledAt ? "staff.disabled" : "staff.enabled" });
  return toMember(after);
}

/** Takes somebody out of the workspace; what they did stays in the record. Throws like `changeMember`. */
export async function removeMember(deps: AccessDeps, access: Access, origin: RequestOrigin, id: string): Promise<void> {
  const gone = await changeMembers(deps, access, async (client) => {
    const member = await findOurs(client, access, id);
    await client.query("delete from membership where workspace_id = $1 and staff_id = $2", [access.workspaceId, id]);
    return member;
  });
  await record(deps, access, origin, gone, { action: "staff.deleted", details: { role: gone.role } });
}

/** Makes a link for a new password. It opens the whole account, so whoever asks must be over the person in every workspace that the
 *  person belongs to. Throws `not_found`, `forbidden`. */
export async function makePasswordLink(
  deps: AccessDeps,
  access: Access,
  origin: RequestOrigin,
  id: string,
): Promise<string> {
  const { member, token } = await inTransaction(deps.db, async (client) => {
    const found = await findOurs(client, access, id);
    await checkOverEverywhere(client, access, id);
    return { member: found, token: await createPasswordToken(client, id, deps.clock()) };
  });
  await record(deps, access, origin, member, { action: "auth.password.reset.requested" });
  return passwordLink(deps.config, token);
}

/** Turns off the two factors of somebody who has lost their phone, and records it. They are the whole account's, so whoever asks must
 *  be over the person in every workspace that the person belongs to. One's own are turned off with the password, in the account.
 *  Throws `not_found`, `forbidden`, `conflict` when they are off already. */
export async function resetSecondFactor(
  deps: AccessDeps,
  access: Access,
  origin: RequestOrigin,
  id: string,
): Promise<void> {
  if (access.id === id)
    throw new AppError(
      "forbidden",
      "These are your own two factors. Turn them off in your account, with your password.",
    );
  const member = await inTransaction(deps.db, async (client) => {
    const found = await findOurs(client, access, id);
    await checkOverEverywhere(client, access, id);
    if (!(await removeTotp(client, id))) throw new AppError("conflict", "Two factors are off already.");
    return found;
  });
  await record(deps, access, origin, member, { action: "auth.two_factor.reset" });
}

/** The members of the workspace of `access`. */
export async function membersOf(deps: AccessDeps, access: Access): Promise<Member[]> {
  return (await listMembers(deps.db, access.workspaceId)).map(toMember);
}

/** One change of a workspace's people at a time; afterwards somebody must still own it. */
function changeMembers<T>(deps: AccessDeps, access: Access, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return inTransaction(deps.db, async (client) => {
    await client.query("select 1 from workspace where id = $1 for update", [access.workspaceId]);
    const result = await work(client);
    const { rowCount } = await client.query(
      `select 1 from membership join staff on staff.id = staff_id where workspace_id = $1 and role = 'owner'
         and membership.disabled_at is null and staff.disabled_at is null limit 1`,
      [access.workspaceId],
    );
    if (rowCount === 0) throw new AppError("conflict", "This is the last owner. Make somebody else an owner first.");
    return result;
  });
}

/** For what concerns the whole account of a person: also in their other workspaces the caller manages staff and may do all that they may.
 *  Throws `forbidden`. */
async function checkOverEverywhere(client: PoolClient, access: Access, id: string): Promise<void> {
  // A key belongs to this workspace alone, so it is over nobody who belongs to another one too.
  const mine = access.kind === "session" ? await membershipsOf(client, access.id) : [];
  for (const theirs of await membershipsOf(client, id)) {
    if (theirs.workspaceId === access.workspaceId) continue;
    const own = mine.find((each) => each.workspaceId === theirs.workspaceId);
    const held = permissionsOf(own?.role ?? null, own?.ownPermissions ?? null);
    const over = [...permissionsOf(theirs.role, theirs.ownPermissions)].every((permission) => held.has(permission));
    if (!held.has("staff.manage") || !over)
      throw new AppError("forbidden", "They belong to another workspace too, where you do not manage staff.");
  }
}

/** A member who may do nothing that the caller may not. Throws `not_found`, `forbidden`. */
async function findOurs(client: PoolClient, access: Access, id: string): Promise<FoundMember> {
  const member = await findMember(client, access.workspaceId, id);
  await checkRoleIsOurs(client, access, member.role);
  return member;
}

async function checkRoleIsOurs(client: PoolClient, access: Access, role: string): Promise<void> {
  await checkRole(client, access.workspaceId, role);
  const own = await findOwnRole(client, access.workspaceId, role);
  checkOwnPermissions(access, permissionsOf(role, own?.permissions ?? null));
}

async function record(
  deps: AccessDeps,
  access: Access,
  origin: RequestOrigin,
  member: FoundMember,
  event: Omit<Parameters<typeof accessEvent>[2], "targets">,
): Promise<void> {
  const targets = [staffTarget(member)];
  await deps.record.write(access.workspaceId, [accessEvent(access, origin, { ...event, targets })]);
}
