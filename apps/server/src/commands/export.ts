import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { type Command, Option } from "commander";
import { accessEvent } from "../access/access-events.ts";
import { cliAccess, commandLine } from "../access/cli-access.ts";
import { type ExportFormat, exportEvents, exportFormats, scopeUpToNow } from "../record/export/export.ts";
import { ExportEvents } from "../record/export/export-events.ts";
import type { CommandContext } from "./context.ts";
import { readable } from "./event-lines.ts";
import { openSearch, type SearchFlags, takesQuery } from "./search-options.ts";

interface Flags extends SearchFlags {
  format: ExportFormat;
  order: "desc" | "asc";
  output?: string;
}

/** `daybook export QUERY --format csv|json|ndjson`: everything that matches, on standard output or into a file. */
export function registerExportCommand(program: Command, ctx: CommandContext): void {
  takesQuery(program.command("export"))
    .description("Write events as CSV, JSON or NDJSON. The export is recorded in the log.")
    .addOption(new Option("--format <format>", "what is written").choices(exportFormats).default("ndjson"))
    .addOption(new Option("--order <order>", "newest or oldest first").choices(["desc", "asc"]).default("desc"))
    .option("--output <file>", "a file instead of standard output")
    .action((words: string[], flags: Flags) => runExport(ctx, words, flags));
}

async function runExport(ctx: CommandContext, words: string[], flags: Flags): Promise<void> {
  const { deps, scope } = await openSearch(ctx, words, flags);
  const { slug } = await deps.record.workspace(scope.workspaceId);
  const access = await cliAccess(deps.db, flags.workspace);
  const { format, order } = flags;
  const wanted = { scope: await scopeUpToNow(deps, scope), order, format, slug };
  const recorded = new ExportEvents(deps.record, wanted, (event) => accessEvent(access, commandLine, event));
  const progress = { events: 0 };
  let whole = false;
  const file = flags.output === undefined ? undefined : createWriteStream(flags.output, { mode: 0o600 });
  // A file that cannot be made is said before the export is recorded.
  if (file !== undefined) await once(file, "open");
  await recorded.begin();
  try {
    for await (const chunk of exportEvents(deps.db, wanted, progress)) {
      if (ctx.signal.aborted) break;
      if (file === undefined) await ctx.write(chunk);
      else if (!file.write(chunk)) await once(file, "drain");
      ctx.progress(`${readable(progress.events)} events`);
    }
    whole = !ctx.signal.aborted;
    if (file !== undefined) {
      file.end();
      await finished(file);
    }
  } finally {
    ctx.progress("");
    await recorded.end(progress, whole);
  }
  if (!whole) ctx.exitCode = 1;
  ctx.err(
    `${readable(progress.events)} events exported${flags.output === undefined ? "" : ` to ${flags.output}`}${whole ? "" : "; broken off"}`,
  );
}
