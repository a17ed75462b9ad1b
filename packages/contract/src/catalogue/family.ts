import type { Kind, Severity } from "../event.ts";

/** What an entry adds to its sentence, severity and kind. */
export interface EntryExtras {
  /** Field names whose values are secrets in this action alone, e.g. the value of a startup variable. */
  sensitive?: readonly string[];
  /** Whole sentence for an attempt that failed, where "could not …" does not read well. */
  failure?: string;
  /** Whole sentence for an attempt that was denied, where "was not allowed to …" does not read well. */
  denied?: string;
}

/** One action: its sentence, and what differs from the family (`info`, the family's kind). */
export type ActionEntry =
  | string
  | readonly [says: string, severity?: Severity, kind?: Kind | undefined, extras?: EntryExtras];

/** Actions that share their first segment. The key of an entry is the rest of the action's name.
 *
 *  Severity: `info` is routine, `low` a change of settings, `medium` takes something or someone's access away,
 *  `high` destroys customers' data, opens or weakens a door, `critical` touches the evidence. */
export interface ActionFamily {
  category: string;
  /** Heading of the family in a list. */
  title: string;
  /** What a missing target is called, e.g. "a server". */
  noun: string;
  kind: Kind;
  actions: { readonly [rest: string]: ActionEntry };
}
