/** new: never ran; up: the last run was in time and worked; late: due and not there, within its grace; down: failed or missed; paused. */
export const scheduleStates = ["new", "up", "late", "down", "paused"] as const;
export type ScheduleState = (typeof scheduleStates)[number];

/** What a schedule runs: a task; a job of the panel's own cron, which checks in; or house-keeping of Daybook itself. */
export const scheduleKinds = ["task", "monitored", "builtin"] as const;
export type ScheduleKind = (typeof scheduleKinds)[number];

/** Runs that were due while nobody could run them: none of them, one for all, or each. */
export const catchUpPolicies = ["skip", "once", "all"] as const;
export type CatchUpPolicy = (typeof catchUpPolicies)[number];

/** A run that is due while the one before still runs: leave it out, let it wait, or let both run. */
export const overlapPolicies = ["skip", "queue", "allow"] as const;
export type OverlapPolicy = (typeof overlapPolicies)[number];

/** skipped: left out by policy (the reason says which); missed: due and never there; lost: began and was never heard of again. */
export const runStates = ["waiting", "running", "succeeded", "failed", "missed", "skipped", "lost"] as const;
export type RunState = (typeof runStates)[number];

export const checkInStates = ["started", "succeeded", "failed"] as const;
export type CheckInState = (typeof checkInStates)[number];

/** Limits of schedules, each with its reason. */
export const scheduleLimits = {
  nameLengthMax: 100,
  /** Of one workspace: all of them are looked at in one go. */
  schedulesMax: 20_000,
  graceSecondsDefault: 300,
  graceSecondsMax: 30 * 24 * 3600,
  /** A year: what is said to have taken longer was counted with a clock that was set. */
  durationMsMax: 366 * 24 * 3600 * 1000,
  jitterSecondsMax: 3600,
  /** Output kept of a check-in; more belongs in lines of a task. What is cut is the middle. */
  outputBytesMax: 64 * 1024,
  /** Runs kept of one schedule; of house-keeping, 200. Their tasks and events are kept apart from that. */
  runsKept: 5_000,
  /** Runs that `all` makes up for at most, so that a week's silence of an every-minute schedule does not flood the queue. */
  catchUpMax: 1_000,
} as const;
