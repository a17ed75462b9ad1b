/** The states of a task, in the order in which the database numbers them. The first two are open, the others final. */
export const taskStatuses = ["pending", "running", "completed", "failed", "cancelled"] as const;
export type TaskStatus = (typeof taskStatuses)[number];

/** Who runs a task: the panel, which reports it; or Daybook, by a handler, a call to the panel or a command. */
export const taskExecutors = ["reported", "handler", "endpoint", "command"] as const;
export type TaskExecutor = (typeof taskExecutors)[number];

export const lineStreams = ["out", "err"] as const;
export type LineStream = (typeof lineStreams)[number];

/** What happens to a task, each an event of the log: `task.<happening>`. */
export const taskHappenings = [
  "created",
  "started",
  "completed",
  "failed",
  "cancelled",
  "retried",
  "lost",
  "timed_out",
  "retry_requested",
  "cancel_requested",
] as const;
export type TaskHappening = (typeof taskHappenings)[number];

/** Limits of tasks, each with its reason. */
export const taskLimits = {
  /** As an action's name. */
  typeLengthMax: 100,
  titleLengthMax: 300,
  /** The payload, the result and the error's details as JSON: bigger things belong in a file, with a link here. */
  payloadBytesMax: 64 * 1024,
  /** A message has to fit on a screen. */
  errorLengthMax: 4_000,
  /** One line of output; what is longer is cut, and says so. */
  lineLengthMax: 8_192,
  /** Lines in one request: they share one transaction. */
  linesMax: 5_000,
  /** The body that brings them: it is read whole. */
  linesBytesMax: 4 * 1024 * 1024,
  /** Lines kept of one task. Of longer outputs the middle is folded: the beginning says what was tried, the end how it went. */
  linesKept: 100_000,
  linesHeadKept: 20_000,
  /** Lines in one answer. */
  linesPageMax: 5_000,
  /** Attempts of one task, those asked for by hand included. */
  attemptsMax: 100,
  /** Tasks that one bulk act takes in. */
  bulkTasksMax: 100_000,
  /** A worker that did not show a sign of life for so long has lost its task. */
  heartbeatSeconds: 10,
  /** How long a handler may take unless its type says otherwise. */
  timeoutSecondsDefault: 900,
  timeoutSecondsMax: 7 * 24 * 3600,
  retriesMax: 25,
  concurrencyMax: 200,
} as const;
