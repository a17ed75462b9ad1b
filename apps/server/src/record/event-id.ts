import { randomFillSync } from "node:crypto";

/** Random bytes are drawn in bulk: one call into the kernel for some hundred ids. */
const pool = Buffer.allocUnsafe(16_384);
let used = pool.length;

/** So many random bytes as hex, cryptographically strong. */
export function randomHex(bytes: number): string {
  const from = draw(bytes);
  return pool.toString("hex", from, from + bytes);
}

/** So many random bytes, cryptographically strong. */
export function randomOf(bytes: number): Buffer {
  const from = draw(bytes);
  return Buffer.from(pool.subarray(from, from + bytes));
}

/** Where in the pool so many bytes lie that nobody was given. */
function draw(bytes: number): number {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return used - bytes;
}

/** A UUIDv7 (RFC 9562 5.7): 48 bits of milliseconds, then random. */
export function newId(nowMs: number): string {
  const time = nowMs.toString(16).padStart(12, "0");
  const random = randomHex(10);
  const variant = ((Number.parseInt(random[3] ?? "0", 16) & 3) | 8).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(7, 19)}`;
}
