import type { Chance } from "./chance.ts";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** How busy each hour is, in UTC; the customers live mostly in Europe, some in the Americas and Asia. */
const customerHours = [5, 3, 2, 2, 2, 3, 5, 9, 13, 15, 16, 16, 15, 15, 16, 18, 21, 25, 29, 31, 29, 22, 14, 8];
const officeHours = [0, 0, 0, 0, 0, 0, 2, 12, 24, 28, 28, 22, 18, 24, 26, 24, 16, 6, 2, 1, 1, 1, 0, 0];

export type Rhythm = (atMs: number) => number;

/** Customers play in the evening, and more so at the weekend. */
export const customerRhythm: Rhythm = (atMs) => {
  const day = new Date(atMs).getUTCDay();
  return hourWeight(customerHours, atMs) * (day === 0 || day === 6 ? 1.3 : 1);
};

/** Staff work on weekdays; somebody is on duty at the weekend. */
export const officeRhythm: Rhythm = (atMs) => {
  const day = new Date(atMs).getUTCDay();
  return hourWeight(officeHours, atMs) * (day === 0 || day === 6 ? 0.12 : 1);
};

/** Machines do not sleep. */
export const evenRhythm: Rhythm = () => 1;

/** Nightly work: between 2 and 5 o'clock. */
export const nightRhythm: Rhythm = (atMs) => {
  const hour = new Date(atMs).getUTCHours();
  return hour >= 2 && hour < 5 ? 1 : 0;
};

/** An endless source of times between two moments that follows a rhythm. */
export function timesOf(rhythm: Rhythm, fromMs: number, toMs: number, chance: Chance): () => number {
  const ends: number[] = [];
  let total = 0;
  for (let at = fromMs; at < toMs; at += HOUR) {
    total += rhythm(at);
    ends.push(total);
  }
  return () => {
    const mark = chance.next() * total;
    let low = 0;
    let high = ends.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ends[middle] ?? 0) > mark) high = middle;
      else low = middle + 1;
    }
    return Math.min(toMs - 1, fromMs + low * HOUR + Math.floor(chance.next() * HOUR));
  };
}

function hourWeight(hours: readonly number[], atMs: number): number {
  return hours[new Date(atMs).getUTCHours()] ?? 0;
}
