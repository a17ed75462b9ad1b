import { z } from "zod";

/** Something that is wrong with the platform's operation, as it is now: what was found, since when, and how to mend it. */
export const findingSchema = z.object({
  code: z.string().describe("Which of the known faults it is, e.g. no_worker."),
  about: z.string().optional().describe("The schedule, task or type that it is about."),
  severity: z.enum(["warning", "critical"]),
  title: z.string(),
  found: z.string().describe("What was seen, with figures."),
  mend: z.string().describe("What to do, in words."),
  command: z.string().optional().describe("The same as a command or a line to copy."),
  screens: z.array(z.enum(["tasks", "schedules", "activity"])).describe("Where it matters."),
  link: z.string().optional().describe("The page of the console behind it, from the workspace on."),
});

export type Finding = z.infer<typeof findingSchema>;
