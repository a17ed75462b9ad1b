import { z } from "zod";

/** What can be found wrong, each with its part in docs/guides/diagnosis.md. */
export const findingCodes = [
  "no_worker",
  "task_stuck",
  "handler_missing",
  "callback_failing",
  "teller_behind",
  "ticker_dead",
  "cron_silent",
  "schedule_never_ran",
  "schedule_down",
  "mail_no_transport",
  "mail_transport_failing",
  "mail_waiting",
  "mail_template_broken",
  "clock_skew",
] as const;
export type FindingCode = (typeof findingCodes)[number];

/** Something that is wrong with the platform's operation, as it is now: what was found, since when, and how to mend it. */
export const findingSchema = z.object({
  code: z.enum(findingCodes).describe("Which of the known faults it is, e.g. no_worker."),
  about: z
    .string()
    .optional()
    .describe("The schedule, task or type that it is about. Code and about together are unique."),
  severity: z.enum(["warning", "critical"]),
  title: z.string(),
  found: z.string().describe("What was seen, with figures."),
  mend: z.string().describe("What to do, in words."),
  command: z.string().optional().describe("The same as a command or a line to copy."),
  screens: z.array(z.enum(["tasks", "schedules", "activity", "mail"])).describe("Where it matters."),
  link: z.string().optional().describe("The page of the console behind it, from the workspace on."),
});

export const findingsSchema = z.object({ items: z.array(findingSchema).describe("The worst first.") });

export type Finding = z.infer<typeof findingSchema>;
