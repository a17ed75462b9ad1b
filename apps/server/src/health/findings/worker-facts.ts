import type { Querier } from "../../access/staff-store.ts";
import { WORKER_ALIVE_SECONDS } from "../../tasks/stats.ts";

export interface WorkerFact {
  id: string;
  host: string;
  seenMs: number;
  types: readonly string[];
  slots: number;
  /** How much its clock is ahead of the database's. */
  skewMs: number;
}

export interface WorkerFacts {
  nowMs: number;
  alive: readonly WorkerFact[];
  /** The one that was seen last of those that ended without taking their leave. */
  lost: WorkerFact | undefined;
  /** How much the clock of the process that was asked is ahead of the database's, and what it may be wrong by. */
  serverSkewMs: number;
}

/** Readings of the clock: the one that took the shortest time is believed. */
const READINGS = 3;

/** The workers of all workspaces (they serve every one), and the clocks. */
export async function readWorkers(
  db: Querier,
  clock: () => number,
  now: (() => number) | undefined,
): Promise<WorkerFacts> {
  const { databaseMs, skewMs } = await readClock(db, clock);
  const nowMs = now?.() ?? databaseMs;
  const { rows } = await db.query<{
    id: string;
    host: string;
    seen_at: Date;
    types: string[];
    slots: number;
    clock_skew_ms: number;
  }>("select id, host, seen_at, types, slots, clock_skew_ms from task_worker order by seen_at desc");
  const workers = rows.map((row) => ({
    id: row.id,
    host: row.host,
    seenMs: Number(row.seen_at),
    types: row.types,
    slots: row.slots,
    skewMs: row.clock_skew_ms,
  }));
  const isAlive = (worker: WorkerFact): boolean => nowMs - worker.seenMs <= WORKER_ALIVE_SECONDS * 1_000;
  return {
    nowMs,
    alive: workers.filter(isAlive),
    lost: workers.find((worker) => !isAlive(worker)),
    serverSkewMs: skewMs,
  };
}

async function readClock(db: Querier, clock: () => number): Promise<{ databaseMs: number; skewMs: number }> {
  let best = { tookMs: Number.POSITIVE_INFINITY, databaseMs: 0, skewMs: 0 };
  for (let reading = 0; reading < READINGS; reading++) {
    const [before, began] = [clock(), performance.now()];
    const { rows } = await db.query<{ now: Date }>("select clock_timestamp() as now");
    const [after, tookMs] = [clock(), performance.now() - began];
    const databaseMs = Number(rows[0]?.now ?? after);
    if (tookMs < best.tookMs) best = { tookMs, databaseMs, skewMs: Math.round((before + after) / 2 - databaseMs) };
  }
  return best;
}
