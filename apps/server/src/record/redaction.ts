import type { EventInput } from "@daybook/contract";
import { RedactionRules } from "./redaction-rules.ts";
import { RedactionRun } from "./redaction-run.ts";

export { RedactionRules } from "./redaction-rules.ts";

/** The names that come with Daybook, and no others. */
export const defaultRedactionRules = new RedactionRules();

const nothing: ReadonlyMap<string, number> = new Map();
const noNames: readonly string[] = [];

/** The members of an event that hold text of others. Ids, times and enumerations have a form of their own. */
const parts = ["actor", "onBehalfOf", "targets", "project", "origin", "reason", "changes", "details"] as const;

export interface Redaction {
  /** The event without secrets: the same object when it held none. */
  event: EventInput;
  /** How often each rule struck. */
  counts: ReadonlyMap<string, number>;
}

/**
 * Takes the secrets out of an event before anything stores or shows it: by the names of fields at any depth, and by what a
 * value looks like in every string. `sensitive` lists names that are secret in this action alone. Never changes what it is given.
 *
 * Measured with Node 24.21 on 2 shared cores, 2026-11-21: 2.0 µs of processor time for an event of 1.1 kB with names, a user agent, two
 * changes and nested details and no secret in it (the usual case), 20,000 different ones in a round.
 */
export function redactEvent(
  event: EventInput,
  rules: RedactionRules,
  sensitive: readonly string[] = noNames,
): Redaction {
  const run = new RedactionRun(rules, sensitive);
  let copy = event;
  for (const part of parts) {
    if (event[part] === undefined) continue;
    const clean = run.part(part, event[part]);
    if (clean === event[part]) continue;
    if (copy === event) copy = { ...event };
    (copy as Record<string, unknown>)[part] = clean;
  }
  return { event: copy, counts: run.counts ?? nothing };
}
