import { AppError, emailSchema } from "@daybook/contract";
import { inTransaction } from "../db/transaction.ts";
import type { Access } from "./access.ts";
import { type AccessDeps, accessEvent, homeWorkspace, type RequestOrigin, staffTarget } from "./access-events.ts";
import { checkPassword, hashPassword } from "./password.ts";
import { createPasswordToken } from "./password-link.ts";
import { createStaff, findStaffByEmail, type StaffRow, setDisabled } from "./staff-store.ts";
import { removeTotp } from "./totp-store.ts";

export interface NewMember {
  email: string;
  name: string;
  role: string;
  /** Left out, the person chooses one by the link whose token is given back. */
  password?: string;
}

/** Adds a member of staff to the workspace of `access` and records it. Throws `invalid_request`, `weak_password`, `conflict`. */
export async function createMember(
  deps: AccessDeps,
  access: Access,
  origin: RequestOrigin,
  member: NewMember,
): Promise<{ staff: StaffRow; passwordToken: string | undefined }> {
  const email = emailSchema.safeParse(member.email);
  if (!email.success) throw new AppError("invalid_request", `${member.email} is not an e-mail address.`);
  if (member.password !== undefined) checkPassword(member.password, [email.data, member.name]);
  const passwordHash = member.password === undefined ? null : await hashPassword(member.password);
  const now = deps.clock();
  const { name, role } = member;
  const made = await inTransaction(deps.db, async (client) => {
    const fresh = { email: email.data, name, role, passwordHash, workspaceId: access.workspaceId };
    const staff = await createStaff(client, fresh, now);
    const passwordToken = passwordHash === null ? await createPasswordToken(client, staff.id, now) : undefined;
    return { staff, passwordToken };
  });
  const targets = [staffTarget(made.staff)];
  const event = accessEvent(access, origin, { action: "staff.created", targets, details: { role, email: email.data } });
  await deps.record.write(access.workspaceId, [event]);
  return made;
}

/** Shuts a member out and ends their sessions, or lets them in again; records it. Throws `not_found`; `conflict` when it is so already. */
export async function disableMember(
  deps: AccessDeps,
  access: Access,
  origin: RequestOrigin,
  email: string,
  disabled: boolean,
): Promise<void> {
  const staff = await findMember(deps, email);
  const changed = await inTransaction(deps.db, (client) => setDisabled(client, staff.id, disabled, deps.clock()));
  if (!changed) throw new AppError("conflict", `${staff.email} is ${disabled ? "disabled" : "enabled"} already.`);
  const action = disabled ? "staff.disabled" : "staff.enabled";
  const event = accessEvent(access, origin, { action, targets: [staffTarget(staff)] });
  await deps.record.write(await homeWorkspace(deps, staff.id), [event]);
}

/** Makes a link for a new password, and turns two factors off when the app is lost; records both. The old password works until the
 *  link is used. Throws `not_found`, and `conflict` for a disabled member. */
export async function resetMember(
  deps: AccessDeps,
  access: Access,
  origin: RequestOrigin,
  email: string,
  twoFactorsOff: boolean,
): Promise<string> {
  const staff = await findMember(deps, email);
  if (staff.disabledAt !== null)
    throw new AppError("conflict", `${staff.email} is disabled. Enable the account first.`);
  const { token, removed } = await inTransaction(deps.db, async (client) => ({
    token: await createPasswordToken(client, staff.id, deps.clock()),
    removed: twoFactorsOff && (await removeTotp(client, staff.id)),
  }));
  const actions = ["auth.password.reset.requested", ...(removed ? ["auth.two_factor.reset"] : [])];
  const events = actions.map((action) => accessEvent(access, origin, { action, targets: [staffTarget(staff)] }));
  await deps.record.write(await homeWorkspace(deps, staff.id), events);
  return token;
}

async function findMember(deps: AccessDeps, email: string): Promise<StaffRow> {
  const staff = await findStaffByEmail(deps.db, email);
  if (!staff) throw new AppError("not_found", `Nobody has the address ${email}.`);
  return staff;
}
