import { spawn } from "node:child_process";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { scheduleLimits } from "@daybook/contract";
import { KeptOutput } from "./kept-output.ts";

/** How a command went. */
export interface CommandEnd {
  /** As a shell says it: 128 and the number of a signal, 127 for a command that was not found, 126 for one that cannot be started. */
  exitCode: number;
  durationMs: number;
  output: string;
}

/** What is kept of the output: a little less than what a check-in may hold, so that nothing is cut twice. */
const OUTPUT_BYTES_MAX = scheduleLimits.outputBytesMax - 1_024;

/** A process that the command left behind may hold its output open; it is not waited for longer than this. */
const OUTPUT_WAIT_MS = 1_000;

/** Signals that go on to the command. SIGKILL cannot be passed on. */
const passedOn = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCONT"] as const;
/** A terminal sends these to the command itself; twice would mean something else. */
const ofTerminal = ["SIGINT", "SIGQUIT", "SIGWINCH"] as const;

/** Runs a command as if it stood there alone: its input and outputs are ours, signals go on to it. Resolves when it has ended. */
export async function runCommand(command: string, args: readonly string[]): Promise<CommandEnd> {
  const began = performance.now();
  const kept = new KeptOutput(OUTPUT_BYTES_MAX);
  const child = spawn(command, args, { stdio: ["inherit", "pipe", "pipe"] });
  const interactive = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const handlers = [...passedOn, ...ofTerminal].map((name) => {
    const reached = interactive && ofTerminal.some((other) => other === name);
    return [name, () => void (reached || child.kill(name))] as const;
  });
  for (const [name, handler] of handlers) process.on(name, handler);
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    from.on("data", (chunk: Buffer) => kept.add(chunk));
    from.pipe(to, { end: false });
    // Whoever read our output has gone; the command goes on all the same.
    to.on("error", () => from.resume());
  }
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const exitCode = await new Promise<number>((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      const reason = error.code === "ENOENT" ? "there is no such command" : error.message;
      const line = `daybook run: ${command}: ${reason}\n`;
      kept.add(Buffer.from(line));
      process.stderr.write(line);
      resolve(error.code === "ENOENT" ? 127 : 126);
    });
    child.once("exit", (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : (constants.signals[signal] ?? 0))),
    );
  });
  const durationMs = Math.round(performance.now() - began);
  await Promise.race([closed, sleep(OUTPUT_WAIT_MS, undefined, { ref: false })]);
  for (const [name, handler] of handlers) process.off(name, handler);
  return { exitCode, durationMs, output: kept.text() };
}
