import type { Finding } from "@daybook/contract";
import { clock, howLong } from "../../schedules/state.ts";
import { SLOW_FACTOR } from "../../tasks/task-row.ts";
import { count, isHost, some } from "./amounts.ts";
import type { Facts } from "./facts.ts";
import { type KnownWait, knownWait } from "./last-line.ts";
import { LONG_LEAST_MS, type LongTask, SILENT_MS, STUCK_FACTOR, STUCK_UNKNOWN_MS } from "./task-facts.ts";

/** Findings of tasks; those beyond are one. Whatever holds up hundreds of tasks has one cause. */
const GROUPS_MAX = 5;

interface StuckTask extends LongTask {
  wait: KnownWait | undefined;
  silentMs: number;
  ranMs: number;
}

/** Tasks that run far beyond their usual time, or that nothing was heard of. Those of one type and node that wait for the same are one finding. */
export function taskStuck({ nowMs, workers, tasks }: Facts): Finding[] {
  const alive = new Set(workers.alive.map((worker) => worker.id));
  const stuck = tasks.long
    .map((task) => ({
      ...task,
      wait: knownWait(task.lastLine),
      silentMs: nowMs - task.heardMs,
      ranMs: nowMs - task.startedMs,
    }))
    .filter(isStuck)
    // What a lost worker holds is no_worker, and given back as soon as one is alive.
    .filter((task) => task.worker === undefined || alive.has(task.worker));
  const groups = [...Map.groupBy(stuck, keyOf).values()].sort((a, b) => b.length - a.length);
  const rest = groups.slice(GROUPS_MAX).flat();
  return [
    ...groups.slice(0, GROUPS_MAX).map((group) => findingOf(group)),
    ...(rest.length === 0 ? [] : [others(rest)]),
  ];
}

/**
 * 1. Beyond four times its usual time; twice if its last line says what it waits for.
 * 2. Without a usual time: after an hour, if nothing was heard of it for a while.
 * 3. Reported by the panel, and not heard of for longer than twice the usual time.
 */
function isStuck(task: StuckTask): boolean {
  const { ranMs, silentMs, usualMs, reported, wait } = task;
  if (usualMs === undefined)
    return silentMs >= SILENT_MS && (ranMs >= STUCK_UNKNOWN_MS || (wait !== undefined && wait.key !== "download"));
  const factor = wait === undefined ? STUCK_FACTOR : SLOW_FACTOR;
  if (ranMs >= Math.max(LONG_LEAST_MS, factor * usualMs)) return true;
  return reported && silentMs >= Math.max(SILENT_MS, SLOW_FACTOR * usualMs);
}

const keyOf = ({ type, node, wait }: StuckTask): string => JSON.stringify([type, node, wait?.key]);

function findingOf(group: readonly StuckTask[]): Finding {
  const task = group[0] as StuckTask;
  const { wait, node, usualMs } = task;
  const one = group.length === 1;
  const where = node === undefined ? "" : ` on ${node}`;
  const usual = usualMs === undefined ? "No usual time is known yet." : `Usual are up to ${howLong(usualMs)}.`;
  const long = `${one ? "It has run" : `The longest, ${task.title}, has run`} for ${howLong(task.ranMs)}, since ${clock(task.startedMs)}.`;
  const line = task.lastLine === undefined ? "It has written no line." : `Its last line: ${task.lastLine}`;
  const command =
    wait?.onNode !== undefined && node !== undefined && isHost(node) ? sent(node, wait.onNode) : undefined;
  return {
    code: "task_stuck",
    about: task.id,
    severity: wait === undefined && !task.reported ? "warning" : "critical",
    title: one
      ? `${task.title} ${wait === undefined ? "is stuck" : wait.does}${where}`
      : `${count(group.length, "task")} of the type ${task.type} are stuck${where}${wait === undefined ? "" : `: each ${wait.does}`}`,
    found: `${long} ${usual} ${holder(task)} ${line}`,
    mend: `${wait?.mend ?? "See its lines for where it stopped."} ${ending(task)}`,
    ...(command === undefined ? {} : { command }),
    screens: task.scheduleName === undefined ? ["tasks"] : ["tasks", "schedules"],
    link: one ? `/tasks/${task.id}` : linkOf(task),
  };
}

function holder({ reported, worker, silentMs, heardMs }: StuckTask): string {
  const heard = `${howLong(silentMs)} ago, at ${clock(heardMs)}`;
  return reported
    ? `The panel runs it; it was last heard of ${heard}.`
    : `The worker ${worker} holds it and is alive; the task last said something ${heard}.`;
}

function ending({ reported, id }: StuckTask): string {
  return reported
    ? `If it is no longer running, let the panel say how it ended (PATCH /api/v1/tasks/${id}).`
    : "It is ended when the time that its type allows is up.";
}

/** The node's name is checked before; what is run there is ours. */
function sent(node: string, command: string): string {
  return `ssh ${node} "${command}"`;
}

function linkOf({ type, node }: StuckTask): string {
  const words = new URLSearchParams({ status: "running", type, ...(node === undefined ? {} : { node }) });
  return `/tasks?${words}`;
}

function others(tasks: readonly StuckTask[]): Finding {
  return {
    code: "task_stuck",
    about: "others",
    severity: "warning",
    title: `${count(tasks.length, "further task")} ${tasks.length === 1 ? "is" : "are"} stuck`,
    found: `Of the types ${some([...new Set(tasks.map((task) => task.type))])}.`,
    mend: "See the running tasks that are marked as slow.",
    screens: ["tasks"],
    link: "/tasks?status=running&slow=true",
  };
}
