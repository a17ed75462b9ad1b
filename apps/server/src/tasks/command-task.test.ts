import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readCommands } from "./command-task.ts";
import type { TaskContext } from "./define-task.ts";

function context(): { given: TaskContext; lines: string[]; percents: number[]; abort: AbortController } {
  const lines: string[] = [];
  const percents: number[] = [];
  const abort = new AbortController();
  const given: TaskContext = {
    task: { id: "t-1", type: "x.y", attempt: 2, workspaceId: 1, targets: [{ type: "server", id: "srv-1" }] },
    signal: abort.signal,
    progress: (percent) => percents.push(percent),
    line: (text) => lines.push(`out ${text}`),
    err: (text) => lines.push(`err ${text}`),
  };
  return { given, lines, percents, abort };
}

function commandOf(script: string, more: object = {}) {
  const directory = mkdtempSync(join(tmpdir(), "daybook-command-"));
  const program = join(directory, "job.sh");
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  const file = join(directory, "commands.json");
  writeFileSync(file, JSON.stringify({ "x.y": { command: [program, "$HOME; echo no"], ...more } }));
  const [definition] = readCommands(file);
  if (definition === undefined) throw new Error("no command was read");
  return { definition, clean: () => rmSync(directory, { recursive: true }) };
}

test("a command gets its payload on standard input and its task in the environment; what it writes are lines and progress", async () => {
  const { definition, clean } = commandOf(
    'cat; echo; echo "$DAYBOOK_TASK_ID $DAYBOOK_TASK_ATTEMPT $DAYBOOK_TASK_TARGET"; echo "::progress 40"; echo "$1" >&2',
  );
  const { given, lines, percents } = context();
  expect(await definition.run({ disk: "sda" }, given)).toEqual({ exitCode: 0 });
  expect(lines.sort()).toEqual(["err $HOME; echo no", "out t-1 2 server/srv-1", 'out {"disk":"sda"}']);
  expect(percents).toEqual([40]);
  clean();
});

test("another exit code is a failure that tells it and the last line", async () => {
  const { definition, clean } = commandOf("echo no space left >&2; exit 28");
  await expect(definition.run(undefined, context().given)).rejects.toMatchObject({
    message: expect.stringMatching(/exit code 28: no space left$/),
    code: "exit_28",
  });
  clean();
});

test("when its time is up it ends, with what it has started", async () => {
  const { definition, clean } = commandOf("sleep 30 & echo begun; wait");
  const { given, lines, abort } = context();
  const running = definition.run(undefined, given);
  await expect.poll(() => lines).toEqual(["out begun"]);
  abort.abort();
  await expect(running).rejects.toMatchObject({ code: "command_killed" });
  clean();
});

test("a file that is wrong is refused with what is wrong", () => {
  const directory = mkdtempSync(join(tmpdir(), "daybook-command-"));
  const file = join(directory, "commands.json");
  writeFileSync(file, JSON.stringify({ "x.y": { command: "rm -rf" } }));
  expect(() => readCommands(file)).toThrow(/command/);
  expect(() => readCommands(join(directory, "none.json"))).toThrow(/is not there/);
  rmSync(directory, { recursive: true });
});
