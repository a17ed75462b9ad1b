import type { EventInput } from "@daybook/contract";
import type { RecordWriter } from "../record/record.ts";

/** Events that share one append. */
const BATCH_EVENTS = 2_000;

export interface Filled {
  accepted: number;
  duplicates: number;
  /** All events were written; false when it was stopped. */
  whole: boolean;
}

export interface FillOptions {
  progress?: (done: number) => void;
  /** Stops after the batch under way; the next run goes on. */
  signal?: AbortSignal | undefined;
}

/**
 * Writes the events of a story in their order. What a run before this one wrote is a duplicate and not written again.
 * While one batch is committed the next is prepared; there are never more than two in flight.
 */
export async function fill(
  record: Pick<RecordWriter, "write">,
  workspaceId: number,
  events: readonly EventInput[],
  { progress, signal }: FillOptions = {},
): Promise<Filled> {
  const filled: Filled = { accepted: 0, duplicates: 0, whole: false };
  const write = async (batch: readonly EventInput[]): Promise<void> => {
    const { accepted, duplicates } = await record.write(workspaceId, batch);
    filled.accepted += accepted;
    filled.duplicates += duplicates;
    progress?.(filled.accepted + filled.duplicates);
  };
  let before: Promise<void> = Promise.resolve();
  for (let start = 0; start < events.length && !signal?.aborted; start += BATCH_EVENTS) {
    const current = write(events.slice(start, start + BATCH_EVENTS));
    current.catch(() => {}); // Reported below, in its turn.
    await before;
    before = current;
  }
  await before;
  filled.whole = filled.accepted + filled.duplicates === events.length;
  return filled;
}
