import { actorTypes } from "@daybook/contract";
import type { EventRow } from "./event-row.ts";
import { commitmentsOf, erasedCommitments, type LeafGroup, withErased } from "./leaf.ts";
import { termsOf } from "./terms.ts";

/** What stands in `summary`, which is never null, once it was erased. */
export const ERASED_SUMMARY = "[erased]";

/** The columns of each group as they are once the group was erased. An erased actor is "anonymous". */
const blankColumns: Record<LeafGroup, Partial<EventRow>> = {
  who: {
    actorType: actorTypes.indexOf("anonymous"),
    actorId: null,
    actorName: null,
    actorEmail: null,
    auth: null,
    asn: null,
    ip: null,
    country: null,
    network: null,
    browser: null,
    os: null,
    sessionId: null,
    requestId: null,
    userAgent: null,
  },
  whom: {
    onBehalfOf: null,
    targetType: null,
    targetId: null,
    targetName: null,
    targetOwnerId: null,
    moreTargets: null,
  },
  what: { changes: null, details: null },
  summary: { summary: ERASED_SUMMARY },
};

/**
 * The row without the values and the salts of some groups, and with commitments in their place: the leaf hash is the same
 * as before, so every proof still holds. Groups that the event does not have, or that were erased before, stay as they are.
 */
export function eraseGroups(row: EventRow, groups: readonly LeafGroup[]): EventRow {
  const commitments = commitmentsOf(row);
  const erased = erasedCommitments(row.salts) ?? {};
  const changed: EventRow = { ...row };
  for (const group of groups) {
    const commitment = commitments[group];
    if (commitment === null) continue;
    erased[group] = commitment;
    Object.assign(changed, blankColumns[group]);
  }
  changed.salts = withErased(row.salts, erased);
  changed.terms = termsOf(changed);
  return changed;
}

/**
 * What is wrong with the erased groups of a row, if anything: a group may carry its commitment only when it is empty, else
 * its columns could hold anything.
 */
export function erasureFault(row: EventRow): string | undefined {
  const erased = erasedCommitments(row.salts);
  if (erased === undefined) return "salts are not written as they must be";
  for (const group of Object.keys(erased) as LeafGroup[]) {
    for (const [column, blank] of Object.entries(blankColumns[group])) {
      if (row[column as keyof EventRow] !== blank) return `${group} is marked as erased but has ${column}`;
    }
  }
  return undefined;
}
