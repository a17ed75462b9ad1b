import { attackLimits } from "@daybook/contract";
import { type LogSearch, readLogSearch } from "../../lib/range.ts";

/** What the address of the brute-force page says. */
export interface AttackSearch extends LogSearch {
  by?: "account";
  /** So many failures make an attack … */
  min?: number;
  /** … within so many minutes. */
  minutes?: number;
}

export function readAttackSearch(search: Record<string, unknown>): AttackSearch {
  const { range, from, to } = readLogSearch(search);
  const read: AttackSearch = { ...(range && { range }), ...(from && { from }), ...(to && { to }) };
  if (search.by === "account") read.by = "account";
  const min = whole(search.min, attackLimits.minMax);
  const minutes = whole(search.minutes, attackLimits.minutesMax);
  if (min !== undefined && min > 1) read.min = min;
  if (minutes !== undefined) read.minutes = minutes;
  return read;
}

function whole(value: unknown, most: number): number | undefined {
  const number = Number(value);
  return Number.isInteger(number) && number >= 1 && number <= most ? number : undefined;
}
