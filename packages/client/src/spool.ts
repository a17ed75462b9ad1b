/** A place outside memory for events that could not be sent. `FileSpool` is one; others may keep them elsewhere. */
export interface Spool {
  /** Keeps events, one JSON document each. Resolves when they are on disk; false: there is no more room. */
  keep(lines: readonly string[]): Promise<boolean>;
  /** The oldest of what is kept, or undefined. */
  oldest(): Promise<SpooledBatch | undefined>;
}

export interface SpooledBatch {
  lines: string[];
  /** They were sent: forget them. */
  forget(): Promise<void>;
}
