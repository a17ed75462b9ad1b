import { hash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

const PREFIX = "dbk_";
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SECRET_BYTES = 32;
/** 62^43 > 2^256, so 32 bytes always fit in 43 digits; 62^6 > 2^32, so a CRC-32 fits in 6. */
const SECRET_DIGITS = 43;
const CHECKSUM_DIGITS = 6;
const SHOWN_DIGITS = 6;

const form = new RegExp(`^${PREFIX}[0-9A-Za-z]{${SECRET_DIGITS + CHECKSUM_DIGITS}}$`);

/** A new API key: `dbk_`, 43 base62 digits of 32 random bytes, 6 base62 digits of the CRC-32 of those 43. The checksum
 *  lets scanners and the server tell a real key from a look-alike or a mistyped one without a query. */
export function mintApiKey(): string {
  const secret = base62(BigInt(`0x${randomBytes(SECRET_BYTES).toString("hex")}`), SECRET_DIGITS);
  return PREFIX + secret + checksum(secret);
}

/** Whether a text has the form and the checksum of an API key. Says nothing about whether the key exists. */
export function isApiKey(text: string): boolean {
  if (!form.test(text)) return false;
  const secret = text.slice(PREFIX.length, PREFIX.length + SECRET_DIGITS);
  return text.endsWith(checksum(secret));
}

/** SHA-256 of the key, hex: what is stored and what the cache goes by. */
export function apiKeyHash(key: string): string {
  return hash("sha256", key, "hex");
}

/** The part that may be shown later, to tell keys apart: `dbk_` and six digits. */
export function apiKeyPrefix(key: string): string {
  return key.slice(0, PREFIX.length + SHOWN_DIGITS);
}

function checksum(secret: string): string {
  return base62(BigInt(crc32(secret)), CHECKSUM_DIGITS);
}

function base62(value: bigint, digits: number): string {
  let rest = value;
  let text = "";
  for (let i = 0; i < digits; i++) {
    text = DIGITS.charAt(Number(rest % 62n)) + text;
    rest /= 62n;
  }
  return text;
}
