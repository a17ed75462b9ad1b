import { AppError } from "@daybook/contract";
import type { Querier, StaffRow } from "./staff-store.ts";
import { newTotpSecret, totpStep } from "./totp.ts";
import type { Vault } from "./vault.ts";

/** What reads and writes the secrets of authenticator apps: they are encrypted in the database. */
export interface TotpDeps {
  db: Querier;
  vault: Vault;
}

const PREFIX = "sealed:";
const place = (staffId: string): string => `staff/${staffId}/totp`;

function sealSecret({ vault }: TotpDeps, staffId: string, secret: string): string {
  return PREFIX + vault.seal(place(staffId), Buffer.from(secret)).toString("base64");
}

/** One that was enrolled before secrets were encrypted lies as it is. */
function openSecret({ vault }: TotpDeps, staffId: string, stored: string): string {
  if (!stored.startsWith(PREFIX)) return stored;
  return vault.open(place(staffId), Buffer.from(stored.slice(PREFIX.length), "base64")).toString();
}

/** Takes a code of the person's authenticator app. False when it is wrong or was taken before, here or at the same moment elsewhere. */
export async function takeTotpCode(
  deps: TotpDeps,
  staff: Pick<StaffRow, "id" | "totpSecret" | "totpLastStep">,
  code: string,
  now: number,
): Promise<boolean> {
  if (staff.totpSecret === null) return false;
  const step = totpStep(openSecret(deps, staff.id, staff.totpSecret), code, now, staff.totpLastStep);
  if (step === null) return false;
  const taken = await deps.db.query(
    "update staff set totp_last_step = $2 where id = $1 and (totp_last_step is null or totp_last_step < $2)",
    [staff.id, step],
  );
  return taken.rowCount === 1;
}

/** Stores a new secret that is not in force until a code confirms it. Throws `conflict` while two factors are on. */
export async function startTotp(deps: TotpDeps, staffId: string): Promise<string> {
  const secret = newTotpSecret();
  const stored = await deps.db.query(
    "update staff set totp_secret = $2, totp_last_step = null where id = $1 and totp_enabled_at is null",
    [staffId, sealSecret(deps, staffId, secret)],
  );
  if (stored.rowCount !== 1)
    throw new AppError("conflict", "Two factors are on already. Turn them off first to enrol another app.");
  return secret;
}

/** Puts the enrolled secret in force. Throws `conflict` when there is none waiting, `invalid_credentials` for a wrong code. */
export async function confirmTotp(deps: TotpDeps, staff: StaffRow, code: string, now: number): Promise<void> {
  if (staff.totpEnabledAt !== null) throw new AppError("conflict", "Two factors are on already.");
  if (staff.totpSecret === null) throw new AppError("conflict", "Enrol an authenticator app first.");
  if (!(await takeTotpCode(deps, staff, code, now))) throw new AppError("invalid_credentials", "The code is wrong.");
  await deps.db.query("update staff set totp_enabled_at = $2 where id = $1 and totp_secret = $3", [
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
