import { AppError } from "@daybook/contract";
import { CommanderError } from "commander";
import { version } from "./app.ts";
import { recordCommand } from "./commands/command-event.ts";
import { type CommandContext, UsageError } from "./commands/context.ts";
import { ConfigError, type LoadedConfig, loadConfig } from "./config.ts";
import { MigrationError } from "./db/migrate.ts";
import { EmbeddedPostgresError } from "./db/postgres-binaries.ts";
import { type OpenDeps, type OpenOptions, openDatabase, openDeps, openLog, withKnownAddress } from "./open.ts";
import { buildProgram, type ParsedFlags } from "./program.ts";

// Turns argv and the environment into a command, runs it, and leaves with its exit code. Nothing else in the server
// reads process.env or exits.

const stop = new AbortController();
const opened: { close(): Promise<void> }[] = [];
let parsed: ParsedFlags | undefined;
/** What the command works with, once it has opened it. */
let deps: OpenDeps | undefined;
/** The reader of standard output, e.g. head, has seen enough. */
let readerGone = false;
let loaded: LoadedConfig | undefined;

const context: CommandContext = {
  get loaded() {
    loaded ??= loadConfig({ env: process.env, flags: parsed?.flags ?? {}, cwd: process.cwd() });
    return loaded;
  },
  get config() {
    return this.loaded.config;
  },
  get json() {
    return parsed?.json === true;
  },
  colour: process.stdout.isTTY === true && !process.env.NO_COLOR,
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  progress: (line) => {
    const width = (process.stderr.columns ?? 80) - 1;
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${line.slice(0, width)}`);
  },
  write: (chunk) =>
    new Promise((resolve, reject) => {
      process.stdout.write(chunk, (error) => (error ? reject(error) : resolve()));
    }),
  report(document, human) {
    this.out(this.json ? JSON.stringify(document) : human());
  },
  stdin: process.stdin,
  async open(options = {}) {
    deps = await openDeps({ ...openOptions(options.server), ...options });
    opened.push(deps);
    return deps;
  },
  async openDatabase() {
    const database = await openDatabase(openOptions());
    opened.push(database);
    return database;
  },
  signal: stop.signal,
  exitCode: 0,
};

/** Commands speak for themselves: of the log they show only what went wrong, unless asked for more. */
function openOptions(server = false): OpenOptions {
  const { config, origin } = context.loaded;
  const quiet = !server && origin.logLevel === "default";
  const log = openLog(quiet ? "warn" : config.logLevel);
  return { config: server ? config : withKnownAddress(config), configSources: origin, log, say: context.err };
}

let askedAt = 0;
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => {
    // Asked twice: do not wait any longer. (A launcher and the terminal may both pass on the same Ctrl-C.)
    if (stop.signal.aborted && name === "SIGINT" && Date.now() - askedAt > 1_000) process.exit(130);
    if (!stop.signal.aborted) askedAt = Date.now();
    stop.abort();
  });
}
// The launcher that handed over to this Node was killed without a chance to pass it on.
if (process.env.DAYBOOK_LAUNCHER_PID === String(process.ppid))
  setInterval(() => {
    if (process.env.DAYBOOK_LAUNCHER_PID !== String(process.ppid)) stop.abort();
  }, 1_000).unref();
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  readerGone = true;
  stop.abort();
});

process.exitCode = await run(process.argv);
// Something that still holds the event loop must not keep a finished command alive.
if (process.stdout.writableLength > 0) process.stdout.once("drain", () => process.exit());
else process.exit();

async function run(argv: string[]): Promise<number> {
  const program = buildProgram(context, version, (flags) => {
    parsed = flags;
  });
  try {
    const code = await program.parseAsync(argv).then(() => context.exitCode, fail);
    return await recorded(readerGone ? 0 : code);
  } finally {
    for (const one of opened) await one.close();
  }
}

/** Puts the command on record. One that cannot be recorded counts as failed. */
async function recorded(code: number): Promise<number> {
  if (deps === undefined || parsed === undefined) return code;
  try {
    await recordCommand(deps, parsed.command, code);
    return code;
  } catch (error) {
    return say(
      `the command could not be recorded: ${error instanceof Error ? error.message : String(error)}`,
      code || 1,
    );
  }
}

/** Says what went wrong. 2 for wrong usage, 1 for anything else. */
function fail(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError || error instanceof ConfigError) return say(error.message, 2);
  if (error instanceof AppError) return say(error.message, error.status === 400 ? 2 : 1);
  if (error instanceof MigrationError || error instanceof EmbeddedPostgresError) return say(error.message, 1);
  if (stop.signal.aborted) return 1;
  return say(error instanceof Error ? (error.stack ?? error.message) : String(error), 1);
}

function say(message: string, code: number): number {
  process.stderr.write(`daybook: ${message}\n`);
  return code;
}
