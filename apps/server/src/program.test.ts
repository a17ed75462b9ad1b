import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { runDaybook } from "@daybook/testkit";
import { expect, test } from "vitest";

test("wrong usage ends with 2, help with 0", async () => {
  expect((await runDaybook(["nonsense"])).code).toBe(2);
  expect((await runDaybook(["config", "--nonsense"])).code).toBe(2);
  expect((await runDaybook(["config"], { env: { DAYBOOK_PORT: "x" } })).code).toBe(2);
  const help = await runDaybook(["--help"]);
  expect(help.code).toBe(0);
  for (const name of ["start", "doctor", "users", "keys", "config", "migrate"]) expect(help.out).toContain(`  ${name}`);
});

test("config shows each value with its source and never a secret", async () => {
  const run = await runDaybook(["config", "--json", "--port", "5000"], {
    env: { DATABASE_URL: "postgresql://u:hunter2@h/d" },
  });
  const { settings } = JSON.parse(run.out) as { settings: { name: string; value: unknown; source: string }[] };
  expect(settings.find(({ name }) => name === "port")).toMatchObject({ value: 5000, source: "flag" });
  expect(settings.find(({ name }) => name === "databaseUrl")?.source).toBe("environment");
  expect(run.out).not.toContain("hunter2");
});

test("completion scripts know the commands, and bash completes with its own", async () => {
  const scripts = await Promise.all(["bash", "zsh", "fish"].map((shell) => runDaybook(["completion", shell])));
  for (const script of scripts)
    for (const word of ["start", "users", "reset-password"]) expect(script.out).toContain(word);
  const home = mkdtempSync(join(tmpdir(), "daybook-completion-"));
  const path = join(home, "daybook.bash");
  writeFileSync(path, scripts[0]?.out ?? "");
  const complete = async (...words: string[]) => {
    const script = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _daybook; echo "\${COMPREPLY[@]}"`;
    return (await promisify(execFile)("bash", ["-c", script, path, ...words])).stdout.trim();
  };
  expect(await complete("daybook", "use")).toBe("users");
  expect(await complete("daybook", "users", "cr")).toBe("create");
  expect(await complete("daybook", "users", "create", "--password-s")).toBe("--password-stdin");
  rmSync(home, { recursive: true, force: true });
});

test("a reader that goes away early is not an error", async () => {
  const { stderr } = await promisify(execFile)("sh", [
    "-c",
    `"${process.execPath}" apps/server/bin/daybook.js config | head -1`,
  ]);
  expect(stderr).toBe("");
});
