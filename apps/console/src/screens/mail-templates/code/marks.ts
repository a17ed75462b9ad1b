import type { TemplateFault } from "@daybook/contract";

/** Where a fault is drawn: characters from the start of the text. */
export interface Mark {
  from: number;
  to: number;
  severity: "error" | "warning";
  message: string;
}

/** The marks of faults in a text. Lines and columns begin at 1; what has no place, or one that is gone by now, marks the line that is nearest. */
export function marksOf(faults: readonly TemplateFault[], text: string): Mark[] {
  const lines = text.split("\n");
  const starts: number[] = [];
  let at = 0;
  for (const line of lines) {
    starts.push(at);
    at += line.length + 1;
  }
  return faults.map(({ line = 1, column, severity, message }) => {
    const index = Math.min(Math.max(line, 1), lines.length) - 1;
    const start = starts[index] ?? 0;
    const words = lines[index] ?? "";
    const offset = column === undefined ? 0 : Math.min(Math.max(column, 1) - 1, words.length);
    const length = column === undefined ? words.length : markLength(words.slice(offset));
    return { from: start + offset, to: start + offset + length, severity, message };
  });
}

/** A Liquid output or tag as a whole; else a word. */
function markLength(text: string): number {
  return /^({{.*?}}|{%.*?%}|[\w.]+|\S)/.exec(text)?.[0].length ?? 0;
}
