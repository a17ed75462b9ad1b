import { takeRecoveryCode } from "./recovery-codes.ts";
import type { StaffRow } from "./staff-store.ts";
import { type TotpDeps, takeTotpCode } from "./totp-store.ts";

/** A way to show, beside the password, who one is. */
interface SecondFactor {
  name: string;
  /** Whether what was typed has its form. */
  reads(code: string): boolean;
  /** Takes it. False when it is wrong or was taken before. */
  take(deps: TotpDeps, staff: StaffRow, code: string, now: number): Promise<boolean>;
}

/** The ways there are, at sign-in and before sensitive acts. One more is one entry here. */
const secondFactors = [
  { name: "totp", reads: (code) => /^[\d ]+$/.test(code), take: takeTotpCode },
  {
    name: "recovery_code",
    reads: (code) => /[a-z]/i.test(code),
    take: ({ db }, staff, code, now) => takeRecoveryCode(db, staff, code, now),
  },
] as const satisfies readonly SecondFactor[];

export type SecondFactorName = (typeof secondFactors)[number]["name"];

/** Takes a code of one of the ways, and says which it was. Undefined when it is none, and for somebody who has not turned two factors on. */
export async function takeSecondFactor(
  deps: TotpDeps,
  staff: StaffRow,
  code: string,
  now: number,
): Promise<SecondFactorName | undefined> {
  if (staff.totpEnabledAt === null) return undefined;
  const factor = secondFactors.find(({ reads }) => reads(code));
  return factor !== undefined && (await factor.take(deps, staff, code, now)) ? factor.name : undefined;
}
