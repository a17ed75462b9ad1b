import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify, stripVTControlCharacters } from "node:util";
import { gzip } from "node:zlib";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const consoleDirectory = join(repository, "apps", "console");

/** Where the built console is. */
export const consoleDist = join(consoleDirectory, "dist");

/** Of a failed build's output: enough to see the cause. */
const OUTPUT_LINES_MAX = 20;

/** What the console is built from. */
const sources = ["src", "public", "index.html", "vite.config.ts", "package.json", "../../packages/contract/src"];

export type ConsoleState = "fresh" | "stale" | "missing";

/** Whether the built console is there and at least as new as its sources. */
export function consoleState(): ConsoleState {
  const built = statSync(join(consoleDist, "index.html"), { throwIfNoEntry: false });
  if (built === undefined) return "missing";
  return sources.every((source) => newest(join(consoleDirectory, source)) <= built.mtimeMs) ? "fresh" : "stale";
}

/** Builds the console when it is missing or older than its sources; see `buildConsole`. */
export async function ensureConsole(say: (line: string) => void): Promise<void> {
  const state = consoleState();
  if (state === "fresh") return;
  if (findVite() === undefined && state === "stale") return; // Installed without vite: the console that came along is meant.
  say(state === "missing" ? "Building the console, once…" : "Building the console: its sources are newer…");
  await buildConsole(say);
}

/**
 * Builds the console. Never throws: without it the API works all the same, so a failure is said and the start goes on.
 * Returns whether it worked.
 */
export async function buildConsole(say: (line: string) => void): Promise<boolean> {
  const vite = findVite();
  if (vite === undefined) {
    say("The console cannot be built, vite is not installed: only the API is served. Run npm ci.");
    return false;
  }
  const { code, output } = await runVite(vite);
  if (code === 0) await compress(join(consoleDist, "assets"));
  else say(`The console could not be built${consoleState() === "stale" ? ", the old one is served" : ""}:\n${output}`);
  return code === 0;
}

function findVite(): string | undefined {
  try {
    return join(
      dirname(createRequire(join(consoleDirectory, "package.json")).resolve("vite/package.json")),
      "bin/vite.js",
    );
  } catch {
    return undefined;
  }
}

function runVite(vite: string): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [vite, "build", "--logLevel", "warn"], { cwd: consoleDirectory });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ code: 1, output: error.message }));
    child.on("close", (code) => resolve({ code, output: firstLines(output) }));
  });
}

function firstLines(output: string): string {
  const lines = stripVTControlCharacters(output).trim().split("\n");
  return lines.length > OUTPUT_LINES_MAX ? [...lines.slice(0, OUTPUT_LINES_MAX), "…"].join("\n") : lines.join("\n");
}

/** A .gz beside each script and style sheet, which the file server sends to browsers that take it. */
async function compress(directory: string): Promise<void> {
  if (!existsSync(directory)) return;
  for (const name of readdirSync(directory)) {
    if (!/\.(js|css|svg|json)$/.test(name)) continue;
    const path = join(directory, name);
    writeFileSync(`${path}.gz`, await promisify(gzip)(readFileSync(path), { level: 9 }));
  }
}

function newest(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
