import { AppError, type changePasswordSchema, type EventInput, type stepUpSchema } from "@daybook/contract";
import type { z } from "zod";
import { inTransaction } from "../db/transaction.ts";
import type { Access } from "./access.ts";
import { type AccessDeps, accessEvent, homeWorkspace, type RequestOrigin, staffTarget } from "./access-events.ts";
import { throttled } from "./login.ts";
import { accountRule, admit, forget } from "./login-throttle.ts";
import { checkPassword, hashPassword, passwordFits } from "./password.ts";
import { makeRecoveryCodes } from "./recovery-codes.ts";
import { type SecondFactorName, takeSecondFactor } from "./second-factor.ts";
import { revokeSession, STEPPED_UP_MS } from "./session-store.ts";
import { findStaff, type StaffRow, setPassword } from "./staff-store.ts";
import { totpUri } from "./totp.ts";
import { confirmTotp, removeTotp, startTotp } from "./totp-store.ts";

type SignedInAccess = Access & { sessionId: string };

/** Ends one of a person's own sessions. Throws `not_found`. */
export async function endSession(
  deps: AccessDeps,
  access: SignedInAccess,
  origin: RequestOrigin,
  id: string,
): Promise<void> {
  const staff = await ownRow(deps, access);
  if (!(await revokeSession(deps.db, staff.id, id, deps.clock())))
    throw new AppError("not_found", `You have no session ${id} that is still open.`);
  const targets = [staffTarget(staff)];
  await recordOwn(deps, access, origin, { action: "auth.session.revoked", targets, details: { session: id } });
}

/** Changes a person's own password and ends their other sessions. Throws `invalid_credentials`, `weak_password`, `too_many_requests`. */
export async function changePassword(
  deps: AccessDeps,
  access: SignedInAccess,
  origin: RequestOrigin,
  change: z.infer<typeof changePasswordSchema>,
): Promise<void> {
  const staff = await ownRow(deps, access);
  await askPassword(deps, staff, change.currentPassword);
  checkPassword(change.password, [staff.email, staff.name]);
  const passwordHash = await hashPassword(change.password);
  await inTransaction(deps.db, (client) =>
    setPassword(client, { staffId: staff.id, passwordHash, keepSessionId: access.sessionId }, deps.clock()),
  );
  await recordOwn(deps, access, origin, { action: "auth.password.changed", targets: [staffTarget(staff)] });
}

/** A new secret for the person's authenticator app, as base32 and as otpauth URI. Throws `conflict` while two factors are on. */
export async function enrolTwoFactors(
  deps: AccessDeps,
  access: SignedInAccess,
): Promise<{ secret: string; uri: string }> {
  const staff = await ownRow(deps, access);
  const secret = await startTotp(deps, staff.id);
  return { secret, uri: totpUri(secret, staff.email) };
}

/** Puts the enrolled app in force and gives the recovery codes. Throws `invalid_credentials` and `conflict`. */
export async function confirmTwoFactors(
  deps: AccessDeps,
  access: SignedInAccess,
  origin: RequestOrigin,
  code: string,
): Promise<string[]> {
  const staff = await ownRow(deps, access);
  await confirmTotp(deps, staff, code, deps.clock());
  const codes = await inTransaction(deps.db, (client) => makeRecoveryCodes(client, staff.id));
  await recordOwn(deps, access, origin, { action: "auth.two_factor.enabled" });
  return codes;
}

/** Fresh recovery codes instead of the old ones; the password is asked again. Throws `invalid_credentials`, `conflict`. */
export async function renewRecoveryCodes(
  deps: AccessDeps,
  access: SignedInAccess,
  origin: RequestOrigin,
  password: string,
): Promise<string[]> {
  const staff = await ownRow(deps, access);
  await askPassword(deps, staff, password);
  if (staff.totpEnabledAt === null) throw new AppError("conflict", "Turn two factors on first.");
  const codes = await inTransaction(deps.db, (client) => makeRecoveryCodes(client, staff.id));
  await recordOwn(deps, access, origin, { action: "auth.recovery_codes.generated" });
  return codes;
}

/** Lets the session pass `requireStepUp` for a while, for the password or a second factor. Guessing is slowed down like at
 *  sign-in. Throws `invalid_credentials`, `too_many_requests`. */
export async function stepUp(
  deps: AccessDeps,
  access: SignedInAccess,
  origin: RequestOrigin,
  proof: z.infer<typeof stepUpSchema>,
): Promise<Date> {
  const staff = await ownRow(deps, access);
  const action = "auth.identity.confirmed";
  let factor: SecondFactorName | undefined;
  try {
    if ("password" in proof) await askPassword(deps, staff, proof.password);
    else factor = await askCode(deps, staff, proof.code);
  } catch (error) {
    const reason = "password" in proof ? "invalid_password" : "invalid_code";
    if (error instanceof AppError && error.code === "invalid_credentials")
      await recordOwn(deps, access, origin, { action, outcome: "failure", reason });
    throw error;
  }
  const until = new Date(deps.clock() + STEPPED_UP_MS);
  await deps.db.query("update session set stepped_up_until = $2 where id = $1", [access.sessionId, until]);
  await recordOwn(deps, access, origin, { action, details: { by: factor ?? "password" } });
  if (factor === "recovery_code") await recordOwn(deps, access, origin, { action: "auth.recovery_code.used" });
  return until;
}

async function askCode(deps: AccessDeps, staff: StaffRow, code: string): Promise<SecondFactorName> {
  const key = `code:${staff.id}`;
  const admission = await admit(deps.db, key, accountRule, deps.clock());
  if ("blockedUntil" in admission) throw throttled(admission.blockedUntil, deps.clock());
  const factor = await takeSecondFactor(deps, staff, code, deps.clock());
  if (factor === undefined) throw new AppError("invalid_credentials", "The code is wrong.");
  await forget(deps.db, key);
  return factor;
}

/** Turns two factors off, for which the password is asked again. Throws `invalid_credentials`, `conflict`, `too_many_requests`. */
export async function removeTwoFactors(
  deps: AccessDeps,
  access: SignedInAccess,
  origin: RequestOrigin,
  password: string,
): Promise<void> {
  const staff = await ownRow(deps, access);
  await askPassword(deps, staff, password);
  await deps.db.query("delete from recovery_code where staff_id = $1", [staff.id]);
  if (!(await removeTotp(deps.db, staff.id))) throw new AppError("conflict", "Two factors are off already.");
  await recordOwn(deps, access, origin, { action: "auth.two_factor.disabled" });
}

/** Asks for the password once more before a sensitive act; guessing here is slowed down like guessing at sign-in. */
async function askPassword(deps: AccessDeps, staff: StaffRow, password: string): Promise<void> {
  const key = `password:${staff.id}`;
  const admission = await admit(deps.db, key, accountRule, deps.clock());
  if ("blockedUntil" in admission) throw throttled(admission.blockedUntil, deps.clock());
  if (!(await passwordFits(staff.passwordHash, password)))
    throw new AppError("invalid_credentials", "The password is wrong.");
  await forget(deps.db, key);
}

async function ownRow(deps: AccessDeps, access: SignedInAccess): Promise<StaffRow> {
  const staff = await findStaff(deps.db, access.id);
  if (!staff) throw new AppError("unauthenticated", "Your session has ended. Sign in again.");
  return staff;
}

async function recordOwn(
  deps: AccessDeps,
  access: SignedInAccess,
  origin: RequestOrigin,
  event: Omit<EventInput, "actor" | "origin">,
): Promise<void> {
  await deps.record.write(await homeWorkspace(deps, access.id), [accessEvent(access, origin, event)]);
}
