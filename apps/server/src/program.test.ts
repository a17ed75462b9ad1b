import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { launcher, runDaybook, startDaybook, temporaryDirectory } from "@daybook/testkit";
import { expect, test, vi } from "vitest";

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
  const home = temporaryDirectory();
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

const oldNode = ["/usr/bin/node", "/usr/local/bin/node"].find((path) => {
  if (!existsSync(path)) return false;
  const [major = 0, minor = 0] = execFileSync(path, ["--version"], { encoding: "utf8" })
    .slice(1)
    .split(".")
    .map(Number);
  return major < 22 || (major === 22 && minor < 18);
});

test.runIf(oldNode)(
  "on an old Node the launcher hands over to the one that npm installed, with arguments and exit code",
  async () => {
    const options = { node: oldNode ?? "" };
    expect((await runDaybook(["--version"], options)).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await runDaybook(["nonsense"], options)).code).toBe(2);
  },
);

test.runIf(oldNode)("a signal to the old Node reaches the server behind it", async () => {
  const data = temporaryDirectory();
  const server = await startDaybook({ node: oldNode ?? "", env: { DAYBOOK_DATA: data } });
  expect(await server.stop()).toBe(0);
  const killed = await startDaybook({ node: oldNode ?? "", env: { DAYBOOK_DATA: data } });
  await killed.kill();
  // The server behind it notices within a second or two, and lets go of the data directory.
  await vi.waitFor(async () => expect(await answers(killed.address)).toBe(false), { timeout: 15_000, interval: 100 });
  rmSync(data, { recursive: true, force: true });
});

test.runIf(oldNode)("on an old Node without an installation it says what is needed", async () => {
  const elsewhere = temporaryDirectory();
  mkdirSync(join(elsewhere, "bin"));
  writeFileSync(join(elsewhere, "package.json"), '{"type":"module"}');
  cpSync(launcher, join(elsewhere, "bin", "daybook.js"));
  const run = await runDaybook([], { node: oldNode ?? "", launcher: join(elsewhere, "bin", "daybook.js") });
  expect(run.code).toBe(1);
  expect(run.err).toMatch(/needs Node 22\.18 or later; this is Node .*npm ci/);
  rmSync(elsewhere, { recursive: true, force: true });
});

async function answers(address: string): Promise<boolean> {
  return fetch(address).then(
    () => true,
    () => false,
  );
}
