import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** The launcher of the `daybook` command. */
export const launcher = fileURLToPath(new URL("../../../apps/server/bin/daybook.js", import.meta.url));

export interface RunOptions {
  /** Settings: `DAYBOOK_DATA`, `DAYBOOK_PORT`, … */
  env?: Record<string, string>;
  /** Written to standard input, which is then closed. */
  input?: string;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** What the server says when it is ready; its first group is taken as the address. Left out, "listens on …". */
  ready?: RegExp;
  /** Of `startDaybook`, the command that serves; left out, `start`. */
  command?: string[];
  /** Another Node, or another copy of the launcher. */
  node?: string;
  launcher?: string;
}

export interface Finished {
  code: number | null;
  out: string;
  err: string;
}

/** Runs a `daybook` command to its end, as a process of its own. */
export async function runDaybook(args: string[], options: RunOptions = {}): Promise<Finished> {
  const { child, output } = launch(args, options);
  child.stdin?.end(options.input ?? "");
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...output };
}

export interface RunningDaybook {
  /** http://127.0.0.1:<port> */
  address: string;
  child: ChildProcess;
  output: { out: string; err: string };
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL: what is left behind is left behind. */
  kill(): Promise<void>;
}

/** Starts a server as a process of its own, on a free port unless told otherwise, and waits until it listens. */
export async function startDaybook(options: RunOptions = {}): Promise<RunningDaybook> {
  const env = { DAYBOOK_PORT: "0", DAYBOOK_BUILD_CONSOLE: "no", ...options.env };
  const { child, output } = launch(options.command ?? ["start"], { ...options, env });
  const exited = once(child, "close") as Promise<[number | null]>;
  const address = await said(child, output, options.ready ?? /listens on (\S+)/);
  const stop = async () => {
    child.kill("SIGTERM");
    return (await exited)[0];
  };
  const kill = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  return { address, child, output, stop, kill };
}

function launch(args: string[], options: RunOptions): { child: ChildProcess; output: { out: string; err: string } } {
  const { DATABASE_URL: _, ...inherited } = process.env;
  const child = spawn(options.node ?? process.execPath, [options.launcher ?? launcher, ...args], {
    env: { ...inherited, DAYBOOK_CONFIG: "", NO_COLOR: "1", ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  const output = { out: "", err: "" };
  // A character may be cut in two by the end of a chunk.
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    output.out += chunk;
  });
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    output.err += chunk;
  });
  return { child, output };
}

/** Waits until the process says `pattern`; resolves with its first group. Rejects when the process ends before. */
function said(child: ChildProcess, output: { out: string; err: string }, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.on("data", () => {
      const found = pattern.exec(output.out);
      if (found !== null) resolve(found[1] ?? "");
    });
    child.on("close", (code) => reject(new Error(`daybook start ended with ${code}:\n${output.out}${output.err}`)));
  });
}
