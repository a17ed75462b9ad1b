import type { Task, TaskDetail, TaskStatus } from "@daybook/contract";
import { cell, paint, printable } from "./event-lines.ts";

const colours: Record<TaskStatus, number> = { pending: 2, running: 36, completed: 32, failed: 31, cancelled: 33 };
const TITLE_WIDTH = 40;
const STATUS_WIDTH = 9;

/** One task as a line: its id, when it was queued (UTC), status, progress, how long, title, and what matters most about it. */
export function taskLine(task: Task, nowMs: number, colour: boolean): string {
  const note = task.error?.message ?? (task.status === "running" ? task.lastLine : undefined) ?? "";
  return [
    task.id,
    paint(2, timeOf(task.queuedAt), colour),
    paint(colours[task.status], task.status.padEnd(STATUS_WIDTH), colour),
    `${task.progress} %`.padStart(5),
    (howLong(task, nowMs) ?? "").padStart(7),
    cell(task.title, TITLE_WIDTH),
    paint(36, printable(task.type), colour),
    task.slow ? paint(33, "slow", colour) : "",
    paint(2, printable(note), colour),
  ]
    .filter((part) => part !== "")
    .join("  ")
    .trimEnd();
}

/** A task in full, for people. */
export function taskInWords(task: TaskDetail, nowMs: number, colour: boolean): string {
  const facts: [string, string | undefined][] = [
    ["type", task.type],
    ["status", `${paint(colours[task.status], task.status, colour)}, ${task.progress} %${task.slow ? ", slow" : ""}`],
    ["run by", task.executor === "reported" ? "the panel" : `Daybook (${task.executor})`],
    ["targets", task.targets.map(({ type, id, name }) => `${type}/${id}${name ? ` ${name}` : ""}`).join(", ")],
    ["node", task.node],
    ["user", task.user && [task.user.id, task.user.name].filter(Boolean).join(" ")],
    ["schedule", task.scheduleName],
    ["attempt", `${task.attempt} of ${task.attemptsMax}${task.retryable ? "" : ", may not be run twice"}`],
    ["queued", timeOf(task.queuedAt)],
    ["started", task.startedAt && timeOf(task.startedAt)],
    ["finished", task.finishedAt && timeOf(task.finishedAt)],
    ["took", howLong(task, nowMs)],
    ["worker", task.worker],
    ["error", task.error && [task.error.code, task.error.message].filter(Boolean).join(": ")],
    ["asked", task.request && askedOf(task.request)],
    ["result", task.result === undefined ? undefined : JSON.stringify(task.result)],
    ["lines", task.lineCount === 0 ? undefined : `${task.lineCount}; the last: ${task.lastLine ?? ""}`],
  ];
  const lines = facts.flatMap(([name, value]) => (value ? [`  ${name.padEnd(9)} ${value}`] : []));
  const happened = task.happenings.map(
    ({ at, happening, attempt, by, note }) =>
      `  ${timeOf(at)}  attempt ${attempt}  ${happening.replaceAll("_", " ")}${by ? `, ${by}` : ""}${note ? ` (${note})` : ""}`,
  );
  return [
    printable(task.title),
    ...lines.map((line) => (colour ? line : printable(line))),
    "",
    ...happened.map(printable),
  ]
    .join("\n")
    .trimEnd();
}

function askedOf({ act, state, tries, answer }: NonNullable<Task["request"]>): string {
  return `the panel for ${act}: ${state}, ${tries} tries${answer === undefined ? "" : `, ${answer}`}`;
}

function timeOf(text: string): string {
  return `${text.slice(0, 10)} ${text.slice(11, 19)}`;
}

/** How long this attempt took, or has been going on. */
function howLong(task: Task, nowMs: number): string | undefined {
  const ms =
    task.durationMs ?? (task.status === "running" && task.startedAt ? nowMs - Date.parse(task.startedAt) : undefined);
  if (ms === undefined) return undefined;
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} m`;
}
