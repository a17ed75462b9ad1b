import { AppError } from "@daybook/contract";
import type { Querier, StaffRow } from "./staff-store.ts";
import { newTotpSecret, totpStep } from "./totp.ts";

/** Takes a code of the person's authenticator app. False when it is wrong or was taken before, here or at the same moment elsewhere. */
export async function takeTotpCode(
  db: Querier,
  staff: Pick<StaffRow, "id" | "totpSecret" | "totpLastStep">,
  code: string,
  now: number,
): Promise<boolean> {
  if (staff.totpSecret === null) return false;
  const step = totpStep(staff.totpSecret, code, now, staff.totpLastStep);
  if (step === null) return false;
  const taken = await db.query(
    "update staff set totp_last_step = $2 where id = $1 and (totp_last_step is null or totp_last_step < $2)",
    [staff.id, step],
  );
  return taken.rowCount === 1;
}

/** Stores a new secret that is not in force until a code confirms it. Throws `conflict` while two factors are on. */
export async function startTotp(db: Querier, staffId: string): Promise<string> {
  const secret = newTotpSecret();
  const stored = await db.query(
    "update staff set totp_secret = $2, totp_last_step = null where id = $1 and totp_enabled_at is null",
    [staffId, secret],
  );
  if (stored.rowCount !== 1)
    throw new AppError("conflict", "Two factors are on already. Turn them off first to enrol another app.");
  return secret;
}

/** Puts the enrolled secret in force. Throws `conflict` when there is none waiting, `invalid_credentials` for a wrong code. */
export async function confirmTotp(db: Querier, staff: StaffRow, code: string, now: number): Promise<void> {
  if (staff.totpEnabledAt !== null) throw new AppError("conflict", "Two factors are on already.");
  if (staff.totpSecret === null) throw new AppError("conflict", "Enrol an authenticator app first.");
  if (!(await takeTotpCode(db, staff, code, now))) throw new AppError("invalid_credentials", "The code is wrong.");
  await db.query("update staff set totp_enabled_at = $2 where id = $1 and totp_secret = $3", [
    staff.id,
    new Date(now),
    staff.totpSecret,
  ]);
}

/** Turns two factors off and forgets the secret. False when they were off. */
export async function removeTotp(db: Querier, staffId: string): Promise<boolean> {
  const removed = await db.query(
    `update staff set totp_secret = null, totp_enabled_at = null, totp_last_step = null
     where id = $1 and totp_enabled_at is not null`,
    [staffId],
  );
  return removed.rowCount === 1;
}
