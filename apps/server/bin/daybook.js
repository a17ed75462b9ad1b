#!/usr/bin/env node
// Starts Daybook on a Node that can run it. Plain JavaScript of old, so that an old Node can read it: it then hands over to
// the Node that npm installed with Daybook, or says what is needed.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const LEAST = [22, 18]; // The first Node that runs TypeScript as it is.

function isEnough(version) {
  const parts = version.split(".").map(Number);
  return parts[0] > LEAST[0] || (parts[0] === LEAST[0] && parts[1] >= LEAST[1]);
}

/** The nearest place of this name inside a node_modules, from here upwards. */
function findInModules(name) {
  for (let place = dirname(fileURLToPath(import.meta.url)); ; place = dirname(place)) {
    const candidate = join(place, "node_modules", name);
    if (existsSync(candidate)) return candidate;
    if (place === dirname(place)) return undefined;
  }
}

function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url)].concat(process.argv.slice(2)), {
    stdio: "inherit",
    env: Object.assign({}, process.env, { DAYBOOK_LAUNCHER_PID: String(process.pid) }),
  });
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2"]) process.on(name, () => child.kill(name));
  child.on("error", (error) => refuse(`${node} cannot be started: ${error.message}`));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function refuse(reason) {
  process.stderr.write(`daybook: ${reason}\n`);
  process.exit(1);
}

/**
 * The young heap of the server, and of verify, has 16 MB from the start: events are garbage before V8 takes them for old ones, which is 5 % more
 * events a second; with V8's own least of 1 MB it marks the whole heap every other second under load, and with its own most
 * of 32 MB the process is 90 MB larger (Node 24, 2026-11-21). V8 reads this at its start only, so the process replaces
 * itself where it can; it stays the same process.
 */
function withYoungHeap() {
  const flags = ["--min-semi-space-size=16", "--max-semi-space-size=16"];
  if (!process.execve || process.channel || !process.argv.includes("start") || process.execArgv.includes(flags[0]))
    return;
  process.execve(
    process.execPath,
    [process.execPath].concat(flags, process.execArgv, process.argv.slice(1)),
    process.env,
  );
}

if (isEnough(process.versions.node)) {
  withYoungHeap();
  // Halves the time to load (0.65 s to 0.3 s of processor time). Beside the code and never in /tmp, where others can write.
  const modules = findInModules("");
  if (modules && module.enableCompileCache) module.enableCompileCache(join(modules, ".cache", "daybook"));
  import("../src/main.ts");
} else {
  const node = process.env.DAYBOOK_LAUNCHER_PID ? undefined : findInModules(join("node", "bin", "node"));
  if (node) handOver(node);
  else
    refuse(
      `Daybook needs Node ${LEAST.join(".")} or later; this is Node ${process.versions.node}. ` +
        "Run npm ci in the checkout, which installs a fitting one beside it, or install Node 24 LTS.",
    );
}
