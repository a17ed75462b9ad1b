import { setTimeout } from "node:timers/promises";

interface Waiting<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Lets what comes while a transaction is under way share the next one. When a group fails, each of it is tried alone, so that one that cannot
 * be stored does not take the others with it.
 */
export class GroupCommit<Item, Result> {
  readonly #commit: (items: readonly Item[]) => Promise<Result[]>;
  readonly #most: number;
  readonly #spacingMs: number;
  #waiting: Waiting<Item, Result>[] = [];
  #running = false;
  #begunMs = -Infinity;

  /**
   * `commit` stores items in one transaction and gives a result for each, in their order. Groups begin at least `spacingMs` apart: for what
   * nobody waits for, so that groups are larger when much is to be stored; what comes alone is stored at once all the same.
   */
  constructor(commit: (items: readonly Item[]) => Promise<Result[]>, most: number, spacingMs = 0) {
    this.#commit = commit;
    this.#most = most;
    this.#spacingMs = spacingMs;
  }

  /** Resolves when the item is stored. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#running) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#running = true;
    // One turn of the event loop, so that what comes together shares the first transaction too.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const sinceMs = performance.now() - this.#begunMs;
      if (sinceMs < this.#spacingMs) await setTimeout(this.#spacingMs - sinceMs);
      this.#begunMs = performance.now();
      const group = this.#waiting.splice(0, this.#most);
      if (!(await this.#store(group)) && group.length > 1) for (const one of group) await this.#store([one]);
    }
    this.#running = false;
  }

  /** False if a group of more than one failed: nothing was told then. */
  async #store(group: readonly Waiting<Item, Result>[]): Promise<boolean> {
    try {
      const results = await this.#commit(group.map(({ item }) => item));
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
      return true;
    } catch (error) {
      if (group.length === 1) group[0]?.reject(error);
      return false;
    }
  }
}
