import { randomUUID } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import { type CheckIn, scheduleName } from "@daybook/contract";
import type { Command } from "commander";
import { publicAddress } from "../config.ts";
import { withKnownAddress } from "../open.ts";
import { checkRule } from "../schedules/schedule-times.ts";
import { Courier } from "../schedules/wrap/courier.ts";
import { runCommand } from "../schedules/wrap/run-command.ts";
import { CheckInSpool, type Spooled } from "../schedules/wrap/spool.ts";
import { type CommandContext, UsageError } from "./context.ts";

/** For so long a command that has ended is kept waiting by check-ins, those of earlier runs included; the rest is sent next time. */
const BUDGET_MS = 10_000;

interface RunOptions {
  cron?: string;
  timeZone?: string;
  flush?: true;
}

/** `daybook run NAME -- command …`: runs a command as a run of a monitored schedule. */
export function registerRunCommand(program: Command, ctx: CommandContext): void {
  program
    .command("run")
    .description("Run a command and check in with its schedule: daybook run nightly-backup -- /usr/bin/backup.sh")
    .argument("[name]", "the schedule")
    .argument("[command...]", "the command and its arguments, after --")
    .option("--cron <expression>", "makes the schedule if it is not there")
    .option("--time-zone <zone>", "the time zone of --cron (default: UTC)")
    .option("--flush", "only send what could not be sent before")
    .action((name: string | undefined, command: string[], options: RunOptions) => run(ctx, name, command, options));
}

/**
 * 1. Start the command at once: nothing that has to do with Daybook may delay it.
 * 2. Meanwhile say that it has started, together with what could not be said before.
 * 3. When it has ended, say how. What cannot be said is kept on disk.
 * 4. End with the exit code of the command, whatever became of the check-ins.
 */
async function run(
  ctx: CommandContext,
  name: string | undefined,
  command: readonly string[],
  options: RunOptions,
): Promise<void> {
  const spool = new CheckInSpool(spoolDirectory(ctx));
  const courier = courierOf(ctx, options.flush ? Number.POSITIVE_INFINITY : BUDGET_MS);
  if (options.flush) return flush(ctx, spool, courier);
  const [program, ...args] = command;
  if (name === undefined || program === undefined)
    throw new UsageError("daybook run NAME -- COMMAND: the name of the schedule, two dashes, and the command");
  if (!scheduleName.safeParse(name).success)
    throw new UsageError(`${name} is not the name of a schedule: letters, digits, dots, _ and -, e.g. nightly-backup`);
  const made = ruleOf(options);
  const runId = randomUUID();
  const spooled = (checkIn: CheckIn): Spooled => ({ name, checkIn: { at: now(), runId, ...checkIn }, ...made });

  const started = spooled({ state: "started" });
  const ending = runCommand(program, args);
  const sent = deliver(ctx, spool, courier, [started]);
  const { exitCode, durationMs, output } = await ending;
  const state = exitCode === 0 ? "succeeded" : "failed";
  const ended = spooled({ state, exitCode: Math.min(exitCode, 255), durationMs, ...(output === "" ? {} : { output }) });
  await sent;
  await deliver(ctx, spool, courier, [ended]);
  ctx.exitCode = exitCode;
}

/** Sends what was kept and then this; what does not arrive is kept. Never throws: the command counts and not this. */
async function deliver(
  ctx: CommandContext,
  spool: CheckInSpool,
  courier: Courier | undefined,
  items: readonly Spooled[],
): Promise<void> {
  try {
    spool.add(items);
    if (courier !== undefined) await spool.drain(courier.send);
  } catch (error) {
    ctx.err(`daybook run: the check-in could not be kept: ${(error as Error).message}`);
    // On a full or read-only disk it is at least tried.
    for (const item of items) await courier?.send(item);
  }
}

async function flush(ctx: CommandContext, spool: CheckInSpool, courier: Courier | undefined): Promise<void> {
  if (courier === undefined) throw new UsageError("DAYBOOK_KEY is not set: `daybook keys create` makes a key");
  const { sent, left } = await spool.drain(courier.send);
  ctx.exitCode = left === 0 ? 0 : 1;
  ctx.report(
    { sent, left },
    () => `${sent} check-ins sent${left === 0 ? "." : `, ${left} are kept in ${spool.directory}.`}`,
  );
}

/** Without a key nothing is sent, but the command runs. */
function courierOf(ctx: CommandContext, budgetMs: number): Courier | undefined {
  const { url, key } = ctx.config;
  if (key === undefined) {
    ctx.err("daybook run: DAYBOOK_KEY is not set; check-ins are kept until it is.");
    return undefined;
  }
  return new Courier({
    url: url ?? publicAddress(withKnownAddress(ctx.config)),
    key,
    budgetMs,
    say: (line) => ctx.err(line),
  });
}

/** In the data directory if one was named, else where the user's programs keep such things. */
function spoolDirectory(ctx: CommandContext): string {
  if (ctx.loaded.origin.data !== "default") return join(ctx.config.data, "check-ins");
  return join(homedir(), ".local", "state", "daybook");
}

function ruleOf({ cron, timeZone }: RunOptions): { cron?: string; timeZone?: string } {
  if (cron === undefined) return {};
  checkRule({ cron, timeZone: timeZone ?? "UTC" });
  return { cron, ...(timeZone === undefined ? {} : { timeZone }) };
}

function now(): string {
  return new Date().toISOString();
}
