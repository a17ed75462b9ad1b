import type { RunState, ScheduleKind, ScheduleState } from "@daybook/contract";

/** So long after its time a run that Daybook starts itself is not called late yet: the ticker looks every second. */
const TICKER_MS = 10_000;

/** What the state of a schedule is told from. Times in milliseconds. */
export interface StateFacts {
  kind: ScheduleKind;
  pausedMs: number | undefined;
  graceSeconds: number;
  /** The time that is due next, and when its run begins; undefined if none is. */
  next: { dueMs: number; startMs: number } | undefined;
  /** The last run that came to an end or was missed; what policy left out does not count. */
  ended: { state: RunState; atMs: number; durationMs?: number | undefined; reason?: string | undefined } | undefined;
  /** The run that is under way, the oldest of several. `startedMs` is undefined while its task waits for a worker. */
  open: { dueMs: number | undefined; createdMs: number; startedMs: number | undefined } | undefined;
  nowMs: number;
}

export interface ToldState {
  state: ScheduleState;
  /** Why, as a sentence. */
  reason: string;
}

/**
 * The state of a schedule and why, told from what there is now: nothing has to run for a schedule to be seen as late or down.
 *  1. Paused is paused.
 *  2. A time that is past and has no run: late within its grace, then down. So is a run that waits for a worker.
 *  3. Else the last run tells: it worked (up), or failed, was missed or was lost (down).
 *  4. Without one the schedule is new.
 */
export function stateOf(facts: StateFacts): ToldState {
  const { pausedMs, nowMs } = facts;
  if (pausedMs !== undefined) return { state: "paused", reason: `Paused since ${clock(pausedMs)}.` };
  return overdue(facts) ?? waitingForWorker(facts) ?? byLastRun(facts, nowMs);
}

function overdue({ kind, next, graceSeconds, nowMs }: StateFacts): ToldState | undefined {
  if (next === undefined) return undefined;
  const allowed = kind === "task" ? TICKER_MS : 0;
  if (nowMs <= next.startMs + allowed) return undefined;
  const what = { task: "was not started", monitored: "did not check in", builtin: "was not made" }[kind];
  const hint = kind === "monitored" ? "" : " Does a server with the role worker run?";
  const deadline = next.startMs + graceSeconds * 1_000;
  if (nowMs > deadline && nowMs > next.startMs + allowed)
    return { state: "down", reason: `The run of ${clock(next.dueMs)} ${what} by ${clock(deadline)}.${hint}` };
  const left = howLong(deadline - nowMs);
  return {
    state: "late",
    reason: `The run of ${clock(next.dueMs)} ${what} yet; ${left} of its grace are left.${hint}`,
  };
}

function waitingForWorker({ open, graceSeconds, nowMs }: StateFacts): ToldState | undefined {
  if (open === undefined || open.startedMs !== undefined) return undefined;
  const since = nowMs - open.createdMs;
  if (since <= TICKER_MS) return undefined;
  const reason = `Its run has been waiting for a worker for ${howLong(since)}.`;
  return { state: since > graceSeconds * 1_000 ? "down" : "late", reason };
}

function byLastRun({ ended, open, kind }: StateFacts, nowMs: number): ToldState {
  const running = open?.startedMs === undefined ? "" : ` One has been running for ${howLong(nowMs - open.startedMs)}.`;
  if (ended === undefined)
    return open === undefined
      ? { state: "new", reason: kind === "monitored" ? "It has not checked in yet." : "It has not run yet." }
      : { state: "new", reason: `It runs for the first time.${running}` };
  const took = ended.durationMs === undefined ? "" : ` in ${howLong(ended.durationMs)}`;
  const because = ended.reason === undefined ? "" : `: ${ended.reason.replace(/[.\s]+$/, "")}`;
  if (ended.state === "succeeded")
    return { state: "up", reason: `The run of ${clock(ended.atMs)} succeeded${took}.${running}` };
  const verb = { missed: "was missed", lost: "was lost", failed: "failed" }[ended.state as string] ?? ended.state;
  return { state: "down", reason: `The run of ${clock(ended.atMs)} ${verb}${because}.${running}` };
}

/** 2026-11-20 02:00 UTC */
export function clock(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** 450 ms, 12 s, 4 minutes, 3 hours, 2 days. */
export function howLong(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} minutes`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} hours`;
  return `${Math.round(seconds / 86_400)} days`;
}
