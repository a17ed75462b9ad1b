import { fold } from "../fold.ts";

/**
 * A text with wildcards: the literal parts between the stars. One part is an exact text, `["server.", ""]` is
 * `server.*`, `["", ""]` is `*`. Two stars in a row are one.
 */
export type Pattern = readonly string[];

/** Whether the pattern is `*`: any value, but a value. */
export const isAny = (pattern: Pattern): boolean => pattern.length === 2 && pattern[0] === "" && pattern[1] === "";

/** The same pattern as comparisons use it, see `fold`. */
export const foldPattern = (pattern: Pattern): Pattern => pattern.map(fold);

/** Whether a folded text is what a folded pattern describes, from its first character to its last. */
export function matchesPattern(pattern: Pattern, text: string): boolean {
  const [first = "", ...rest] = pattern;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}

/** Whether a folded text contains what a folded pattern describes. */
export function containsPattern(pattern: Pattern, text: string): boolean {
  if (pattern.length === 1) return text.includes(pattern[0] ?? "");
  return matchesPattern(["", ...pattern, ""], text);
}
