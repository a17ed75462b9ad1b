import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify, stripVTControlCharacters } from "node:util";
import { gzip } from "node:zlib";

const repository = fileURLToPath(new URL("../../../", import.meta.url));

/** Pages and scripts for browsers, which vite builds. */
interface Bundle {
  name: string;
  directory: string;
  /** What its build ends with. */
  product: string;
  /** What it is built from. */
  sources: readonly string[];
  /** Where its scripts and style sheets are, which are sent compressed. */
  compressed: string;
}

const common = ["src", "public", "vite.config.ts", "package.json"];
const consoleBundle: Bundle = {
  name: "the console",
  directory: join(repository, "apps", "console"),
  product: "dist/index.html",
  sources: [...common, "index.html", "../../packages/contract/src"],
  compressed: "dist/assets",
};
const viewerBundle: Bundle = {
  name: "the activity component",
  directory: join(repository, "packages", "viewer"),
  product: "dist/daybook-activity.js",
  sources: common,
  compressed: "dist",
};
const bundles = [consoleBundle, viewerBundle];

/** Where the built console is. */
export const consoleDist = join(consoleBundle.directory, "dist");
/** Where the component for customers' pages is, built. */
export const viewerDist = join(viewerBundle.directory, "dist");

/** Of a failed build's output: enough to see the cause. */
const OUTPUT_LINES_MAX = 20;

export type ConsoleState = "fresh" | "stale" | "missing";

/** Whether the built console is there and at least as new as its sources. */
export const consoleState = (): ConsoleState => stateOf(consoleBundle);

/** Whether a bundle was built and is at least as new as its sources. */
function stateOf({ directory, product, sources }: Bundle): ConsoleState {
  const built = statSync(join(directory, product), { throwIfNoEntry: false });
  if (built === undefined) return "missing";
  return sources.every((source) => newest(join(directory, source)) <= built.mtimeMs) ? "fresh" : "stale";
}

/** Builds the console and the component for customers' pages, each when it is missing or older than its sources. */
export async function ensureConsole(say: (line: string) => void): Promise<void> {
  for (const bundle of bundles) {
    const state = stateOf(bundle);
    if (state === "fresh") continue;
    if (findVite(bundle) === undefined && state === "stale") continue; // Installed without vite: what came along is meant.
    say(state === "missing" ? `Building ${bundle.name}, once…` : `Building ${bundle.name}: its sources are newer…`);
    await buildBundle(bundle, say);
  }
}

/**
 * Builds the console and the component. Never throws: without them the API works all the same, so a failure is said and the start
 * goes on. Returns whether it worked.
 */
export async function buildConsole(say: (line: string) => void): Promise<boolean> {
  let worked = true;
  for (const bundle of bundles) worked = (await buildBundle(bundle, say)) && worked;
  return worked;
}

async function buildBundle(bundle: Bundle, say: (line: string) => void): Promise<boolean> {
  const { name, directory } = bundle;
  const vite = findVite(bundle);
  if (vite === undefined) {
    say(`Without vite ${name} cannot be built: the API is served all the same. Run npm ci.`);
    return false;
  }
  const { code, output } = await runVite(vite, directory);
  if (code === 0) await compress(join(directory, bundle.compressed));
  else say(`${name} could not be built${stateOf(bundle) === "stale" ? ", the old one is served" : ""}:\n${output}`);
  return code === 0;
}

function findVite({ directory }: Bundle): string | undefined {
  try {
    return join(dirname(createRequire(join(directory, "package.json")).resolve("vite/package.json")), "bin/vite.js");
  } catch {
    return undefined;
  }
}

function runVite(vite: string, directory: string): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [vite, "build", "--logLevel", "warn"], { cwd: directory });
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
