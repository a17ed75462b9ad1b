import type { Readable } from "node:stream";
import { Argument, type Command } from "commander";
import { cliAccess } from "../access/cli-access.ts";
import { readMapping } from "../collect/csv/mapping.ts";
import { formats } from "../collect/formats.ts";
import { type ImportReport, runImport } from "../collect/import-run.ts";
import { importSummary } from "../collect/import-summary.ts";
import type { Importer, ImportOptions } from "../collect/importer.ts";
import { RejectFile } from "../collect/reject-file.ts";
import { findSources, type Source, sourceLabel } from "../collect/source.ts";
import { Zone } from "../collect/zone.ts";
import { type CommandContext, UsageError } from "./context.ts";
import { progressBar } from "./progress-bar.ts";

interface ImportFlags {
  year?: string;
  timezone: string;
  mapping?: string;
  workspace?: string;
  reject?: string;
}

/** `daybook import FORMAT PATH…`: puts the events of existing logs into the record. */
export function registerImportCommand(program: Command, ctx: CommandContext): void {
  const names = formats.map((format) => format.name);
  const list = formats.map((format) => `  ${format.name.padEnd(11)} ${format.describe}`).join("\n");
  program
    .command("import")
    .description("Put the events of existing logs into the record. Running it again adds nothing twice.")
    .addArgument(new Argument("<format>", "what the files are").choices(names))
    .argument("<path...>", "files, folders, or - for standard input; .gz is understood")
    .option("--year <year>", "the year of the first line, for logs without one (default: from the file's time)")
    .option("--timezone <zone>", "the zone of times that name none, e.g. Europe/Berlin", "UTC")
    .option("--mapping <file>", "what the columns of a CSV file mean (JSON)")
    .option("--workspace <slug>", "the workspace (default: the first)")
    .option("--reject <file>", "where rejected lines are kept (default: NAME.rejected.ndjson, here)")
    .addHelpText("after", `\nFormats:\n${list}`)
    .action((format: string, paths: string[], flags: ImportFlags) => run(ctx, format, paths, flags));
}

async function run(ctx: CommandContext, format: string, paths: string[], flags: ImportFlags): Promise<void> {
  const importer = formats.find((one) => one.name === format);
  if (!importer) throw new UsageError(`${format} is no format that can be imported`);
  const year = flags.year === undefined ? undefined : yearOf(flags.year);
  new Zone(flags.timezone); // A wrong name is said before anything is opened.
  const mapping = flags.mapping === undefined ? undefined : await readMapping(flags.mapping);
  if (mapping && importer.name !== "csv") throw new UsageError("--mapping is for csv");
  const sources = await findSources(paths, importer.files, Date.now(), () => ctx.stdin as Readable);
  const deps = await ctx.open();
  const { workspaceId } = await cliAccess(deps.db, flags.workspace);
  const now = deps.clock();
  const options: ImportOptions = { year, timezone: flags.timezone, now, mapping };
  const rejects = new RejectFile(flags.reject ?? `${sourceLabel(sources, format)}.rejected.ndjson`);
  const bar = progressBar(ctx.progress, totalBytes(sources), deps.clock);
  let report: ImportReport;
  try {
    report = await runImport({
      importer,
      sources,
      options,
      record: deps.record,
      db: deps.db,
      workspaceId,
      reject: (file, fault) => rejects.add(file, fault),
      progress: (sofar, bytes) => bar.show(bytes, `${sofar.read.toLocaleString("en-GB")} read`),
      signal: ctx.signal,
    });
  } finally {
    bar.end();
    await rejects.close();
  }
  tell(ctx, importer, report, (deps.clock() - now) / 1000, rejects);
}

function tell(
  ctx: CommandContext,
  importer: Importer,
  report: ImportReport,
  seconds: number,
  rejects: RejectFile,
): void {
  const { read, accepted, duplicates, rejected, skipped } = report;
  const rejectFile = rejects.used ? rejects.path : undefined;
  const document = { read, accepted, duplicates, rejected, skipped, ...(rejectFile ? { rejectFile } : {}) };
  ctx.report(document, () => importSummary(report, seconds, rejectFile));
  for (const remark of report.remarks) ctx.err(remark);
  if (report.broken.length > 0) ctx.exitCode = 1;
  if (ctx.signal.aborted) {
    ctx.err(`The import was stopped. Run it again to go on: daybook import ${importer.name} …`);
    ctx.exitCode = 1;
  }
}

function yearOf(text: string): number {
  const year = Number(text);
  if (!/^\d{4}$/.test(text) || year < 1970 || year > 2200)
    throw new UsageError(`--year: ${text} is not a year such as 2026`);
  return year;
}

/** Undefined when the end of standard input is not known. */
function totalBytes(sources: Source[]): number | undefined {
  let total = 0;
  for (const { bytes } of sources) {
    if (bytes === undefined) return undefined;
    total += bytes;
  }
  return total;
}
