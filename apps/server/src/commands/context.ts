import type { Command } from "commander";
import type { Config, LoadedConfig } from "../config.ts";
import type { OpenDatabase, OpenDeps } from "../open.ts";

/** What every command is given. Commands never read process.env, argv, or exit. */
export interface CommandContext {
  /** Settings, read when first asked for: a command such as completion works with a broken config file. */
  readonly config: Config;
  readonly loaded: LoadedConfig;
  /** `--json`: one JSON document (or JSON lines for streams) on standard output. */
  readonly json: boolean;
  /** May be coloured: a terminal, and NO_COLOR is not set. */
  readonly colour: boolean;
  /** Standard output, with a line feed. */
  out(text: string): void;
  /** Standard error, with a line feed: progress and remarks. */
  err(text: string): void;
  /** A line on standard error that the next one replaces; "" takes it away. Nothing when that is no terminal. */
  progress(line: string): void;
  /** Standard output without a line feed; resolves when it can take more. Rejects when the reader has gone. */
  write(chunk: string | Uint8Array): Promise<void>;
  /** One JSON document on standard output, when `--json`; else `human()`. */
  report(document: unknown, human: () => string): void;
  readonly stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  /** Connects to the database; the embedded one is started when it does not run. Closed after the command. */
  open(options?: { server?: boolean }): Promise<OpenDeps>;
  /** As `open`, but only the database, as it is: nothing is migrated. */
  openDatabase(): Promise<OpenDatabase>;
  /** Aborted on SIGINT and SIGTERM: commands that go on for long stop then. */
  readonly signal: AbortSignal;
  /** The exit code when the command ends well; 0 when nobody sets it. */
  exitCode: number;
}

/** A command used wrongly: printed without a stack, exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Each command file exports one of these: `registerXCommand(program, ctx)`. */
export type RegisterCommand = (program: Command, ctx: CommandContext) => void;
