/** What verification can find. `seq` is the first event that does not fit; null when no single event can be named. */
export interface VerifyFault {
  seq: number | null;
  kind: FaultKind;
  /** A sentence for the person who has to act on it. */
  what: string;
}

export type FaultKind =
  /** An event of the log is not stored. */
  | "missing"
  /** Two events are stored under one seq. */
  | "duplicate"
  /** What is stored of an event is not what was logged. */
  | "changed"
  /** The event of another place stands here. */
  | "swapped"
  /** A column that is derived from others, or cannot hold such a value, does not fit. */
  | "column"
  /** The stored tree does not fit the events. */
  | "tile"
  /** The head of the log does not fit what is stored. */
  | "head"
  /** The log ends before events of which a checkpoint was given out. */
  | "truncated"
  /** A checkpoint that was given out does not fit the log, or is not authentic. */
  | "checkpoint"
  /** The counts kept on write do not fit the events. */
  | "counts";

/** The fault with the lowest seq; those that name no event come last. */
export function firstOf(faults: readonly VerifyFault[]): VerifyFault | undefined {
  const place = (fault: VerifyFault): number => fault.seq ?? Number.POSITIVE_INFINITY;
  return [...faults].sort((one, other) => place(one) - place(other))[0];
}

/** "event 5", or "events 5 to 9". */
export function eventsText(from: number, to: number): string {
  return from === to ? `event ${from}` : `events ${from} to ${to}`;
}
