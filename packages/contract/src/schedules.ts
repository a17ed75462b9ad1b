import { z } from "zod";
import { targetSchema } from "./event.ts";
import { limits } from "./limits.ts";
import {
  catchUpPolicies,
  checkInStates,
  overlapPolicies,
  runStates,
  scheduleKinds,
  scheduleLimits,
  scheduleStates,
} from "./schedule-terms.ts";
import { taskLimits } from "./task-terms.ts";
import { taskTypeName } from "./tasks.ts";

export * from "./schedule-terms.ts";

const time = z.string().describe("RFC 3339, UTC, milliseconds");

export const scheduleName = z
  .string()
  .max(scheduleLimits.nameLengthMax)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    "is not the name of a schedule: letters, digits, dots, _ and -, e.g. nightly-backup",
  );

/** The task that a schedule makes at each of its times. */
export const scheduledTaskSchema = z.strictObject({
  type: taskTypeName,
  title: z.string().trim().min(1).max(taskLimits.titleLengthMax).optional(),
  payload: z.json().optional(),
  targets: z.array(targetSchema).max(limits.targetsMax).optional(),
  node: z.string().min(1).max(limits.stringLengthMax).optional(),
});

/** A schedule as it is set (`PUT /schedules/:name`). With `task` Daybook runs it; without, it is monitored: something else runs it and checks
 *  in. */
export const scheduleInputSchema = z.strictObject({
  description: z.string().max(500).optional(),
  cron: z.string().min(1).max(200).describe("Five fields, or six with seconds first; @daily and the like."),
  timeZone: z.string().min(1).max(64).default("UTC").describe("An IANA time zone."),
  task: scheduledTaskSchema.optional(),
  graceSeconds: z
    .number()
    .int()
    .min(0)
    .max(scheduleLimits.graceSecondsMax)
    .default(scheduleLimits.graceSecondsDefault)
    .describe("How late a run may be before the schedule is down."),
  maxRunSeconds: z
    .number()
    .int()
    .min(1)
    .max(scheduleLimits.graceSecondsMax)
    .optional()
    .describe("A run that was not heard of for so long is lost. Left out, a day."),
  catchUp: z.enum(catchUpPolicies).default("once"),
  overlap: z.enum(overlapPolicies).default("skip"),
  jitterSeconds: z
    .number()
    .int()
    .min(0)
    .max(scheduleLimits.jitterSecondsMax)
    .default(0)
    .describe("Each run begins up to so much later, evenly spread."),
  paused: z.boolean().default(false),
});

export const scheduleChangeSchema = z.strictObject({ paused: z.boolean() });

/** One run: a time that was due, or one that was asked for by hand, and what came of it. */
export const scheduleRunSchema = z.object({
  id: z.string(),
  dueAt: time.optional().describe("Absent if it was asked for by hand or came of itself."),
  state: z.enum(runStates),
  reason: z.string().optional().describe("Why it was skipped, missed, lost or failed."),
  startedAt: time.optional(),
  finishedAt: time.optional(),
  durationMs: z.number().int().optional(),
  exitCode: z.number().int().optional(),
  output: z.string().optional().describe("What was sent with the check-in, or the last lines of the task."),
  taskId: z.string().optional(),
  slow: z.literal(true).optional().describe("It took more than twice the p95 of the runs before it."),
});

export const scheduleSchema = scheduleInputSchema.extend({
  name: z.string(),
  kind: z.enum(scheduleKinds),
  state: z.enum(scheduleStates),
  stateReason: z.string().describe("Why it is in this state, in words."),
  inWords: z.string().describe("The cron expression in plain English, with its zone."),
  source: z.enum(["api", "config", "builtin"]),
  nextRunAt: time.optional(),
  lastRun: scheduleRunSchema.optional(),
  recentRuns: z.array(scheduleRunSchema).describe("The last twenty, the newest first; without output."),
  successRate: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("Of its last 100 runs: of those within thirty days that ended, how many worked."),
  usualMs: z.number().int().optional().describe("The p95 of its last runs."),
});

export const checkInSchema = z.strictObject({
  state: z.enum(checkInStates),
  runId: z
    .uuid()
    .optional()
    .describe("Of the sender's choosing, the same for start and finish; left out, the run under way is meant."),
  exitCode: z.number().int().min(-1).max(255).optional(),
  durationMs: z.number().int().min(0).max(scheduleLimits.durationMsMax).optional(),
  output: z.string().optional(),
  at: z.iso
    .datetime({ offset: true })
    .refine((at) => Date.parse(at) >= 0, "is before 1970")
    .optional()
    .describe("When it happened, for check-ins that are sent later."),
});

/** A time at which a schedule will run. */
export const upcomingRunSchema = z.object({ name: z.string(), at: time, kind: z.enum(scheduleKinds) });

/** What a cron expression means: in words, and the next times at which it is due. */
export const schedulePreviewSchema = z.object({ inWords: z.string(), nextRuns: z.array(time) });

export type ScheduledTask = z.infer<typeof scheduledTaskSchema>;
export type ScheduleInput = z.input<typeof scheduleInputSchema>;
export type ScheduleSettings = z.infer<typeof scheduleInputSchema>;
export type ScheduleRun = z.infer<typeof scheduleRunSchema>;
export type Schedule = z.infer<typeof scheduleSchema>;
export type CheckIn = z.infer<typeof checkInSchema>;
export type UpcomingRun = z.infer<typeof upcomingRunSchema>;
export type SchedulePreview = z.infer<typeof schedulePreviewSchema>;
