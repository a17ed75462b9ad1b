/** Distinct values that are counted; later ones are left out, so that a file of a million addresses stays bounded. */
const VALUES_MAX = 100_000;

/** Counts how often values occur. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(value: string | undefined | null, times = 1): void {
    if (value === undefined || value === null) return;
    const count = this.#counts.get(value);
    if (count !== undefined) this.#counts.set(value, count + times);
    else if (this.#counts.size < VALUES_MAX) this.#counts.set(value, times);
  }

  /** The commonest values first; equal ones by name. */
  top(limit: number): [value: string, count: number][] {
    return [...this.#counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, limit);
  }

  get size(): number {
    return this.#counts.size;
  }
}
