/** However often a task was tried, it is tried again within the hour, unless its first wait is longer than that. */
const MOST_MS = 3_600_000;

/**
 * How long a task waits after an attempt (from 1) that failed, in milliseconds: `firstSeconds`, doubled each time. Attempts that a handler
 * asked for count here too, so there is no end to their number.
 */
export function backoffAfter(attempt: number, firstSeconds: number): number {
  const firstMs = firstSeconds * 1_000;
  return Math.min(Math.max(MOST_MS, firstMs), firstMs * 2 ** Math.min(attempt - 1, 20));
}
