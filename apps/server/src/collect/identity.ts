import { hash } from "node:crypto";

/**
 * A UUID that the same content always gets (RFC 9562 section 5.8, version 8): the first 48 bits are the time in ms, so
 * that neighbours in time are neighbours in the index, the other 74 are the SHA-256 of the content.
 */
export function contentId(atMs: number, content: string): string {
  const time = Math.max(0, atMs).toString(16).padStart(12, "0").slice(-12);
  const digest = hash("sha256", content, "hex");
  const variant = "89ab".charAt(Number.parseInt(digest.charAt(3), 16) & 3);
  return `${time.slice(0, 8)}-${time.slice(8)}-8${digest.slice(0, 3)}-${variant}${digest.slice(4, 7)}-${digest.slice(7, 19)}`;
}

/** Identical lines further apart than this many distinct ones are taken for the same line. */
const KEYS_MAX = 50_000;

/**
 * Numbers identical lines: two equal lines of one second are two events, while the same line of a second reading gets
 * the same number again. It forgets the least recently seen, so that memory stays bounded.
 */
export class Occurrences {
  readonly #seen = new Map<string, { at: number; times: number }>();

  /** 1 for the first time `key` is seen, then 2, 3… */
  next(key: string, at: number): number {
    const entry = this.#seen.get(key);
    const times = (entry?.times ?? 0) + 1;
    if (entry) this.#seen.delete(key);
    this.#seen.set(key, { at, times });
    if (this.#seen.size > KEYS_MAX) {
      for (const oldest of this.#seen.keys()) {
        this.#seen.delete(oldest);
        break;
      }
    }
    return times;
  }

  /** Forgets all but the keys of one instant: what a file that goes on in the same second must still know. */
  keepOnly(at: number): void {
    for (const [key, entry] of this.#seen) if (entry.at !== at) this.#seen.delete(key);
  }

  clear(): void {
    this.#seen.clear();
  }
}
