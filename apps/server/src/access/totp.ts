import { Secret, TOTP } from "otpauth";

const STEP_SECONDS = 30;
/** Steps accepted before and after the server's: clocks of phones drift (RFC 6238, 5.2). */
const WINDOW_STEPS = 1;
/** 160 bits, the length RFC 4226 (4, R6) recommends. */
const SECRET_BYTES = 20;

/** A new TOTP secret, base32. */
export function newTotpSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32;
}

/** The otpauth:// URI that authenticator apps read from a QR code. `account` is the e-mail address. */
export function totpUri(secret: string, account: string): string {
  return generator(secret, account).toString();
}

/** The code at a time (ms since 1970). */
export function totpCode(secret: string, now: number): string {
  return generator(secret).generate({ timestamp: now });
}

/** The step (30 s since 1970) that a code belongs to, or null when it fits none near `now`. A step at or before `lastStep` is
 *  never given: a code counts once (RFC 6238, 5.2). Spaces in the code are ignored. */
export function totpStep(secret: string, code: string, now: number, lastStep: number | null): number | null {
  const token = code.replace(/\s/g, "");
  if (!/^\d{6}$/.test(token)) return null;
  const delta = generator(secret).validate({ token, timestamp: now, window: WINDOW_STEPS });
  if (delta === null) return null;
  const step = Math.floor(now / 1000 / STEP_SECONDS) + delta;
  return lastStep !== null && step <= lastStep ? null : step;
}

function generator(secret: string, account = ""): TOTP {
  return new TOTP({
    issuer: "Daybook",
    label: account,
    algorithm: "SHA1",
    digits: 6,
    period: STEP_SECONDS,
    secret: Secret.fromBase32(secret),
  });
}
