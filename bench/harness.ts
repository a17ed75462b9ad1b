import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { configWith } from "@daybook/server/config.ts";
import { openEmbedded } from "@daybook/server/db/embedded.ts";
import { type Db, openPools } from "@daybook/server/db/pool.ts";

const daybook = new URL("../apps/server/bin/daybook.js", import.meta.url).pathname;

/** A real server process with its own embedded PostgreSQL in a directory of its own. */
export interface BenchServer {
  base: string;
  key: string;
  pid: number;
  data: string;
  db: Db;
  ownerDb: Db;
  /** Resident memory of the server process, PostgreSQL apart, in MiB. */
  memoryMb(): number;
  /** Milliseconds from the start of the process until it listened. */
  startMs: number;
  /** Runs a command beside the server; its standard output. */
  run(...words: string[]): string;
  /** The same with something on its standard input. */
  runWith(input: string, ...words: string[]): string;
  stop(): Promise<void>;
}

export async function startServer(
  options: { data?: string; keep?: boolean; env?: Record<string, string> } = {},
): Promise<BenchServer> {
  const data = options.data ?? mkdtempSync(join(tmpdir(), "daybook-bench-"));
  chmodSync(data, 0o755); // So that PostgreSQL, as its own user, can live in it.
  const port = await freePort();
  const env = {
    ...process.env,
    DAYBOOK_DATA: data,
    DAYBOOK_PORT: `${port}`,
    DAYBOOK_REQUESTS_PER_MINUTE: "0",
    DAYBOOK_LOG_LEVEL: "warn",
    NO_COLOR: "1",
    ...options.env,
  };
  const started = performance.now();
  const child = spawn(process.execPath, [daybook, "start"], { env, stdio: ["ignore", "pipe", "inherit"] });
  await listening(child);
  const startMs = performance.now() - started;
  const run = (...words: string[]): string =>
    execFileSync(process.execPath, [daybook, ...words], { env, encoding: "utf8" });
  const runWith = (input: string, ...words: string[]): string =>
    execFileSync(process.execPath, [daybook, ...words], { env, encoding: "utf8", input });
  const made = run(
    "keys",
    "create",
    "--name",
    "bench",
    "--scope",
    "events:write,events:read,log:read,tasks:write,mail:send,mail:read",
    "--json",
  );
  const embedded = await openEmbedded(configWith({ data }), () => {});
  const { db, ownerDb } = openPools(embedded.url, 4);
  const pid = child.pid ?? 0;
  return {
    base: `http://127.0.0.1:${port}/api/v1`,
    key: (JSON.parse(made) as { key: string }).key,
    pid,
    data,
    db,
    ownerDb,
    startMs,
    run,
    runWith,
    memoryMb: () => memoryMb(pid),
    stop: async () => {
      await Promise.all([db.end(), ownerDb.end()]);
      await embedded.close();
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
      if (options.keep !== true && options.data === undefined) rmSync(data, { recursive: true, force: true });
    },
  };
}

function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      seen += chunk.toString();
      if (seen.includes("listens on")) resolve();
    });
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${seen}`)));
  });
}

export function memoryMb(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Math.round(Number(line?.[1] ?? 0) / 1024);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, "close");
  return port;
}

/** The value below which a share of the values lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const round = (value: number, digits = 1): number => Number(value.toFixed(digits));

/** What a result was measured on. */
export function machine(): Record<string, string> {
  const git = (...words: string[]): string => execFileSync("git", words, { encoding: "utf8" }).trim();
  return {
    cpu: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
    commit: `${git("rev-parse", "--short", "HEAD")}${git("status", "--porcelain", "--untracked-files=no") === "" ? "" : " with changes"}`,
    date: new Date().toISOString(),
  };
}

/** One line of a result: what was measured, the figure, what it should be, and whether it is. */
export interface Figure {
  what: string;
  measured: string;
  /** Left out, nothing is asked of it: it says what another figure means. */
  wanted?: string;
  met?: boolean;
}
