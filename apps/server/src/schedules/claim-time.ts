import type { PoolClient } from "pg";
import { insertRuns } from "./run-store.ts";
import { runState, type ScheduleRow } from "./schedule-row.ts";
import { lastTimes, nextTime } from "./schedule-times.ts";
import { howLong } from "./state.ts";
import { missedRun, moveOf, moveSchedules } from "./watch.ts";

/** How much before its time a run may begin and still be that of its time: clocks differ. Half the way from the time before at most. */
const EARLY_MS = 60_000;

/** Of times that were passed over so many are kept as missed runs. */
const MISSED_KEPT = 20;

export interface ClaimedTime {
  /** Undefined: it came of itself. */
  dueMs?: number;
  /** The missed run whose time it is: it has come after all. */
  missedId?: string;
  reason?: string;
}

/**
 * The due time of a run that began at a moment: the last one before it (or a little after it) that has no run yet. The schedule, which the
 * caller has locked, moves on behind it; times in between were missed.
 */
export async function claimTime(
  client: PoolClient,
  schedule: ScheduleRow,
  startedMs: number,
  nowMs: number,
): Promise<ClaimedTime> {
  const candidate = nearestTime(schedule, startedMs);
  if (candidate === undefined) return { reason: "It came at no due time." };
  const next = schedule.next_run_at?.getTime();
  if (next !== undefined && candidate >= next) {
    const { graceSeconds, jitterSeconds } = schedule.settings;
    const grace = (graceSeconds + jitterSeconds) * 1_000;
    const passed = lastTimes(schedule.settings, candidate - 1, MISSED_KEPT).filter((time) => time >= next);
    const last = passed.length - 1;
    await insertRuns(
      client,
      passed.map((time, index) => ({
        ...missedRun(schedule, time, grace, nowMs, index === last),
        reason: "Nothing checked in before the next run began.",
      })),
    );
    await moveSchedules(client, [moveOf(schedule, nextTime(schedule.settings, candidate))]);
    return { dueMs: candidate, ...lateness(candidate, startedMs, grace) };
  }
  return claimMissed(client, schedule, candidate, startedMs);
}

/** The time that a moment belongs to: the last one at or before it, or the next one if that is near. */
function nearestTime(schedule: ScheduleRow, startedMs: number): number | undefined {
  const before = lastTimes(schedule.settings, startedMs, 1)[0];
  const after = nextTime(schedule.settings, startedMs);
  if (after === undefined) return before;
  const allowed = Math.min(EARLY_MS, before === undefined ? EARLY_MS : (after - before) / 2);
  if (after - startedMs <= allowed) return after;
  return before;
}

async function claimMissed(
  client: PoolClient,
  schedule: ScheduleRow,
  dueMs: number,
  startedMs: number,
): Promise<ClaimedTime> {
  const { rows } = await client.query<{ id: string }>(
    `select id from schedule_run
      where workspace_id = $1 and name = $2 and due_at = $3 and state = ${runState("missed")} and started_at is null for update`,
    [schedule.workspace_id, schedule.name, new Date(dueMs).toISOString()],
  );
  const missedId = rows[0]?.id;
  if (missedId === undefined) return { reason: "It came at no due time." };
  return { dueMs, missedId, ...lateness(dueMs, startedMs, schedule.settings.graceSeconds * 1_000) };
}

function lateness(dueMs: number, startedMs: number, graceMs: number): { reason?: string } {
  return startedMs - dueMs <= graceMs ? {} : { reason: `It began ${howLong(startedMs - dueMs)} after its time.` };
}
