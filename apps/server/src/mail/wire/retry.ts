import { mailLimits } from "@daybook/contract";

const MINUTE_MS = 60_000;
/** Before the second try, the third, … The first are short: most faults are, and greylisting asks for a few minutes. */
const WAITS = [1, 2, 5, 15, 30, 60];
/** A clock that jumps ahead by a day gives up nothing that was hardly tried. */
const TRIES_MIN = 8;

/** How long to wait after so many tries came to nothing, give or take a tenth, so that what failed together does not come back together. */
export function waitAfter(tries: number, random = Math.random()): number {
  const minutes = WAITS[Math.min(tries, WAITS.length) - 1] ?? 1;
  return Math.round(minutes * MINUTE_MS * (0.9 + 0.2 * random));
}

/** Whether a mail is given up: it has been tried often enough for long enough. */
export function isExpired(tries: number, firstTryAtMs: number, nowMs: number): boolean {
  return tries >= TRIES_MIN && nowMs - firstTryAtMs >= mailLimits.retryHours * 60 * MINUTE_MS;
}
