import { AppError } from "@daybook/contract";
import type { Command } from "commander";
import { cliAccess } from "../access/cli-access.ts";
import type { OpenDeps } from "../open.ts";
import type { SearchScope } from "../record/search/plan.ts";
import { scopeOf } from "../record/search/request.ts";
import { fullSight } from "../record/sight.ts";
import { type CommandContext, UsageError } from "./context.ts";

/** The options of every command that searches. */
export interface SearchFlags {
  since?: string;
  from?: string;
  to?: string;
  workspace?: string;
}

const unitMs: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

/** Adds the query and its options to a command. A word that begins with a minus is a part of the query, not an option. */
export function takesQuery(command: Command): Command {
  return command
    .argument("[query...]", "a query in the query language; none is everything")
    .option("--since <time>", "the last minutes, hours, days or weeks, e.g. 90m, 24h, 7d, 2w")
    .option("--from <time>", "from this time or date on (UTC), e.g. 2026-11-20 or 2026-11-20T10:11:12Z")
    .option("--to <time>", "before this time, or up to the end of this date")
    .option("--workspace <slug>", "the workspace (default: the first)")
    .allowUnknownOption();
}

/** The words of a query as one text. Throws UsageError for what was meant as an option. */
export function queryText(words: readonly string[]): string {
  const option = words.find((word) => word.startsWith("--"));
  if (option !== undefined) throw new UsageError(`there is no option ${option}`);
  return words.join(" ");
}

/** Opens the database and reads what is to be searched. Throws UsageError for a bad query or range, before anything is opened. */
export async function openSearch(
  ctx: CommandContext,
  words: readonly string[],
  flags: SearchFlags,
): Promise<{ deps: OpenDeps; scope: SearchScope }> {
  if (flags.since !== undefined && flags.from !== undefined)
    throw new UsageError("--since and --from exclude each other");
  const sinceMs = flags.since === undefined ? undefined : durationMs(flags.since);
  const scope = usage(() =>
    scopeOf({ workspaceId: 0, sight: fullSight }, { q: queryText(words), from: flags.from, to: flags.to }),
  );
  const deps = await ctx.open();
  const { workspaceId } = await cliAccess(deps.db, flags.workspace);
  const fromMs = sinceMs === undefined ? scope.fromMs : deps.clock() - sinceMs;
  return { deps, scope: { ...scope, workspaceId, fromMs } };
}

/** A fault in what was typed is wrong usage: exit code 2. */
export function usage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof AppError) throw new UsageError(error.message);
    throw error;
  }
}

/** Milliseconds of a time like 90m or 7d. Throws UsageError. */
export function durationMs(text: string): number {
  const found = /^(\d{1,6})([smhdw])$/.exec(text);
  if (found === null) throw new UsageError(`--since takes a time like 90m, 24h, 7d or 2w, not '${text}'`);
  return Number(found[1]) * (unitMs[found[2] ?? ""] ?? 0);
}

/** A whole number of at least 1. Throws UsageError. */
export function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`${option} takes a whole number from 1 on, not '${text}'`);
}
