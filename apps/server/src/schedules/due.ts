import { type CatchUpPolicy, type OverlapPolicy, scheduleLimits } from "@daybook/contract";
import { lastTimes, nextTime, startOf, type TimeRule, timesBetween } from "./schedule-times.ts";

/** A run that begins so soon after its time is not a late one: a restart takes as long. What is older falls under catch-up. */
export const ON_TIME_MS = 60_000;

/** Of many times that were left out so many are kept as runs of their own; the oldest of them says how many there were before. */
const SKIPPED_KEPT = 20;

/** Times looked at when not each of them is to be made up: those of ON_TIME_MS and some. */
const LOOKED_AT = 100;

/** Runs that may wait for the one before; what comes on top is left out. */
export const WAITING_MAX = 100;

export interface DueQuestion extends TimeRule {
  name: string;
  catchUp: CatchUpPolicy;
  overlap: OverlapPolicy;
  jitterSeconds: number;
  /** The first time that was not considered yet. */
  dueMs: number;
  nowMs: number;
  /** Whether a run is under way, and how many wait. */
  open: boolean;
  waiting: number;
}

export interface DueRun {
  dueMs: number;
  act: "start" | "wait" | "skip" | "fail";
  /** Why it is left out, or made up for. */
  reason?: string;
}

export interface DueAnswer {
  /** The earliest first. */
  runs: DueRun[];
  /** How many times are not among the runs, because too many were missed; they lie before the first run. */
  unlisted: number | "many";
  /** The next time that was not considered, and when its run begins; undefined if there is none. */
  next: { dueMs: number; startMs: number } | undefined;
}

/**
 * What becomes of the times that are due by now. Each time is considered once: the answer says where the next question begins.
 *  1. Find the times from the first that was not considered until now; each begins with its jitter.
 *  2. Those of the last minute are in time. Older ones were missed: nobody was there to run them.
 *  3. Missed ones follow the catch-up policy: none, one for all (unless one in time does for it), or each.
 *  4. What is to run follows the overlap policy. Made-up runs wait for each other unless overlap is allowed.
 */
export function considerDue(question: DueQuestion): DueAnswer {
  const { times, unlisted } = dueTimes(question);
  const inTime = times.filter((time) => startAt(question, time) > question.nowMs - ON_TIME_MS);
  const missed = times.slice(0, times.length - inTime.length);
  const plans = [...planMissed(question, missed, inTime.length > 0), ...inTime.map((dueMs): Plan => ({ dueMs }))];
  const { kept, dropped } = foldSkipped(plans);
  const hidden = unlisted === "many" ? unlisted : unlisted + dropped;
  const runs = withOverlap(question, kept);
  return { runs: saySummary(runs, hidden, question.dueMs), unlisted: hidden, next: nextOf(question, times.at(-1)) };
}

/** A time with what was decided of it: left out or made up, with the reason. */
interface Plan {
  dueMs: number;
  skip?: string;
  makeUp?: string;
}

function startAt(question: DueQuestion, dueMs: number): number {
  return startOf(question.name, question, dueMs, question.jitterSeconds);
}

function dueTimes(question: DueQuestion): { times: number[]; unlisted: number | "many" } {
  const { dueMs, nowMs, catchUp } = question;
  const most = catchUp === "all" ? scheduleLimits.catchUpMax : LOOKED_AT;
  const walked = timesBetween(question, dueMs - 1, nowMs, most + 1);
  const begun = (times: number[]): number[] => times.filter((time) => startAt(question, time) <= nowMs);
  if (walked.length <= most) return { times: begun(walked), unlisted: 0 };
  return { times: begun(lastTimes(question, nowMs, most)), unlisted: "many" };
}

function planMissed({ catchUp }: DueQuestion, missed: readonly number[], oneInTime: boolean): Plan[] {
  const late = "nobody was there to run it in time";
  return missed.map((dueMs, index): Plan => {
    if (catchUp === "all") return { dueMs, makeUp: `Made up: ${late}.` };
    if (catchUp === "skip") return { dueMs, skip: `Left out: ${late} (catch-up: skip).` };
    if (index === missed.length - 1 && !oneInTime) return { dueMs, makeUp: `Made up: ${late}.` };
    return { dueMs, skip: `Left out: ${late}, and a later run does for it (catch-up: once).` };
  });
}

/** Of the times that are left out the last ones are kept. */
function foldSkipped(plans: readonly Plan[]): { kept: Plan[]; dropped: number } {
  const dropped = Math.max(0, plans.filter(({ skip }) => skip !== undefined).length - SKIPPED_KEPT);
  // They come first: what is left out for being late is older than all that runs.
  return { kept: plans.slice(dropped), dropped };
}

function withOverlap({ overlap, open, waiting }: DueQuestion, plans: readonly Plan[]): DueRun[] {
  let busy = open || waiting > 0;
  let queued = waiting;
  return plans.map(({ dueMs, skip, makeUp }): DueRun => {
    if (skip !== undefined) return { dueMs, act: "skip", reason: skip };
    const reason = makeUp === undefined ? {} : { reason: makeUp };
    if (!busy || overlap === "allow") {
      busy = true;
      return { dueMs, act: "start", ...reason };
    }
    if (overlap === "skip" && makeUp === undefined)
      return { dueMs, act: "skip", reason: "Left out: the run before was still under way (overlap: skip)." };
    queued += 1;
    if (makeUp === undefined && queued > WAITING_MAX)
      return { dueMs, act: "skip", reason: `Left out: ${WAITING_MAX} runs are waiting already.` };
    return { dueMs, act: "wait", ...reason };
  });
}

function saySummary(runs: DueRun[], hidden: number | "many", firstMs: number): DueRun[] {
  const [oldest, ...others] = runs;
  if (hidden === 0 || oldest === undefined) return runs;
  const count = hidden === "many" ? "All the times" : hidden === 1 ? "One time" : `${hidden} times`;
  const since = `${count} before it, from ${new Date(firstMs).toISOString().slice(0, 16)}Z, were left out as well.`;
  return [{ ...oldest, reason: [oldest.reason, since].filter(Boolean).join(" ") }, ...others];
}

function nextOf(question: DueQuestion, lastMs: number | undefined): DueAnswer["next"] {
  const dueMs = lastMs === undefined ? question.dueMs : nextTime(question, lastMs);
  return dueMs === undefined ? undefined : { dueMs, startMs: startAt(question, dueMs) };
}
