import { outcomes } from "@daybook/contract";
import type { PoolClient } from "pg";
import type { VerifyFault } from "./fault.ts";

const HOUR_MS = 3_600_000;
const OUTCOMES = 4;

/** Events by hour and outcome as they were read, against the counts that are kept on write. */
export class CountCheck {
  readonly #hours = new Map<number, number>();

  add(hours: readonly [key: number, events: number][]): void {
    for (const [key, events] of hours) this.#hours.set(key, (this.#hours.get(key) ?? 0) + events);
  }

  /** The first hour, in the order of time, whose count is not what was read. */
  async compare(client: PoolClient, workspaceId: number): Promise<VerifyFault[]> {
    const { rows } = await client.query<{ hour: string; outcome: number; events: string | number }>(
      `select floor(extract(epoch from hour) / 3600)::text as hour, outcome, events
       from event_count_hour where workspace_id = $1`,
      [workspaceId],
    );
    const wrong = new Map(this.#hours);
    for (const row of rows) {
      const key = Number(row.hour) * OUTCOMES + row.outcome;
      const difference = (wrong.get(key) ?? 0) - Number(row.events);
      if (difference === 0) wrong.delete(key);
      else wrong.set(key, difference);
    }
    const [first] = [...wrong.keys()].sort((one, other) => one - other);
    if (first === undefined) return [];
    const hour = new Date(Math.floor(first / OUTCOMES) * HOUR_MS).toISOString();
    const outcome = outcomes[((first % OUTCOMES) + OUTCOMES) % OUTCOMES] ?? "unknown";
    const difference = wrong.get(first) ?? 0;
    const what = `The count of events with outcome ${outcome} in the hour from ${hour} is off by ${Math.abs(difference)}; the events themselves are as they were logged.`;
    return [{ seq: null, kind: "counts", what }];
  }
}
