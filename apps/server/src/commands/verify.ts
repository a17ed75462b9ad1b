import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { AppError } from "@daybook/contract";
import type { Command } from "commander";
import { findWorkspace } from "../access/workspace-store.ts";
import { readLines } from "../collect/lines.ts";
import { findSources } from "../collect/source.ts";
import { parseCheckpoint } from "../record/merkle/checkpoint.ts";
import { checkpointFile, readCheckpointFile } from "../record/merkle/checkpoint-file.ts";
import { LogKeys } from "../record/merkle/log-keys.ts";
import { type NoteVerifier, parseVerifierKey } from "../record/merkle/note.ts";
import { checkExport, type ExportResult } from "../record/verify/export-check.ts";
import { type VerifyResult, verify } from "../record/verify/verify.ts";
import { type CommandContext, UsageError } from "./context.ts";
import { progressBar } from "./progress-bar.ts";

interface VerifyFlags {
  workspace?: string;
  export?: string;
  checkpoint?: string;
  key: string[];
}

/** Says "verify found a fault" to scripts. */
const EXIT_FAULT = 3;
const EXIT_UNPROVEN = 1;

/** `daybook verify`: proves that nobody changed the log, or an export of it. */
export function registerVerifyCommand(program: Command, ctx: CommandContext): void {
  program
    .command("verify")
    .description(
      "Recompute the whole log from what is stored and name the first event that does not fit. Exit code 3 on a fault.",
    )
    .option("--workspace <slug>", "the workspace (default: the first)")
    .option(
      "--export <file>",
      "check an export (NDJSON or JSON, .gz, - for standard input) instead, without a database",
    )
    .option("--checkpoint <file>", "with --export: the signed checkpoint to hold it against")
    .option("--key <key>", "a verifier key (name+id+base64) or a file of them; may be repeated", collect, [])
    .action((flags: VerifyFlags) => (flags.export === undefined ? verifyLog(ctx, flags) : verifyExport(ctx, flags)));
}

async function verifyLog(ctx: CommandContext, flags: VerifyFlags): Promise<void> {
  if (flags.checkpoint !== undefined) throw new UsageError("--checkpoint belongs to --export; the log has its own.");
  const otherKeys = await readKeys(flags.key);
  const { db } = await ctx.openDatabase();
  const workspace = await findWorkspace(db, flags.workspace).catch((error: { code?: string }) => {
    if (error.code === "42P01") throw new AppError("not_found", "There is no log here yet: the database is empty.");
    throw error;
  });
  const keys = new LogKeys(ctx.config);
  const bar = new Progress(ctx);
  const result = await verify(db, workspace.id, {
    data: ctx.config.data,
    keys,
    otherKeys,
    onProgress: (checked, size) => bar.show(checked, size),
  });
  const rate = bar.end(result.events);
  if (!result.ok) ctx.exitCode = EXIT_FAULT;
  ctx.report(result, () => logReport(workspace.slug, result, rate));
}

function logReport(slug: string, result: VerifyResult, rate: string): string {
  const remarks = result.remarks.map((remark) => `Note: ${remark}`);
  if (result.firstFault !== undefined) {
    return [`The log of ${slug} does NOT verify.`, result.firstFault.what, ...remarks].join("\n");
  }
  const erased = result.erased === 0 ? "" : ` ${count(result.erased)} of them had something erased.`;
  return [
    `The log of ${slug} verifies: ${count(result.events)} events, ${count(result.checkpoints)} ${result.checkpoints === 1 ? "checkpoint" : "checkpoints"}${rate}.${erased}`,
    `Root ${result.root}`,
    ...remarks,
  ].join("\n");
}

async function verifyExport(ctx: CommandContext, flags: VerifyFlags): Promise<void> {
  if (flags.checkpoint === undefined)
    throw new UsageError("--export needs --checkpoint, the signed note to hold it against.");
  if (flags.workspace !== undefined)
    throw new UsageError("--workspace has no meaning with --export: the checkpoint names it.");
  const checkpoint = await readText(flags.checkpoint, "--checkpoint");
  const witnesses = await findWitnesses(ctx, flags, checkpoint);
  const bar = new Progress(ctx);
  const result = await checkExport(linesOf(ctx, flags.export ?? "-"), {
    checkpoint,
    ...witnesses,
    onProgress: (events) => bar.show(events, undefined),
  });
  bar.end(result.events);
  if (result.firstFault !== undefined) ctx.exitCode = EXIT_FAULT;
  else if (!result.ok) ctx.exitCode = EXIT_UNPROVEN;
  ctx.report(result, () => exportReport(result));
}

/**
 * What the checkpoint is held against: the given keys, else those of this data directory when the checkpoint is of its log;
 * and the checkpoints that are kept there.
 */
async function findWitnesses(
  ctx: CommandContext,
  flags: VerifyFlags,
  note: string,
): Promise<{ keys: NoteVerifier[]; kept?: AsyncIterable<string> }> {
  const given = await readKeys(flags.key);
  const origin = originOf(note, flags.checkpoint ?? "");
  const slug = origin.slice(origin.lastIndexOf("/") + 1);
  const own = new LogKeys(ctx.config)
    .verifiers(slug)
    .flatMap(({ verifier }) => (verifier.name === origin ? verifier : []));
  const keys = given.length > 0 ? given : own;
  return own.length === 0 ? { keys } : { keys, kept: readCheckpointFile(checkpointFile(ctx.config.data, slug)) };
}

function originOf(note: string, file: string): string {
  try {
    return parseCheckpoint(note).origin;
  } catch (error) {
    throw new UsageError(`--checkpoint ${file}: ${(error as Error).message}`);
  }
}

function exportReport(result: ExportResult): string {
  const { firstFault, whole, events, proven, size, root, signedBy } = result;
  const remarks = result.remarks.map((remark) => `Note: ${remark}`);
  if (firstFault !== undefined) return ["The export does NOT verify.", firstFault.what, ...remarks].join("\n");
  const signed = signedBy.length === 0 ? "an unchecked signature" : `the signature of ${signedBy.join(", ")}`;
  const said = whole
    ? `The export is the whole log: ${count(proven)} events give the root of the checkpoint.`
    : `${count(proven)} of ${count(events)} events are proven to be in the log of ${count(size)} events.`;
  return [said, `Root ${root}, with ${signed}`, ...remarks].join("\n");
}

/** A bar on a terminal; nothing elsewhere. */
class Progress {
  readonly #ctx: CommandContext;
  readonly #startedAt = performance.now();
  #bar: ReturnType<typeof progressBar> | undefined;

  constructor(ctx: CommandContext) {
    this.#ctx = ctx;
  }

  show(events: number, of: number | undefined): void {
    this.#bar ??= progressBar((line) => this.#ctx.progress(line), of, Date.now);
    this.#bar.show(events, `${count(events)} events`);
  }

  /** Takes the bar away and says how fast it went. */
  end(events: number): string {
    this.#bar?.end();
    const seconds = (performance.now() - this.#startedAt) / 1000;
    return events < 100_000 ? "" : `, in ${seconds.toFixed(1)} s (${count(Math.round(events / seconds))} a second)`;
  }
}

async function readKeys(given: readonly string[]): Promise<NoteVerifier[]> {
  const keys: NoteVerifier[] = [];
  for (const text of given) {
    const lines = /\+[0-9a-f]{8}\+/.test(text) ? [text] : (await readText(text, "--key")).split("\n");
    try {
      for (const line of lines) if (line.trim() !== "") keys.push(parseVerifierKey(line));
    } catch (error) {
      throw new UsageError(`--key ${text}: ${(error as Error).message}`);
    }
  }
  return keys;
}

async function readText(file: string, flag: string): Promise<string> {
  return readFile(file, "utf8").catch((error: Error) => {
    throw new UsageError(`${flag} ${file}: ${error.message}`);
  });
}

/** The lines of an export, unpacked when it is packed. */
async function* linesOf(ctx: CommandContext, file: string): AsyncGenerator<string> {
  for (const source of await findSources([file], /\.(ndjson|json)(\.gz)?$/, Date.now(), () => ctx.stdin as Readable)) {
    for await (const line of readLines(source.open())) yield line.text;
  }
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

function count(number: number): string {
  return number.toLocaleString("en-GB");
}
