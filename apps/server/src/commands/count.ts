import type { Command } from "commander";
import { countBy, parseGrouping } from "../record/search/grouping.ts";
import { SearchPlan } from "../record/search/plan.ts";
import { exactTotal } from "../record/search/total.ts";
import type { CommandContext } from "./context.ts";
import { readable } from "./event-lines.ts";
import { openSearch, type SearchFlags, takesQuery, usage, wholeNumber } from "./search-options.ts";

interface Flags extends SearchFlags {
  by?: string;
  limit?: string;
}

/** A count is exact, however long it takes; after this it is given up. */
const COUNT_MS_MAX = 30 * 60_000;
/** Values shown to people without --limit; with --json all are. */
const VALUES_SHOWN = 20;

/** `daybook count QUERY [--by FIELD]`: how many events match, in all or by value. */
export function registerCountCommand(program: Command, ctx: CommandContext): void {
  takesQuery(program.command("count"))
    .description("Count events, exactly.")
    .option(
      "--by <field>",
      "count by a field: ip, actor, action, outcome, details.<path>, … (any key of the query language)",
    )
    .option("--limit <n>", `with --by: at most so many values (default: ${VALUES_SHOWN}; with --json all)`)
    .addHelpText("after", "\nExample:\n  daybook count 'action:auth.login outcome:failure' --by ip --since 24h")
    .action((words: string[], flags: Flags) => count(ctx, words, flags));
}

async function count(ctx: CommandContext, words: string[], flags: Flags): Promise<void> {
  const by = flags.by;
  const grouping = by === undefined ? undefined : usage(() => parseGrouping(by));
  const limit = flags.limit === undefined ? undefined : wholeNumber("--limit", flags.limit);
  const { deps, scope } = await openSearch(ctx, words, flags);
  const plan = new SearchPlan(scope);
  const total = await exactTotal(deps.db, plan, COUNT_MS_MAX);
  if (grouping === undefined) {
    ctx.report({ count: total }, () => readable(total));
    return;
  }
  const values = await countBy(deps.db, plan, grouping, COUNT_MS_MAX);
  const listed = limit === undefined ? values : values.slice(0, limit);
  ctx.report({ count: total, by: Object.fromEntries(listed.map(({ value, events }) => [value, events])) }, () => {
    const shown = values.slice(0, limit ?? VALUES_SHOWN);
    const width = Math.max(...shown.map(({ events }) => readable(events).length), 0);
    const lines = shown.map(({ value, events }) => `${readable(events).padStart(width)}  ${value}`);
    if (shown.length < values.length)
      lines.push(`and ${readable(values.length - shown.length)} more values; --limit shows more`);
    return [...lines, `${readable(total)} events`].join("\n");
  });
}
