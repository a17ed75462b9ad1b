import { z } from "zod";
import { lineStreams, taskLimits } from "./task-terms.ts";

const time = z.string().describe("RFC 3339, UTC, milliseconds");

export const taskLineInputSchema = z.strictObject({
  at: z.iso.datetime({ offset: true }).optional(),
  stream: z.enum(lineStreams).default("out"),
  text: z.string().describe("One line. Line breaks in it make it several; longer ones are cut."),
});

/** One line, many, or `{ lines, from }`: `from` is the number of the first line among those of this attempt, from 0, as the sender counts
 *  (line breaks in a text count). It makes a batch that is sent twice be stored once. */
export const newTaskLinesSchema = z.union([
  taskLineInputSchema,
  z.array(taskLineInputSchema).min(1).max(taskLimits.linesMax),
  z.strictObject({
    lines: z.array(taskLineInputSchema).min(1).max(taskLimits.linesMax),
    from: z.number().int().min(0),
  }),
]);

export const taskLineSchema = z.object({
  n: z.number().int().describe("Place in the output, from 0."),
  at: time,
  stream: z.enum(lineStreams),
  attempt: z.number().int(),
  text: z.string(),
});

export const taskLinesSchema = z.object({
  items: z.array(taskLineSchema),
  folded: z
    .object({ from: z.number().int(), count: z.number().int() })
    .optional()
    .describe("Lines of the middle that are no longer kept."),
  total: z.number().int().describe("Lines that the task has written."),
});

/** The answer to lines that were sent. */
export const storedLinesSchema = z.object({
  stored: z.number().int().describe("Lines that were stored, once texts are split at line breaks."),
  duplicates: z.number().int().describe("Lines that were there already."),
  next: z.number().int().describe("`from` of the next batch: the number of lines of this attempt."),
  total: z.number().int().describe("Lines that the task has written, over all attempts."),
});

export type TaskLineInput = z.input<typeof taskLineInputSchema>;
export type TaskLine = z.infer<typeof taskLineSchema>;
export type StoredLines = z.infer<typeof storedLinesSchema>;
export type TaskLines = z.infer<typeof taskLinesSchema>;
