import { type Finding, isCode, type SourceFile } from "./finding.ts";

const FILE_LINES_MAX = 300;
const FUNCTION_LINES_MAX = 70;

/** Files that may be longer, each with its reason. */
const longFiles: Record<string, string> = {};

/** The start of a function or method whose body goes on to a line of the same indentation. */
const functionStart =
  /^(\s*)(?:(?:export |default |async |static |private |override |get |set |function\*? )*[\w#$]*\(.*|.*(?:=>|\)) )\{$|^(\s*)(?:export )?(?:default )?(?:async )?function\b.*$/;

/** A list of routes or commands with their handlers; each handler in it is held to the limit. */
const list = /^export (?:async )?function register\w*(?:Routes|Command)\(/;

/** Files and functions that are too long to be read at once. */
export function checkSizes({ path, text }: SourceFile): Finding[] {
  if (!isCode(path)) return [];
  const lines = text.split("\n");
  const findings: Finding[] = [];
  const isTable = longFiles[path] !== undefined;
  if (lines.length - 1 > FILE_LINES_MAX && !isTable)
    findings.push({
      path,
      message: `${lines.length - 1} lines; at most ${FILE_LINES_MAX}: split it by what it is about`,
    });
  if (!/\.test\.tsx?$/.test(path)) findings.push(...checkFunctions(path, lines));
  return findings;
}

function checkFunctions(path: string, lines: string[]): Finding[] {
  const findings: Finding[] = [];
  for (const [index, line] of lines.entries()) {
    if (
      !functionStart.test(line) ||
      list.test(line) ||
      /^\s*(?:\}? ?(?:if|for|while|switch|catch|else)\b|\/\/|\*)/.test(line)
    )
      continue;
    const indent = /^\s*/.exec(line)?.[0] ?? "";
    const open = line.endsWith("{") ? index : bodyStart(lines, index, indent);
    if (open === undefined) continue;
    const end = lines.findIndex((other, at) => at > open && other.startsWith(`${indent}}`));
    const length = end - index + 1;
    if (end > 0 && length > FUNCTION_LINES_MAX)
      findings.push({ path, line: index + 1, message: `a function of ${length} lines; at most ${FUNCTION_LINES_MAX}` });
  }
  return findings;
}

/** For a function whose parameters take several lines: the line that opens its body. */
function bodyStart(lines: string[], index: number, indent: string): number | undefined {
  const found = lines.findIndex((line, at) => at > index && line.startsWith(`${indent})`));
  return found > 0 && lines[found]?.endsWith("{") ? found : undefined;
}
