import type { Pool } from "pg";
import { addSteps, percentileOf, stepsOf } from "./durations.ts";

/** Times of the last days say what is usual. */
const DAYS = 14;
/** Fewer runs say nothing. */
const RUNS_MIN = 5;
const BELIEVED_MS = 60_000;

/** How long tasks of a type usually take: the p95 of the last days, by workspace and type. */
export class UsualTimes {
  readonly #db: Pool;
  readonly #clock: () => number;
  readonly #read = new Map<number, { times: Promise<ReadonlyMap<string, number>>; untilMs: number }>();

  constructor(db: Pool, clock: () => number) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Milliseconds by type; types without enough runs are left out. */
  of(workspaceId: number): Promise<ReadonlyMap<string, number>> {
    const known = this.#read.get(workspaceId);
    if (known !== undefined && known.untilMs > performance.now()) return known.times;
    const times = this.#readAll(workspaceId);
    this.#read.set(workspaceId, { times, untilMs: performance.now() + BELIEVED_MS });
    times.catch(() => this.#read.delete(workspaceId));
    return times;
  }

  async #readAll(workspaceId: number): Promise<ReadonlyMap<string, number>> {
    const since = new Date(this.#clock() - DAYS * 86_400_000);
    const { rows } = await this.#db.query<{ type: string; durations: string }>(
      "select type, durations::text from task_hour where workspace_id = $1 and hour >= $2",
      [workspaceId, since],
    );
    const steps = new Map<string, number[]>();
    for (const row of rows) steps.set(row.type, addSteps(steps.get(row.type) ?? [], stepsOf(row.durations)));
    const times = new Map<string, number>();
    for (const [type, counts] of steps) {
      const runs = counts.reduce((sum, count) => sum + count, 0);
      const p95 = percentileOf(counts, 0.95);
      if (runs >= RUNS_MIN && p95 !== undefined) times.set(type, p95);
    }
    return times;
  }
}
