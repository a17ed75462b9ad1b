import type { TaskError } from "@daybook/contract";

// The figures are those of the contract (docs/reference/limits.md): it is not imported, so that this package has no dependency.

/** The server cuts a line at 8,192 characters and says so; what is far beyond need not travel. */
const LINE_LENGTH_MAX = 16_384;
const MESSAGE_LENGTH_MAX = 4_000;
const JSON_BYTES_MAX = 64 * 1024;

/** The lines of a text, cut as the server cuts them; a line break at its end makes no further one. */
export function linesOf(text: string): string[] {
  const ended = text.endsWith("\n") ? text.slice(0, -1) : text;
  return ended.split("\n").map((line) => line.slice(0, LINE_LENGTH_MAX));
}

/** Whatever was thrown, as the error of a task. */
export function errorOf(thrown: unknown): TaskError {
  if (typeof thrown !== "object" || thrown === null) return { message: messageOf(String(thrown)) };
  const { message, name, code, details } = thrown as {
    message?: unknown;
    name?: unknown;
    code?: unknown;
    details?: unknown;
  };
  const error: TaskError = { message: messageOf(typeof message === "string" ? message : String(name ?? thrown)) };
  if (typeof code === "string" || typeof code === "number") error.code = String(code).slice(0, 100);
  const kept = jsonOf(details);
  if (kept !== undefined) error.details = kept as NonNullable<TaskError["details"]>;
  return error;
}

/** A value as JSON would give it back; undefined of what is no JSON, or is too large to be kept with a task. */
export function jsonOf(value: unknown): unknown {
  if (value === undefined) return undefined;
  try {
    const text = JSON.stringify(value);
    return text === undefined || new TextEncoder().encode(text).length > JSON_BYTES_MAX ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function messageOf(text: string): string {
  return text === "" ? "It failed without a message." : text.slice(0, MESSAGE_LENGTH_MAX);
}
