import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { taskTypeName, taskTypeSettingsSchema } from "@daybook/contract";
import { z } from "zod";
import type { TaskContext, TaskDefinition } from "./define-task.ts";

/** A command that does not end on SIGTERM is killed after so long. */
const KILL_AFTER_MS = 4_000;

const commandSchema = taskTypeSettingsSchema.omit({ endpoint: true, callback: true }).extend({
  command: z
    .array(z.string().min(1))
    .min(1)
    .describe("The program and its arguments, as they are: no shell reads them."),
  env: z.record(z.string(), z.string()).optional(),
  directory: z.string().optional(),
});
const fileSchema = z.record(taskTypeName, commandSchema);

/** The commands of a file: `{ "instance.backup": { "command": ["/usr/local/bin/backup"], … } }`. Throws what is wrong with it. */
export function readCommands(path: string): TaskDefinition[] {
  if (!existsSync(path)) throw new Error(`${path} is not there`);
  const parsed = fileSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
  return Object.entries(parsed.data).map(([type, given]) => defineCommand(type, given));
}

/**
 * A type of task that runs a program of this machine. The payload comes to it as JSON on standard input; what it writes are the task's lines;
 * a line `::progress 40` says how far it is. Exit code 0 is success.
 */
export function defineCommand(type: string, given: z.output<typeof commandSchema>): TaskDefinition {
  const { command, env, directory, ...settings } = given;
  return {
    type,
    kind: "command",
    settings,
    check: (payload) => payload,
    run: (payload, context) => run({ command, env, directory }, payload, context),
  };
}

type Program = Pick<z.output<typeof commandSchema>, "command" | "env" | "directory">;

async function run(
  { command, env, directory }: Program,
  payload: unknown,
  context: TaskContext,
): Promise<{ exitCode: number }> {
  const [program = "", ...args] = command;
  const { task, signal } = context;
  const child = spawn(program, args, {
    cwd: directory,
    // A group of its own, so that what it starts ends with it.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      ...env,
      DAYBOOK_TASK_ID: task.id,
      DAYBOOK_TASK_TYPE: task.type,
      DAYBOOK_TASK_ATTEMPT: `${task.attempt}`,
      ...(task.targets[0] === undefined
        ? {}
        : { DAYBOOK_TASK_TARGET: `${task.targets[0].type}/${task.targets[0].id}` }),
    },
  });
  const ended = new Promise<{ code: number | null; signalName: NodeJS.Signals | null }>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signalName) => resolve({ code, signalName }));
  });
  let lastError = "";
  const out = createInterface({ input: child.stdout }).on("line", (text) => {
    const percent = /^::progress (\d{1,3}(?:\.\d+)?)%?$/.exec(text)?.[1];
    if (percent === undefined) context.line(text);
    else context.progress(Number(percent));
  });
  const err = createInterface({ input: child.stderr }).on("line", (text) => {
    lastError = text;
    context.err(text);
  });
  // A program that does not read its input may have closed it.
  child.stdin.on("error", () => {});
  child.stdin.end(payload === undefined ? "" : JSON.stringify(payload));
  const stop = (): void => {
    kill(child.pid, "SIGTERM");
    setTimeout(() => kill(child.pid, "SIGKILL"), KILL_AFTER_MS).unref();
  };
  signal.addEventListener("abort", stop);
  try {
    const { code, signalName } = await ended;
    if (code === 0) return { exitCode: 0 };
    const how = code === null ? `was ended by ${signalName}` : `ended with exit code ${code}`;
    throw Object.assign(new Error(`${program} ${how}${lastError === "" ? "" : `: ${lastError}`}`), {
      code: code === null ? "command_killed" : `exit_${code}`,
    });
  } finally {
    signal.removeEventListener("abort", stop);
    out.close();
    err.close();
  }
}

function kill(pid: number | undefined, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, name);
  } catch {
    // It has ended meanwhile.
  }
}
