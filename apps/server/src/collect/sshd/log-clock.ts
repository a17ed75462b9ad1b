import { isWallTime, type WallTime, type Zone } from "../zone.ts";

const DAY_MS = 24 * 3_600_000;
/** A clock or a zone may be off by so much: a later reading belongs to the year before. */
const AHEAD_MS = 36 * 3_600_000;
const HALF_YEAR_MS = 183 * DAY_MS;
/** Feb 29 needs a leap year; there is always one in this many. */
const YEARS_BACK_MAX = 8;

const monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** 1 to 12, or 0 for no month. */
export function monthNumber(name: string): number {
  return monthNames.indexOf(name) + 1;
}

/**
 * Gives times to lines that carry no year (RFC 3164) or no zone.
 * With a given year, the first line is of that year and each next line is of the year that puts it nearest to the line
 * before: January after December is the next year. Without one, each line is of the latest year that does not lie
 * after the file's own time.
 */
export class LogClock {
  readonly #zone: Zone;
  readonly #givenYear: number | undefined;
  #latestMs: number;
  #previous: number | undefined;
  /** Years that were inferred, for the operator to see. */
  readonly inferredYears = new Set<number>();

  constructor(zone: Zone, givenYear: number | undefined, latestMs: number) {
    this.#zone = zone;
    this.#givenYear = givenYear;
    this.#latestMs = latestMs;
  }

  /** Goes on with the next file: of the same series with what was learnt, else afresh. */
  nextFile(latestMs: number, sameSeries: boolean): void {
    this.#latestMs = latestMs;
    if (!sameSeries) this.#previous = undefined;
  }

  /** The instant of a reading in the log's zone; undefined when there is no such day or hour. */
  at(wall: WallTime): number | undefined {
    if (!isWallTime(wall)) return undefined;
    const at = this.#zone.instant(wall, this.#previous);
    this.#previous = at;
    return at;
  }

  /** The same for a reading without a year. */
  atUnknownYear(reading: Omit<WallTime, "year">): number | undefined {
    return this.#givenYear === undefined ? this.#inferred(reading) : this.#nearest(reading, this.#givenYear);
  }

  #nearest(reading: Omit<WallTime, "year">, firstYear: number): number | undefined {
    if (this.#previous === undefined) return this.at({ ...reading, year: firstYear });
    const year = new Date(this.#previous).getUTCFullYear();
    const roughly = Date.UTC(year, reading.month - 1, reading.day, reading.hour);
    const away = roughly - this.#previous;
    return this.at({ ...reading, year: away < -HALF_YEAR_MS ? year + 1 : away > HALF_YEAR_MS ? year - 1 : year });
  }

  #inferred(reading: Omit<WallTime, "year">): number | undefined {
    const latest = this.#latestMs + AHEAD_MS;
    const lastYear = new Date(latest).getUTCFullYear();
    for (let year = lastYear; year > lastYear - YEARS_BACK_MAX; year--) {
      const wall = { ...reading, year };
      if (!isWallTime(wall)) continue;
      const at = this.#zone.instant(wall, this.#previous);
      if (at > latest) continue;
      this.#previous = at;
      this.inferredYears.add(year);
      return at;
    }
    return undefined;
  }
}
