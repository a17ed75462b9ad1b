import { erasureFault } from "../erasure.ts";
import type { EventRow } from "../event-row.ts";
import { SALT_DIGITS, SALTS_DIGITS } from "../leaf.ts";
import { eachTerm, termHash, termsOf } from "../terms.ts";
import { type BinaryRow, columns, type StoredRow } from "./binary-row.ts";

const NO_SALT = "0".repeat(SALT_DIGITS);
const SALT_BYTES = SALT_DIGITS / 2;

/**
 * What is wrong with the columns of a stored row that the leaf hash does not cover, in words; undefined when nothing is. Together
 * with the leaf hash no column can be changed unseen: search terms, salts of absent groups, targets without a main target, JSON
 * that is not JSON.
 */
export function rowFault({ row, fault }: StoredRow): string | undefined {
  if (fault !== undefined) return fault;
  if (row.salts.length === SALTS_DIGITS) {
    if (row.targetType === null && row.onBehalfOf === null && saltOf(row, 1) !== NO_SALT) return straySalt("whom");
    if (row.changes === null && row.details === null && saltOf(row, 2) !== NO_SALT) return straySalt("what");
  } else {
    const erased = erasureFault(row);
    if (erased !== undefined) return erased;
  }
  if (row.targetType === null && !noTarget(row)) return "there are columns of a target, but no target_type";
  try {
    const terms = termsOf(row);
    const fit = terms.length === row.terms.length && terms.every((term, place) => term === row.terms[place]);
    return fit ? undefined : "the search terms (terms) are not those of the other columns";
  } catch {
    return "a JSON column (on_behalf_of, more_targets, changes, details) is not JSON";
  }
}

/** Whether a row that has all its salts keeps the rules of `rowFault`, as far as they are not about the search terms. */
export function isOrderly(row: BinaryRow): boolean {
  const salts = row.starts[columns.salts] as number;
  const target = row.has(columns.targetType);
  const more = [columns.targetId, columns.targetName, columns.targetOwnerId, columns.moreTargets];
  if (!target && more.some((field) => row.has(field))) return false;
  if (!target && !row.has(columns.onBehalfOf) && !isZero(row.bytes, salts + SALT_BYTES)) return false;
  if (row.has(columns.changes) || row.has(columns.details)) return true;
  return isZero(row.bytes, salts + 2 * SALT_BYTES);
}

/** Keys of terms that the row should have by its columns but has not: they show which columns were changed. */
export function missingTerms(row: EventRow): string[] {
  const missing = new Set<string>();
  try {
    eachTerm(row, (key, value) => {
      if (!row.terms.includes(termHash(key, value))) missing.add(key);
    });
  } catch {
    // Not JSON: said elsewhere.
  }
  return [...missing];
}

function isZero(bytes: Uint8Array, start: number): boolean {
  for (let at = start; at < start + SALT_BYTES; at++) if (bytes[at] !== 0) return false;
  return true;
}

function saltOf(row: EventRow, group: number): string {
  return row.salts.slice(group * SALT_DIGITS, (group + 1) * SALT_DIGITS);
}

function straySalt(group: string): string {
  return `salts holds a salt for ${group}, which the event does not have`;
}

function noTarget(row: EventRow): boolean {
  return row.targetId === null && row.targetName === null && row.targetOwnerId === null && row.moreTargets === null;
}
