import { type Task, type TaskDetail, type TaskFilter, taskFilterSchema } from "@daybook/contract";
import type { Command } from "commander";
import { accessEvent } from "../access/access-events.ts";
import { cliAccess, commandLine } from "../access/cli-access.ts";
import type { OpenDeps } from "../open.ts";
import { cancelTask, retryTask, type TaskAct } from "../tasks/task-acts.ts";
import { taskInFull } from "../tasks/task-detail.ts";
import { listTasks } from "../tasks/task-list.ts";
import { toTask } from "../tasks/task-row.ts";
import { readTask } from "../tasks/task-store.ts";
import type { CommandContext } from "./context.ts";
import { durationMs, wholeNumber } from "./search-options.ts";
import { registerTaskLinesCommand, taskId } from "./task-lines.ts";
import { taskInWords, taskLine } from "./task-texts.ts";

interface ListFlags extends Omit<TaskFilter, "slow" | "q" | "from" | "to"> {
  text?: string;
  slow?: boolean;
  since?: string;
  limit: string;
  workspace?: string;
}

interface OfWorkspace {
  workspace?: string;
}

const PAGE_TASKS = 500;

/** `daybook tasks …`: jobs, how they go, and what they wrote. */
export function registerTasksCommand(program: Command, ctx: CommandContext): void {
  const tasks = program.command("tasks").description("Tasks: jobs of the panel and of Daybook.");
  const ofWorkspace = ["--workspace <slug>", "the workspace (default: the first)"] as const;

  tasks
    .command("list")
    .description("Show tasks, the newest first.")
    .option("--type <types>", "types with commas; instance.* for all that begin so")
    .option("--status <statuses>", "of pending, running, completed, failed, cancelled, with commas")
    .option("--user <id>", "for whom they are done")
    .option("--target <target>", "what they are about, e.g. server/srv-1")
    .option("--node <name>", "where they run")
    .option("--schedule <name>", "of this schedule")
    .option("--slow", "only running ones that take more than twice their usual time")
    .option("--text <words>", "text in title, type, names, error and payload")
    .option("--since <time>", "the last minutes, hours, days or weeks, e.g. 90m, 24h, 7d, 2w")
    .option("--limit <n>", "at most so many", "50")
    .option(...ofWorkspace)
    .action((flags: ListFlags) => list(ctx, flags));

  tasks
    .command("show <id>")
    .description("Show a task with its attempts and what happened to it.")
    .option(...ofWorkspace)
    .action((id: string, flags: OfWorkspace) => show(ctx, id, flags));

  tasks
    .command("retry <id>")
    .description("Try a failed task again, if its type may be run twice.")
    .option(...ofWorkspace)
    .action((id: string, flags: OfWorkspace) => change(ctx, id, flags, "retry"));

  tasks
    .command("cancel <id>")
    .description("Take a pending task back.")
    .option(...ofWorkspace)
    .action((id: string, flags: OfWorkspace) => change(ctx, id, flags, "cancel"));

  registerTaskLinesCommand(tasks, ctx);
}

async function list(ctx: CommandContext, flags: ListFlags): Promise<void> {
  const limit = wholeNumber("--limit", flags.limit);
  const sinceMs = flags.since === undefined ? undefined : durationMs(flags.since);
  const { text, slow, since: _, limit: __, workspace, ...rest } = flags;
  const deps = await ctx.open();
  const { workspaceId } = await cliAccess(deps.db, workspace);
  const nowMs = deps.clock();
  const filter: TaskFilter = {
    ...picked(rest),
    ...(text === undefined ? {} : { q: text }),
    ...(slow === true ? { slow: "true" as const } : {}),
    ...(sinceMs === undefined ? {} : { from: new Date(nowMs - sinceMs).toISOString() }),
  };
  const usual = await deps.tasks.usual.of(workspaceId);
  const items: Task[] = [];
  let cursor: string | undefined;
  let total = { value: 0, relation: "eq" as "eq" | "gte" };
  do {
    const page = Math.min(limit - items.length, PAGE_TASKS);
    const found = await listTasks(deps.db, workspaceId, { filter, limit: page, cursor, usual, nowMs });
    items.push(...found.rows.map((row) => toTask(row, usual.get(row.type), nowMs)));
    cursor = found.nextCursor ?? undefined;
    total = found.total;
  } while (cursor !== undefined && items.length < limit);
  ctx.report({ items, nextCursor: cursor ?? null, total }, () => {
    const lines = items.map((task) => taskLine(task, nowMs, ctx.colour));
    const most = `${total.value.toLocaleString("en-GB")}${total.relation === "gte" ? "+" : ""}`;
    if (items.length === 0) lines.push("Nothing found.");
    else if (cursor !== undefined) lines.push(`${items.length} of ${most} tasks; --limit shows more.`);
    return lines.join("\n");
  });
}

/** Only what is a filter: commander puts settings among the flags. */
function picked(flags: Record<string, unknown>): TaskFilter {
  const names = Object.keys(taskFilterSchema.shape);
  return Object.fromEntries(
    Object.entries(flags).filter(([name, value]) => names.includes(name) && typeof value === "string"),
  );
}

async function show(ctx: CommandContext, id: string, flags: OfWorkspace): Promise<void> {
  const place = taskId(id);
  const deps = await ctx.open();
  const { workspaceId } = await cliAccess(deps.db, flags.workspace);
  const row = await readTask(deps.db, workspaceId, place);
  const usual = await deps.tasks.usual.of(workspaceId);
  const task: TaskDetail = await taskInFull(deps.db, row, usual.get(row.type), deps.clock());
  ctx.report(task, () => taskInWords(task, deps.clock(), ctx.colour));
}

async function change(ctx: CommandContext, id: string, flags: OfWorkspace, what: "retry" | "cancel"): Promise<void> {
  const place = taskId(id);
  const deps = await ctx.open();
  const act = await actOf(deps, place, flags);
  const row = await (what === "retry" ? retryTask(deps, act) : cancelTask(deps, act));
  const task = toTask(row, undefined, deps.clock());
  const done =
    what === "retry" ? `Attempt ${task.attempt} waits for a worker.` : "It is cancelled: no worker will take it.";
  ctx.report(task, () =>
    task.request === undefined
      ? done
      : "The panel runs this task and is asked; `daybook tasks show` says how it answers.",
  );
}

async function actOf(deps: OpenDeps, id: string, flags: OfWorkspace): Promise<TaskAct> {
  const access = await cliAccess(deps.db, flags.workspace);
  const { actor, origin } = accessEvent(access, commandLine, { action: "task.retried" });
  return { workspaceId: access.workspaceId, id, doer: { actor, origin } };
}
