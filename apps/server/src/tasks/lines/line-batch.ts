import { AppError, limits, type TaskLineInput, taskLimits } from "@daybook/contract";
import type { RedactionRules } from "../../record/redaction-rules.ts";
import { LineCleaner, splitLines } from "./line-text.ts";

/** A line as it is stored: milliseconds, 0 out or 1 err, attempt, text. The attempt is known when the task is locked. */
export interface CleanLine {
  atMs: number;
  stream: 0 | 1;
  text: string;
}

/** Lines that a sender sends together, without secrets. */
export interface LineBatch {
  lines: CleanLine[];
  /** The number of the first one among the lines of the attempt, as the sender counts; left out, they go to the end. */
  from?: number | undefined;
  /** Left out, the task's. */
  attempt?: number | undefined;
}

/** What a sender gives: one line, many, or many with the place where they belong. */
export interface GivenLines {
  lines: readonly TaskLineInput[];
  from?: number | undefined;
  /** The attempt that wrote them; left out, the task's. */
  attempt?: number | undefined;
}

/** Lines after texts with line breaks were cut: a body full of line breaks must not become millions of rows. */
const SPLIT_LINES_MAX = 4 * taskLimits.linesMax;

/**
 * Takes lines from outside to lines that may be stored: split at line breaks, without control sequences but colours, without secrets,
 * cut. Throws batch_too_large.
 */
export function cleanBatch(
  given: GivenLines,
  { rules, inKey, nowMs }: { rules: RedactionRules; inKey: boolean; nowMs: number },
): { batch: LineBatch; counts: ReadonlyMap<string, number> } {
  const cleaner = new LineCleaner(rules, inKey);
  const lines: CleanLine[] = [];
  for (const { at, stream, text } of given.lines) {
    const atMs = at === undefined ? nowMs : Math.min(Date.parse(at), nowMs + limits.futureMs);
    for (const each of splitLines(text)) {
      if (lines.length >= SPLIT_LINES_MAX) {
        const detail = `More than ${SPLIT_LINES_MAX} lines in one request once texts are split at line breaks.`;
        throw new AppError("batch_too_large", detail, { extra: { limit: "linesMax", max: taskLimits.linesMax } });
      }
      lines.push({ atMs, stream: stream === "err" ? 1 : 0, text: cleaner.clean(each) });
    }
  }
  return { batch: { lines, from: given.from, attempt: given.attempt }, counts: cleaner.counts };
}
