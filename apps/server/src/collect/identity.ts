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

/** Identical lines with at least this many other ones between them are taken for the same line. */
const KEYS_MAX = 50_000;

/**
 * Numbers identical lines: two equal lines of one second are two events, while the same line of a second reading gets
 * the same number again. It forgets what was not seen for long, so that memory stays bounded.
 */
export class Occurrences {
  /** Two generations: when the young one is full the old one is dropped, which costs nothing by the line. */
  #young = new Map<string, { at: number; times: number }>();
  #old = new Map<string, { at: number; times: number }>();

  /** 1 for the first time `key` is seen, then 2, 3… */
  next(key: string, at: number): number {
    let entry = this.#young.get(key);
    if (entry === undefined) {
      entry = this.#old.get(key) ?? { at, times: 0 };
      if (this.#young.size >= KEYS_MAX) {
        this.#old = this.#young;
        this.#young = new Map();
      }
      this.#young.set(key, entry);
    }
    entry.times += 1;
    return entry.times;
  }

  /** Forgets all but the keys of one instant: what a file that goes on in the same second must still know. */
  keepOnly(at: number): void {
    const kept = [...this.#old, ...this.#young].filter(([, entry]) => entry.at === at);
    this.#young = new Map(kept);
    this.#old = new Map();
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
  }
}
