import type { ScheduleKind, UpcomingRun } from "@daybook/contract";
import type { Querier } from "../access/staff-store.ts";
import { kindNumber, kindOf, type ScheduleRow } from "./schedule-row.ts";
import { scheduleColumns } from "./schedule-store.ts";
import { nextTime } from "./schedule-times.ts";

/** Runs in one answer: more cannot be drawn. */
const RUNS_MAX = 5_000;

/**
 * The times at which schedules of some kinds will run within some hours, the soonest first; `complete` is false if there are more. The next time of each
 * schedule is known; whichever is the soonest is taken, and its schedule's time after it is put in its place. So no more times are worked
 * out than are shown, however many schedules there are.
 */
export async function upcomingRuns(
  db: Querier,
  workspaceId: number,
  { hours, kinds }: { hours: number; kinds: readonly ScheduleKind[] },
  nowMs: number,
): Promise<{ runs: UpcomingRun[]; complete: boolean }> {
  const { rows } = await db.query<ScheduleRow>(
    `select ${scheduleColumns} from schedule where workspace_id = $1 and next_run_at is not null and kind = any($2::smallint[])
      order by next_run_at, name limit ${RUNS_MAX + 1}`,
    [workspaceId, kinds.map(kindNumber)],
  );
  const untilMs = nowMs + hours * 3_600_000;
  const heap = new Soonest();
  for (const row of rows) {
    // One that is overdue is not to come any more.
    const known = row.next_run_at?.getTime() ?? 0;
    const ms = known > nowMs ? known : nextTime(row.settings, nowMs);
    if (ms !== undefined) heap.add({ ms, row });
  }
  const runs: UpcomingRun[] = [];
  for (let first = heap.take(); first !== undefined && first.ms <= untilMs; first = heap.take()) {
    if (runs.length === RUNS_MAX) return { runs, complete: false };
    const { ms, row } = first;
    runs.push({ name: row.name, at: new Date(ms).toISOString(), kind: kindOf(row) });
    const next = nextTime(row.settings, ms);
    if (next !== undefined) heap.add({ ms: next, row });
  }
  return { runs, complete: true };
}

interface Coming {
  ms: number;
  row: ScheduleRow;
}

/** A binary heap: gives the soonest first, of the same time by name. */
class Soonest {
  readonly #items: Coming[] = [];

  add(item: Coming): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  take(): Coming | undefined {
    const items = this.#items;
    this.#swap(0, items.length - 1);
    const first = items.pop();
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < items.length && this.#isBefore(child, least)) least = child;
      if (least === at) return first;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#items[one] as Coming, this.#items[other] as Coming];
    return a.ms < b.ms || (a.ms === b.ms && a.row.name < b.row.name);
  }

  #swap(one: number, other: number): void {
    if (one === other || other < 0) return;
    const items = this.#items;
    [items[one], items[other]] = [items[other] as Coming, items[one] as Coming];
  }
}
