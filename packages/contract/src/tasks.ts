import { z } from "zod";
import { actorSchema, targetSchema } from "./event.ts";
import { limits } from "./limits.ts";
import { taskExecutors, taskHappenings, taskLimits, taskStatuses } from "./task-terms.ts";

export * from "./task-lines.ts";
export * from "./task-terms.ts";

const time = z.string().describe("RFC 3339, UTC, milliseconds");
const inTime = z.iso.datetime({ offset: true });
const name = z.string().min(1).max(limits.stringLengthMax);

export const taskTypeName = z
  .string()
  .max(taskLimits.typeLengthMax)
  .regex(
    /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/,
    "is not a task type: lower case, digits, _ and -, parts with dots, e.g. instance.deploy",
  );

/** The person for whom a task is done. */
export const taskUserSchema = z.strictObject({ id: name, name: name.optional() });

const title = z.string().trim().min(1).max(taskLimits.titleLengthMax);
const progress = z.number().min(0).max(100).describe("Percent; kept as a whole number.");
const message = z.string().min(1).max(taskLimits.errorLengthMax);

/** Why a task failed. */
export const taskErrorSchema = z.strictObject({
  message,
  code: z.string().max(100).optional().describe("For machines, e.g. image_not_found."),
  details: z.json().optional(),
});

/** A task as it is made (`POST /tasks`). */
export const newTaskSchema = z.strictObject({
  id: z
    .uuidv7()
    .optional()
    .describe("Makes the call idempotent: the same id again answers with the task that is there."),
  type: taskTypeName,
  title: title.optional().describe("Left out, it is made from the type and the main target."),
  status: z
    .enum(["pending", "running"])
    .optional()
    .describe("Of a task that the panel runs itself: running if it has begun. Left out, pending."),
  targets: z.array(targetSchema).max(limits.targetsMax).optional().describe("The instance first."),
  node: name.optional().describe("The hypervisor or node on which it runs."),
  user: taskUserSchema.optional(),
  project: name.optional(),
  payload: z.json().optional().describe("What the handler needs; secrets in it are redacted in what is shown."),
  runAt: inTime.optional().describe("Not before this time. Only for tasks that Daybook runs."),
  scheduleName: name.optional(),
  actor: actorSchema.optional().describe("Who asked for it; left out, whoever makes the call."),
});

/** What a panel, or a handler, says about a task under way (`PATCH /tasks/:id`). */
export const taskChangeSchema = z
  .strictObject({
    status: z.enum(["running", "completed", "failed", "cancelled"]).optional(),
    progress: progress.optional(),
    title: title.optional(),
    node: name.optional(),
    result: z.json().optional(),
    error: z
      .union([message.transform((text) => ({ message: text })), taskErrorSchema])
      .optional()
      .describe("A text, or message, code and details."),
    at: inTime
      .refine((at) => Date.parse(at) >= 0, "is before 1970")
      .optional()
      .describe("When it happened; left out, now."),
  })
  .refine(
    (change) => Object.keys(change).length > 0,
    "Name at least one of status, progress, title, node, result and error.",
  );

/** What somebody asked of the panel that runs the task, and how far that is. */
export const taskRequestSchema = z.object({
  act: z.enum(["retry", "cancel"]),
  state: z
    .enum(["waiting", "answered", "failed"])
    .describe(
      "waiting: for the panel to take it; answered: it was taken; failed: it gave no answer in time, or refused.",
    ),
  askedAt: time,
  tries: z.number().int(),
  nextTryAt: time.optional(),
  answer: z.string().optional().describe("What the panel said last: its status, or what went wrong."),
});

export const taskSchema = z.object({
  id: z.string(),
  type: z.string(),
  title: z.string(),
  status: z.enum(taskStatuses),
  progress: z.number().int(),
  executor: z.enum(taskExecutors),
  targets: z.array(targetSchema),
  node: z.string().optional(),
  user: taskUserSchema.optional(),
  project: z.string().optional(),
  scheduleName: z.string().optional(),
  parentId: z.string().optional().describe("The task of which this one is a part, e.g. a bulk retry."),
  attempt: z.number().int().describe("1 for the first."),
  attemptsMax: z.number().int().describe("Beyond it Daybook does not try again by itself."),
  retryable: z.boolean().describe("The type is idempotent, so a failed task may be tried again."),
  queuedAt: time,
  runAt: time.optional(),
  startedAt: time.optional().describe("Of this attempt."),
  finishedAt: time.optional(),
  durationMs: z.number().int().optional().describe("Of this attempt, until it finished."),
  lineCount: z.number().int(),
  lastLine: z.string().optional(),
  worker: z.string().optional().describe("Who holds it, or held it."),
  heartbeatAt: time.optional(),
  usualMs: z.number().int().optional().describe("The p95 of the type over the last days."),
  slow: z.literal(true).optional().describe("It takes more than twice its usual time."),
  error: taskErrorSchema.optional(),
  request: taskRequestSchema.optional(),
});

/** What happened to a task, each with its event in the log. */
export const taskHappeningSchema = z.object({
  happening: z.enum(taskHappenings),
  at: time,
  attempt: z.number().int(),
  eventId: z.string(),
  by: z.string().optional().describe("The name of whoever did it."),
  note: z.string().optional(),
});

export const taskAttemptSchema = z.object({
  attempt: z.number().int(),
  status: z.enum(taskStatuses),
  queuedAt: time,
  startedAt: time.optional(),
  finishedAt: time.optional(),
  durationMs: z.number().int().optional(),
  worker: z.string().optional(),
  error: taskErrorSchema.optional(),
});

export const taskDetailSchema = taskSchema.extend({
  payload: z.json().optional(),
  result: z.json().optional(),
  attempts: z.array(taskAttemptSchema),
  happenings: z.array(taskHappeningSchema),
});

/** Filters of a list of tasks; values of one filter are alternatives, with commas. */
export const taskFilter = {
  type: z.string().max(2_000).optional().describe("Types with commas; instance.* for all that begin so."),
  status: z
    .string()
    .max(200)
    .optional()
    .describe(`Of ${taskStatuses.join(", ")}, with commas.`),
  user: name.optional().describe("The id of the user."),
  target: name.optional().describe("type/id of any of its targets, e.g. server/srv-1."),
  node: name.optional(),
  schedule: name.optional(),
  parent: z.guid().optional(),
  slow: z.enum(["true"]).optional().describe("Only running ones that take more than twice their usual time."),
  q: z
    .string()
    .max(limits.queryLengthMax)
    .optional()
    .describe("Text in title, type, names, error and payload, in any case."),
  from: inTime.optional().describe("Queued at this time or later."),
  to: inTime.optional().describe("Queued before this time."),
};
export const taskFilterSchema = z.strictObject(taskFilter);

/** What is to be done with every task that a filter finds, as a task of its own. */
export const newTaskBatchSchema = z.strictObject({ act: z.enum(["retry", "cancel"]), filter: taskFilterSchema });

/** How Daybook runs tasks of a type, or asks for a reported one (`PUT /task-types/:type`). */
export const taskTypeSettingsSchema = z.strictObject({
  title: title.optional().describe("The type in words, e.g. Deploy a server."),
  idempotent: z.boolean().default(false).describe("Running it twice does no harm: only then it is ever tried again."),
  retries: z
    .number()
    .int()
    .min(0)
    .max(taskLimits.retriesMax)
    .default(0)
    .describe("Further attempts that Daybook makes by itself."),
  backoffSeconds: z.number().min(0).max(86_400).default(5).describe("Before the first of them; doubled each time."),
  timeoutSeconds: z.number().int().min(1).max(taskLimits.timeoutSecondsMax).default(taskLimits.timeoutSecondsDefault),
  concurrency: z
    .number()
    .int()
    .min(1)
    .max(taskLimits.concurrencyMax)
    .default(5)
    .describe("Tasks of the type that one worker runs at a time."),
  endpoint: z
    .url()
    .max(2_000)
    .optional()
    .describe("Daybook runs the type by calling this address of the panel (POST, signed)."),
  callback: z
    .url()
    .max(2_000)
    .optional()
    .describe("Where retry and cancel of a reported task are asked for (POST, signed)."),
});

export const taskTypeSchema = taskTypeSettingsSchema.extend({
  type: z.string(),
  executor: z.enum(taskExecutors),
  source: z.enum(["seen", "api", "config", "handler"]).describe("Where it is defined; seen: only tasks of it were."),
  secretSince: time
    .optional()
    .describe("Since when calls to the panel are signed with the secret that was shown once."),
  open: z.number().int().describe("Pending and running."),
});

/** Durations, failures and load of a range of time. */
export const taskStatsSchema = z.object({
  bucketMs: z.number().int(),
  buckets: z.array(
    z.object({
      start: time,
      finished: z.number().int(),
      failed: z.number().int(),
      cancelled: z.number().int(),
      p50Ms: z.number().int().optional(),
      p95Ms: z.number().int().optional(),
      busyMs: z.number().int().describe("Time that tasks of the bucket ran, all together."),
    }),
  ),
  types: z.array(
    z.object({
      type: z.string(),
      finished: z.number().int(),
      failed: z.number().int(),
      p50Ms: z.number().int().optional(),
      p95Ms: z.number().int().optional(),
    }),
  ),
  now: z.object({
    pending: z.number().int(),
    running: z.number().int(),
    oldestPendingAt: time.optional(),
    slots: z.number().int().describe("Tasks that the workers alive could run at a time."),
    workers: z.number().int(),
  }),
});

export type NewTask = z.input<typeof newTaskSchema>;
export type TaskChange = z.infer<typeof taskChangeSchema>;
export type TaskChangeInput = z.input<typeof taskChangeSchema>;
export type TaskError = z.infer<typeof taskErrorSchema>;
export type TaskRequest = z.infer<typeof taskRequestSchema>;
export type Task = z.infer<typeof taskSchema>;
export type TaskAttempt = z.infer<typeof taskAttemptSchema>;
export type TaskDetail = z.infer<typeof taskDetailSchema>;
export type TaskFilter = z.infer<typeof taskFilterSchema>;
export type TaskTypeSettings = z.infer<typeof taskTypeSettingsSchema>;
export type TaskType = z.infer<typeof taskTypeSchema>;
export type TaskStats = z.infer<typeof taskStatsSchema>;
