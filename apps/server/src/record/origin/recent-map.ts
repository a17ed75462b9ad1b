/**
 * A bounded cache of what was asked for lately, in two generations: when the young one is full it becomes the old one and
 * the old one is dropped; a hit in the old one moves the entry up. So a hit costs one Map lookup and no reordering
 * (an LRU that deletes and re-inserts at each hit costs three times as much), and what is in use stays.
 */
export class RecentMap<K, V extends object> {
  readonly #generationMax: number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  /** `entriesMax` bounds both generations together. */
  constructor(entriesMax: number) {
    this.#generationMax = Math.max(1, Math.floor(entriesMax / 2));
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    if (this.#young.size >= this.#generationMax && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }

  /** Entries held; one that was moved up is counted twice until its old generation is dropped. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
