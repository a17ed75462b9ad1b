import { setTimeout as sleep } from "node:timers/promises";
import type { TaskLine } from "@daybook/contract";
import type { Command } from "commander";
import { cliAccess } from "../access/cli-access.ts";
import { listen } from "../db/listen.ts";
import { readLines } from "../tasks/lines/line-pages.ts";
import { plainText } from "../tasks/lines/line-text.ts";
import { statusOf } from "../tasks/task-row.ts";
import { readTask } from "../tasks/task-store.ts";
import { type CommandContext, UsageError } from "./context.ts";
import { wholeNumber } from "./search-options.ts";

interface LinesFlags {
  follow?: boolean;
  last?: string;
  workspace?: string;
}

const PAGE_LINES = 5_000;
/** A look without a notice, for databases that do not pass them on. */
const LOOK_MS = 1_000;

/** `daybook tasks lines ID`: what a task wrote. */
export function registerTaskLinesCommand(tasks: Command, ctx: CommandContext): void {
  tasks
    .command("lines <id>")
    .description("Print what a task wrote; its error stream goes to standard error. With --json one line of JSON each.")
    .option("--follow", "go on until the task has ended")
    .option("--last <n>", "begin with the last so many lines")
    .option("--workspace <slug>", "the workspace (default: the first)")
    .action((id: string, flags: LinesFlags) => lines(ctx, id, flags));
}

/** A task's id. Throws UsageError for what is none. */
export function taskId(text: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text.toLowerCase();
  throw new UsageError(`${text} is not the id of a task; \`daybook tasks list\` shows them`);
}

/**
 * 1. Listen for lines, so that none falls between two looks.
 * 2. Print what there is, page by page, and say where lines of the middle are no longer kept.
 * 3. With --follow go on, woken by notices, until the task has ended and nothing more has come.
 */
async function lines(ctx: CommandContext, id: string, flags: LinesFlags): Promise<void> {
  const place = taskId(id);
  const last = flags.last === undefined ? undefined : wholeNumber("--last", flags.last);
  const deps = await ctx.open();
  const { workspaceId } = await cliAccess(deps.db, flags.workspace);
  let wake = (): void => {};
  const listening = flags.follow
    ? await listen(deps.db, {
        channel: "daybook_lines",
        onMessage: (message) => {
          if (message === `${workspaceId} ${place}`) wake();
        },
        onGap: () => wake(),
        onFault: () => {},
      })
    : undefined;
  try {
    const { line_count: total } = await readTask(deps.db, workspaceId, place);
    let next = last === undefined ? 0 : Math.max(0, total - last);
    for (;;) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      // Read before the lines: those of a task that has ended are all there.
      const open = ["pending", "running"].includes(statusOf(await readTask(deps.db, workspaceId, place)));
      for (;;) {
        const page = await readLines(deps.db, workspaceId, place, next, PAGE_LINES);
        for (const line of page) {
          if (line.n > next) ctx.err(`… ${(line.n - next).toLocaleString("en-GB")} lines are no longer kept …`);
          await print(ctx, line);
          next = line.n + 1;
        }
        if (page.length < PAGE_LINES) break;
      }
      if (!flags.follow || !open || ctx.signal.aborted) return;
      await Promise.race([woken, sleep(LOOK_MS, undefined, { signal: ctx.signal }).catch(() => {})]);
    }
  } finally {
    await listening?.close();
  }
}

async function print(ctx: CommandContext, line: TaskLine): Promise<void> {
  if (ctx.json) return ctx.write(`${JSON.stringify(line)}\n`);
  const text = ctx.colour ? line.text : plainText(line.text);
  if (line.stream === "err") ctx.err(text);
  else await ctx.write(`${text}\n`);
}
