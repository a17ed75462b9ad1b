import { type ChildProcess, spawn } from "node:child_process";
import { repository } from "./run.ts";

// npm run dev: the server, restarted when its sources change, and the console with hot reload in front of it.
// Open http://127.0.0.1:5173. Flags go to the server: npm run dev -- --data ./data-dev

const flags = process.argv.slice(2);
const port = flags[flags.indexOf("--port") + 1];
if (flags.includes("--port") && port !== undefined) process.env.DAYBOOK_API = `http://127.0.0.1:${port}`;

const server = start("server", process.execPath, [
  "--watch-path=apps/server/src",
  "--watch-path=packages/contract/src",
  "apps/server/bin/daybook.js",
  "start",
  "--build-console=no",
  ...flags,
]);
const page = start("console", process.execPath, [
  "node_modules/vite/bin/vite.js",
  "apps/console",
  "--host",
  "127.0.0.1",
]);

function stopBoth(): void {
  server.kill("SIGTERM");
  page.kill("SIGTERM");
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stopBoth);
server.on("exit", stopBoth);
page.on("exit", stopBoth);

function start(name: string, program: string, args: string[]): ChildProcess {
  const child = spawn(program, args, { cwd: repository, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      for (const line of chunk.toString().trimEnd().split("\n")) process.stdout.write(`${name.padEnd(8)}${line}\n`);
    });
  return child;
}
