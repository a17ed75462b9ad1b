import {
  type Json,
  type RunState,
  runStates,
  type Schedule,
  type ScheduleKind,
  type ScheduleRun,
  type ScheduleSettings,
  scheduleKinds,
} from "@daybook/contract";
import { maskJson, maskText } from "../record/personal.ts";
import { inWords } from "./in-words.ts";
import { nextTime, startOf } from "./schedule-times.ts";
import { stateOf } from "./state.ts";

/** What is kept of a schedule as it was set. Whether it is paused has a column of its own. */
export type KeptSettings = Omit<ScheduleSettings, "paused">;

export type ScheduleSource = Schedule["source"];

/** A row of `schedule`, as pg gives it. */
export interface ScheduleRow {
  workspace_id: number;
  name: string;
  kind: number;
  source: ScheduleSource;
  settings: KeptSettings;
  paused: boolean;
  paused_at: Date | null;
  created_at: Date;
  next_run_at: Date | null;
  start_at: Date | null;
  deadline_at: Date | null;
}

/** A row of `schedule_run`; from inside JSON its times are texts. */
export interface RunRow {
  id: string;
  name: string;
  due_at: Date | string | null;
  state: number;
  reason: string | null;
  started_at: Date | string | null;
  finished_at: Date | string | null;
  duration_ms: number | null;
  exit_code: number | null;
  output?: string | null;
  task_id: string | null;
  slow: boolean;
  created_at: Date | string;
}

/** A schedule with what its last runs say. */
export interface ListedRow extends ScheduleRow {
  runs: RunRow[] | null;
  ended_count: number;
  succeeded_count: number;
  usual_ms: number | null;
}

export const kindOf = (row: Pick<ScheduleRow, "kind">): ScheduleKind => scheduleKinds[row.kind] ?? "task";
export const kindNumber = (kind: ScheduleKind): number => scheduleKinds.indexOf(kind);
export const runState = (state: RunState): number => runStates.indexOf(state);

/** States of runs that came to an end which counts; what policy left out does not. */
export const endedStates = (["succeeded", "failed", "missed", "lost"] as const).map(runState);

/** Runs that a schedule is shown with. */
export const RECENT_RUNS = 20;

/** The three times of a schedule that its next due time gives. Daybook starts tasks (`start_at`) and looks out for check-ins
 *  (`deadline_at`); its own house-keeping has a clock of its own. */
export function timesOf(
  name: string,
  kind: ScheduleKind,
  settings: KeptSettings,
  dueMs: number | undefined,
): { nextRunAt: string | null; startAt: string | null; deadlineAt: string | null } {
  if (dueMs === undefined) return { nextRunAt: null, startAt: null, deadlineAt: null };
  const text = (ms: number): string => new Date(ms).toISOString();
  return {
    nextRunAt: text(dueMs),
    startAt: kind === "task" ? text(startOf(name, settings, dueMs, settings.jitterSeconds)) : null,
    deadlineAt: kind === "monitored" ? text(dueMs + (settings.jitterSeconds + settings.graceSeconds) * 1_000) : null,
  };
}

/** The times of a schedule whose next due time is the first one after a moment. */
export function timesAfter(name: string, kind: ScheduleKind, settings: KeptSettings, afterMs: number) {
  return timesOf(name, kind, settings, nextTime(settings, afterMs));
}

/** A schedule as the API shows it, with its state as of now. */
export function toSchedule(row: ListedRow, nowMs: number, personal = true): Schedule {
  const runs = row.runs ?? [];
  const recent = runs.slice(0, RECENT_RUNS);
  const kind = kindOf(row);
  const told = stateOf({
    kind,
    pausedMs: row.paused ? (row.paused_at ?? row.created_at).getTime() : undefined,
    graceSeconds: row.settings.graceSeconds,
    next: nextOf(row, kind),
    ended: endedOf(runs),
    open: openOf(runs),
    nowMs,
  });
  const last =
    recent.find((run) => run.state !== runState("skipped") && run.state !== runState("waiting")) ?? recent[0];
  return {
    ...(personal ? row.settings : (maskJson(row.settings as Json) as unknown as KeptSettings)),
    paused: row.paused,
    name: row.name,
    kind,
    state: told.state,
    stateReason: personal ? told.reason : maskText(told.reason),
    inWords: inWords(row.settings),
    source: row.source,
    ...(row.next_run_at === null ? {} : { nextRunAt: row.next_run_at.toISOString() }),
    ...(last === undefined ? {} : { lastRun: toRun(last, personal) }),
    recentRuns: recent.map((run) => toRun(run, personal)),
    ...(row.ended_count === 0 ? {} : { successRate: row.succeeded_count / row.ended_count }),
    ...(row.usual_ms === null ? {} : { usualMs: row.usual_ms }),
  };
}

/** A run as the API shows it; without `personal`, no addresses of people in its texts. */
export function toRun(row: RunRow, personal = true): ScheduleRun {
  const text = (value: string): string => (personal ? value : maskText(value));
  const time = (value: Date | string): string => new Date(value).toISOString();
  return {
    id: row.id,
    ...(row.due_at === null ? {} : { dueAt: time(row.due_at) }),
    state: runStates[row.state] ?? "running",
    ...(row.reason === null ? {} : { reason: text(row.reason) }),
    ...(row.started_at === null ? {} : { startedAt: time(row.started_at) }),
    ...(row.finished_at === null ? {} : { finishedAt: time(row.finished_at) }),
    ...(row.duration_ms === null ? {} : { durationMs: row.duration_ms }),
    ...(row.exit_code === null ? {} : { exitCode: row.exit_code }),
    ...(row.output === null || row.output === undefined ? {} : { output: text(row.output) }),
    ...(row.task_id === null ? {} : { taskId: row.task_id }),
    ...(row.slow ? { slow: true as const } : {}),
  };
}

function nextOf(row: ListedRow, kind: ScheduleKind): { dueMs: number; startMs: number } | undefined {
  if (row.next_run_at === null) return undefined;
  const dueMs = row.next_run_at.getTime();
  // A job of the panel's own cron may be spread by the panel: it has so much longer.
  const jitter = kind === "monitored" ? row.settings.jitterSeconds * 1_000 : 0;
  return { dueMs, startMs: row.start_at?.getTime() ?? dueMs + jitter };
}

function endedOf(runs: readonly RunRow[]) {
  const run = runs.find((each) => endedStates.includes(each.state));
  if (run === undefined) return undefined;
  return {
    state: runStates[run.state] ?? "succeeded",
    atMs: new Date(run.due_at ?? run.started_at ?? run.created_at).getTime(),
    durationMs: run.duration_ms ?? undefined,
    reason: run.reason ?? undefined,
  };
}

function openOf(runs: readonly RunRow[]) {
  const run = runs.findLast((each) => each.state === runState("running"));
  if (run === undefined) return undefined;
  return {
    dueMs: run.due_at === null ? undefined : new Date(run.due_at).getTime(),
    createdMs: new Date(run.created_at).getTime(),
    startedMs: run.started_at === null ? undefined : new Date(run.started_at).getTime(),
  };
}
