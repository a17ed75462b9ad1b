import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { toEvent } from "../record/event-row.ts";
import { Notices } from "../record/live/notices.ts";
import { readAfterSeq } from "../record/live/read-after-seq.ts";
import { readPage } from "../record/search/page.ts";
import { SearchPlan } from "../record/search/plan.ts";
import type { CommandContext } from "./context.ts";
import { eventLine } from "./event-lines.ts";
import { openSearch, type SearchFlags, takesQuery, wholeNumber } from "./search-options.ts";

interface Flags extends SearchFlags {
  limit: string;
}

/** Events read in one statement. */
const BATCH_EVENTS = 500;
/** A look without a notice, for databases that do not pass them on. */
const LOOK_MS = 1_000;

/** `daybook tail QUERY`: the last events that match, then new ones as they come, until interrupted. */
export function registerTailCommand(program: Command, ctx: CommandContext): void {
  takesQuery(program.command("tail"))
    .description("Follow events as they come. Ctrl-C ends it.")
    .option("--limit <n>", "so many of the last events first; 0 for none", "10")
    .action((words: string[], flags: Flags) => tail(ctx, words, flags));
}

/**
 * 1. Listen for commits, then note where the log ends: nothing falls between.
 * 2. Print the last events up to there.
 * 3. Read on from there whenever a commit is told, and every second.
 */
async function tail(ctx: CommandContext, words: string[], flags: Flags): Promise<void> {
  const before = flags.limit === "0" ? 0 : wholeNumber("--limit", flags.limit);
  const { deps, scope } = await openSearch(ctx, words, flags);
  let wake = (): void => {};
  const notices = new Notices({ db: deps.db, log: deps.log, onCommit: () => wake(), onGap: () => wake() });
  notices.start();
  try {
    const head = await deps.db.query<{ size: number }>("select size from log_head where workspace_id = $1", [
      scope.workspaceId,
    ]);
    let seq = Number(head.rows[0]?.size ?? 0);
    if (before > 0) {
      const last = await readPage(deps.db, new SearchPlan({ ...scope, seqMax: seq }), { order: "desc", limit: before });
      for (const row of last.reverse()) await print(ctx, toEvent(row));
    }
    const plan = new SearchPlan(scope);
    while (!ctx.signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const size = Number(
        (
          await deps.db.query<{ size: number }>("select size from log_head where workspace_id = $1", [
            scope.workspaceId,
          ])
        ).rows[0]?.size ?? 0,
      );
      const rows = size > seq ? await readAfterSeq(deps.db, plan, seq, size, BATCH_EVENTS) : [];
      for (const row of rows) await print(ctx, toEvent(row));
      const full = rows.length === BATCH_EVENTS;
      seq = full ? (rows.at(-1)?.seq ?? seq) : size;
      if (!full) await Promise.race([woken, sleep(LOOK_MS, undefined, { signal: ctx.signal }).catch(() => {})]);
    }
  } finally {
    await notices.stop();
  }
}

const print = (ctx: CommandContext, event: ReturnType<typeof toEvent>): Promise<void> =>
  ctx.write(`${ctx.json ? JSON.stringify(event) : eventLine(event, ctx.colour)}\n`);
