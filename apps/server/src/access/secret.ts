import { hash, randomBytes, timingSafeEqual } from "node:crypto";

const SECRET_BYTES = 32;

/** A fresh secret of 256 random bits, base64url: session tokens and the tokens of one-time links. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

/** What is stored instead of a secret: its SHA-256. Enough for 256 random bits; a password needs argon2id instead. */
export function secretHash(secret: string): Buffer {
  return hash("sha256", secret, "buffer");
}

/** Whether two secrets are equal, in a time that tells nothing about where they differ or how long they are. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(secretHash(a), secretHash(b));
}

/** The CSRF token of a session, derived from the session's own token so that it need not be stored. */
export function csrfTokenOf(sessionToken: string): string {
  return hash("sha256", `daybook csrf\0${sessionToken}`, "base64url");
}
