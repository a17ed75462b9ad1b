import { AppError, accessLimits } from "@daybook/contract";
import { hash, verify } from "@node-rs/argon2";
import { commonPasswords } from "./common-passwords.ts";

/** argon2id with the first parameters of the OWASP Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane. */
const parameters = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** The hash of 32 random bytes that were thrown away, made with the same parameters so that it costs the same to check. */
export const nobodysHash =
  "$argon2id$v=19$m=19456,t=2,p=1$zL5twuMEA48fZItkhcabPw$dsahrtMIwKjfCStSDfDY6AuogZHAxwE6SBckjbm/zFY";

/** Hashings at once: each takes 19 MiB and one of libuv's four threads, which file and DNS work need too. */
const HASHINGS_MAX = 2;
/** Sign-ins that may wait for a hashing (about 20 ms each). Past it the server says that it is overloaded. */
const WAITING_MAX = 100;

let running = 0;
const waiting: (() => void)[] = [];

/** Throws `weak_password` unless the password is long enough, is not a common one and is not made of the person's own
 *  name or address. No rules of composition (NIST SP 800-63B, 3.1.1.2). `about` are words to refuse, e.g. the e-mail address. */
export function checkPassword(password: string, about: readonly string[] = []): void {
  const length = [...password.normalize("NFKC")].length;
  if (length < accessLimits.passwordLengthMin)
    throw new AppError("weak_password", `A password has at least ${accessLimits.passwordLengthMin} characters.`);
  if (length > accessLimits.passwordLengthMax)
    throw new AppError("weak_password", `A password has at most ${accessLimits.passwordLengthMax} characters.`);
  const plain = password.normalize("NFKC").toLowerCase();
  if (commonPasswords.has(plain) || new Set(plain).size < 4)
    throw new AppError("weak_password", "This password is on the lists that attackers try first.");
  const own = about.flatMap((word) => [word, word.split("@")[0] ?? ""]).map((word) => word.trim().toLowerCase());
  if (own.some((word) => word.length >= 3 && plain.replace(word, "").length < 4))
    throw new AppError("weak_password", "The password is little more than your name or address.");
}

/** The argon2id hash of a password, in PHC form. Throws `overloaded` when too many wait. */
export async function hashPassword(password: string): Promise<string> {
  return oneOfFew(() => hash(password.normalize("NFKC"), parameters));
}

/** Whether a password fits its hash. Without a hash (unknown or disabled account, no password yet) it takes as long and says no. */
export async function passwordFits(passwordHash: string | null, password: string): Promise<boolean> {
  const fits = await oneOfFew(() => verify(passwordHash ?? nobodysHash, password.normalize("NFKC")));
  return fits && passwordHash !== null;
}

async function oneOfFew<T>(work: () => Promise<T>): Promise<T> {
  if (running >= HASHINGS_MAX) {
    if (waiting.length >= WAITING_MAX)
      throw new AppError("overloaded", "Too many sign-ins at once.", { retryAfterSeconds: 2 });
    await new Promise<void>((go) => waiting.push(go));
  } else running++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}
