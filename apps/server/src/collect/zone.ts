import { AppError } from "@daybook/contract";

/** Offsets change on quarter hours at the finest, so one look-up serves a quarter hour of log. */
const QUARTER_MS = 15 * 60_000;
const DAY_MS = 24 * 3_600_000;
/** A log's lines may be this much out of order; a longer way back inside a repeated hour means its second pass. */
const DISORDER_MS = 60_000;
const BUCKETS_MAX = 10_000;

/** A wall clock's reading. */
export interface WallTime {
  year: number;
  /** 1 to 12 */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
}

/** A time zone that turns wall clock readings into instants: an IANA name (`Europe/Berlin`) or an offset (`+02:00`). */
export class Zone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  /** @throws AppError invalid_request for a name that is no zone */
  constructor(name: string) {
    this.name = name;
    try {
      this.#format = new Intl.DateTimeFormat("en-US", {
        timeZone: name,
        hourCycle: "h23",
        year: "numeric",
        month: "numeric",
        day: "numeric",
        hour: "numeric",
        minute: "numeric",
        second: "numeric",
      });
    } catch (cause) {
      throw new AppError("invalid_request", `${name} is not a time zone; try Europe/Berlin, UTC or +02:00.`, { cause });
    }
  }

  /**
   * The instant of a reading, ms since the epoch. A reading that the clock skipped in spring is moved on by the gap; one
   * that it showed twice in autumn is the first, unless `after` (the instant of the line before) is already past it.
   */
  instant(wall: WallTime, after?: number): number {
    const { year, month, day, hour, minute, second, ms } = wall;
    const local = Date.UTC(year, month - 1, day, hour, minute, second, ms);
    const before = this.#offsetAt(local - DAY_MS);
    const behind = this.#offsetAt(local + DAY_MS);
    const first = local - before;
    if (before === behind) return first;
    const repeated = local - behind;
    const firstHolds = this.#offsetAt(first) === before;
    const secondHolds = this.#offsetAt(repeated) === behind;
    if (firstHolds && secondHolds) return after !== undefined && first < after - DISORDER_MS ? repeated : first;
    return secondHolds && !firstHolds ? repeated : first;
  }

  #offsetAt(utcMs: number): number {
    const bucket = Math.floor(utcMs / QUARTER_MS);
    const known = this.#offsets.get(bucket);
    if (known !== undefined) return known;
    const at = bucket * QUARTER_MS;
    const part: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(at)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    const offset = Date.UTC(year, month - 1, day, hour, minute, second) - at;
    if (this.#offsets.size >= BUCKETS_MAX) this.#offsets.clear();
    this.#offsets.set(bucket, offset);
    return offset;
  }
}

/** Whether there is such a day and time (a leap second counts). */
export function isWallTime({ year, month, day, hour, minute, second }: WallTime): boolean {
  return (
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= new Date(Date.UTC(year, month, 0)).getUTCDate() &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 60
  );
}
