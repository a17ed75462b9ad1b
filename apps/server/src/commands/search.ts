import type { Event } from "@daybook/contract";
import type { Command } from "commander";
import type { Order } from "../record/search/cursor.ts";
import { type EventList, listEvents } from "../record/search/list.ts";
import { type CommandContext, UsageError } from "./context.ts";
import { eventLine, readable } from "./event-lines.ts";
import { openSearch, type SearchFlags, takesQuery, wholeNumber } from "./search-options.ts";

interface Flags extends SearchFlags {
  limit: string;
  order: string;
}

const PAGE_EVENTS = 500;

/** `daybook search QUERY`: the newest events that match. */
export function registerSearchCommand(program: Command, ctx: CommandContext): void {
  takesQuery(program.command("search"))
    .description("Find events, newest first.")
    .option("--limit <n>", "at most so many", "50")
    .option("--order <order>", "desc: newest first, asc: oldest first", "desc")
    .addHelpText(
      "after",
      "\nExamples:\n  daybook search 'actor:dana action:server.*' --since 7d\n  daybook search 'outcome:failure -actor:system ip:203.0.113.0/24'",
    )
    .action((words: string[], flags: Flags) => search(ctx, words, flags));
}

async function search(ctx: CommandContext, words: string[], flags: Flags): Promise<void> {
  const limit = wholeNumber("--limit", flags.limit);
  if (flags.order !== "desc" && flags.order !== "asc") throw new UsageError("--order is desc or asc");
  const order: Order = flags.order;
  const { deps, scope } = await openSearch(ctx, words, flags);
  const items: Event[] = [];
  let page: EventList;
  let cursor: string | undefined;
  do {
    page = await listEvents(deps.db, scope, order, Math.min(limit - items.length, PAGE_EVENTS), cursor);
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && items.length < limit);
  ctx.report({ items, nextCursor: page.nextCursor, total: page.total }, () => {
    const lines = items.map((event) => eventLine(event, ctx.colour));
    const most = `${readable(page.total.value)}${page.total.relation === "gte" ? "+" : ""}`;
    if (items.length === 0) lines.push("Nothing found.");
    else if (page.nextCursor !== null) lines.push(`${items.length} of ${most} events; --limit shows more.`);
    return lines.join("\n");
  });
}
