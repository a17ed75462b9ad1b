/** Collects the parameters of one SQL statement; each one is named by its number in the text. */
export class Parameters {
  readonly values: unknown[] = [];

  /** Adds a value; gives its place in the text, e.g. `$3`. */
  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/** A LIKE pattern that stands for a pattern of the query language. */
export function likePattern(parts: readonly string[]): string {
  return parts.map((part) => part.replace(/[\\%_]/g, "\\$&")).join("%");
}

/** 0001-01-01 and 9999-12-31: times that both ISO 8601 with four digits and PostgreSQL know. */
const TIME_MIN_MS = -62_135_596_800_000;
const TIME_MAX_MS = 253_402_300_799_999;

/** A time for the database. */
export const timeText = (ms: number): string =>
  new Date(Math.min(Math.max(ms, TIME_MIN_MS), TIME_MAX_MS)).toISOString();
