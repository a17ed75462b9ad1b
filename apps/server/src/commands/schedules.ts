import type { Schedule, ScheduleRun } from "@daybook/contract";
import type { Command } from "commander";
import { cliAccess, commandLine } from "../access/cli-access.ts";
import { pauseSchedule, requestRun } from "../schedules/schedule-acts.ts";
import { toRun, toSchedule } from "../schedules/schedule-row.ts";
import { listRuns, listSchedules, readSchedule } from "../schedules/schedule-store.ts";
import { howLong } from "../schedules/state.ts";
import type { CommandContext } from "./context.ts";

const PAGE = 500;

interface Options {
  workspace?: string;
}

/** `daybook schedules …`: what runs by the clock, and how it goes. */
export function registerSchedulesCommand(program: Command, ctx: CommandContext): void {
  const schedules = program.command("schedules").description("Schedules and their runs.");
  const ofWorkspace = ["--workspace <slug>", "the workspace (default: the first)"] as const;

  schedules
    .command("list")
    .description("Show every schedule with its state, last run and next time.")
    .option(...ofWorkspace)
    .action((options: Options) => list(ctx, options));

  schedules
    .command("show <name>")
    .description("Show one schedule with its last runs.")
    .option("--runs <number>", "how many runs", "20")
    .option(...ofWorkspace)
    .action((name: string, options: Options & { runs: string }) => show(ctx, name, options));

  schedules
    .command("run <name>")
    .description("Run it now; its times stay as they are.")
    .option(...ofWorkspace)
    .action(async (name: string, options: Options) => {
      const { deps, keeper } = await open(ctx, options);
      const id = await requestRun(deps, keeper, name);
      ctx.report({ name, runId: id }, () => `${name} runs; daybook schedules show ${name} says how it goes.`);
    });

  for (const [verb, paused, what] of [
    ["pause", true, "Let it run no more until it is resumed."],
    ["resume", false, "Let it run again, from its next time on."],
  ] as const)
    schedules
      .command(`${verb} <name>`)
      .description(what)
      .option(...ofWorkspace)
      .action(async (name: string, options: Options) => {
        const { deps, keeper } = await open(ctx, options);
        await pauseSchedule(deps, keeper, name, paused);
        ctx.report({ name, paused }, () => `${name} is ${paused ? "paused" : "resumed"}.`);
      });
}

async function open(ctx: CommandContext, options: Options) {
  const deps = await ctx.open();
  const access = await cliAccess(deps.db, options.workspace);
  return { deps, access, keeper: { access, origin: commandLine } };
}

async function list(ctx: CommandContext, options: Options): Promise<void> {
  const { deps, access } = await open(ctx, options);
  const items: Schedule[] = [];
  for (let after: string | undefined; ; after = items.at(-1)?.name) {
    const rows = await listSchedules(deps.db, access.workspaceId, { after, limit: PAGE }, deps.clock());
    items.push(...rows.map((row) => toSchedule(row, deps.clock())));
    if (rows.length < PAGE) break;
  }
  ctx.report({ items }, () => items.map(line).join("\n") || "There are no schedules yet.");
}

async function show(ctx: CommandContext, name: string, options: Options & { runs: string }): Promise<void> {
  const { deps, access } = await open(ctx, options);
  const schedule = toSchedule(await readSchedule(deps.db, access.workspaceId, name, deps.clock()), deps.clock());
  const limit = Math.min(200, Math.max(1, Number.parseInt(options.runs, 10) || 20));
  const runs = (await listRuns(deps.db, access.workspaceId, name, limit)).map((row) => toRun(row));
  ctx.report({ ...schedule, runs }, () =>
    [
      `${schedule.name}: ${schedule.inWords}, ${schedule.state}`,
      schedule.stateReason,
      ...(schedule.nextRunAt === undefined ? [] : [`Next: ${minute(schedule.nextRunAt)}`]),
      "",
      ...runs.map(runLine),
    ].join("\n"),
  );
}

function line({ name, state, inWords, nextRunAt, lastRun }: Schedule): string {
  const last = lastRun === undefined ? "never" : `${lastRun.state} ${minute(lastRun.startedAt ?? lastRun.dueAt)}`;
  return `${state.padEnd(7)} ${name.padEnd(32)} ${last.padEnd(30)} next ${minute(nextRunAt).padEnd(18)} ${inWords}`;
}

function runLine(run: ScheduleRun): string {
  const took = run.durationMs === undefined ? "" : howLong(run.durationMs);
  const reason = [run.slow ? "slower than usual" : "", run.reason ?? ""].filter(Boolean).join("; ");
  return `${minute(run.dueAt ?? run.startedAt)}  ${run.state.padEnd(9)} ${took.padEnd(11)} ${reason}`.trimEnd();
}

function minute(time: string | undefined): string {
  return time === undefined ? "-" : `${time.slice(0, 16).replace("T", " ")}Z`;
}
