import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { EmbeddedPostgresError, identity, type PostgresBinaries } from "./postgres-binaries.ts";
import type { PostgresUser } from "./postgres-user.ts";

export const superuser = "daybook";

export interface ClusterPlace {
  binaries: PostgresBinaries;
  user: PostgresUser | undefined;
  /** The cluster's own directory (PGDATA). */
  directory: string;
}

/**
 * Makes a new cluster at `place.directory`: UTF-8, the built-in C.UTF-8 locale (same order on every machine, no ICU or
 * libc to drift), scram. Makes it beside and renames, so that an interrupted start leaves no half cluster. 0.5 s.
 */
export async function createCluster(place: ClusterPlace, password: string, noSync = false): Promise<void> {
  const half = `${place.directory}.${process.pid}`;
  const passwordFile = `${half}.password`;
  mkdirSync(half, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (place.user !== undefined)
    for (const path of [half, passwordFile]) chownSync(path, place.user.uid, place.user.gid);
  const options = ["-D", half, "-U", superuser, "-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"];
  const access = ["--auth=scram-sha-256", `--pwfile=${passwordFile}`, ...(noSync ? ["--no-sync"] : [])];
  try {
    await promisify(execFile)(place.binaries.initdb, [...options, ...access], { cwd: "/", ...identity(place.user) });
    await rename(half, place.directory);
  } catch (error) {
    throw new EmbeddedPostgresError(`PostgreSQL could not make its data directory: ${(error as Error).message}`);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(half, { recursive: true, force: true });
  }
}

async function rename(from: string, to: string): Promise<void> {
  const { rename: move } = await import("node:fs/promises");
  try {
    await move(from, to);
  } catch (error) {
    // Two first starts at once: the other one's cluster is as good.
    if (!existsSync(join(to, "PG_VERSION"))) throw error;
  }
}

export interface RunningPostgres {
  pid: number;
  child: ChildProcess;
}

/**
 * Starts PostgreSQL on a cluster and waits until it takes connections. It gets a process group of its own, so that
 * Ctrl-C in a terminal reaches us alone and we stop it after the requests in progress. Its output goes to `logFile`.
 */
export async function startPostgres(
  place: ClusterPlace,
  parameters: Record<string, string>,
  logFile: string,
): Promise<RunningPostgres> {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, "a", 0o640);
  const options = Object.entries(parameters).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(place.binaries.postgres, ["-D", place.directory, ...options], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", log, log],
    ...identity(place.user),
  });
  closeSync(log);
  let failure: string | undefined;
  child.once("error", (error) => {
    failure = error.message;
  });
  child.once("exit", (code, signal) => {
    failure ??= `it ended with ${signal ?? `exit code ${code}`}`;
  });
  const deadline = Date.now() + 120_000; // Crash recovery of a large log takes its time.
  while (!isReady(place.directory, child.pid)) {
    if (failure !== undefined)
      throw new EmbeddedPostgresError(`PostgreSQL did not start: ${failure}. ${lastLines(logFile)}`);
    if (Date.now() > deadline) {
      child.kill("SIGINT");
      throw new EmbeddedPostgresError(`PostgreSQL was not ready after 120 s. ${lastLines(logFile)}`);
    }
    await sleep(15);
  }
  child.unref();
  return { pid: child.pid ?? 0, child };
}

export interface PostmasterFile {
  pid: number;
  ready: boolean;
}

/** What postmaster.pid says (line 1 the process, line 8 its state), undefined without one. */
export function readPostmasterFile(directory: string): PostmasterFile | undefined {
  let text: string;
  try {
    text = readFileSync(join(directory, "postmaster.pid"), "utf8");
  } catch {
    return undefined;
  }
  const lines = text.split("\n");
  return { pid: Number(lines[0]), ready: lines[7]?.trim() === "ready" };
}

function isReady(directory: string, pid: number | undefined): boolean {
  const file = readPostmasterFile(directory);
  return file?.ready === true && file.pid === pid;
}

/** Fast shutdown: PostgreSQL ends its sessions, writes a checkpoint and exits. */
export async function stopPostgres(directory: string, pid: number, patienceMs = 60_000): Promise<void> {
  if (!signal(pid, "SIGINT")) return;
  const deadline = Date.now() + patienceMs;
  while (isAlive(pid) && readPostmasterFile(directory)?.pid === pid) {
    if (Date.now() > deadline) {
      signal(pid, "SIGQUIT"); // Immediate: the next start recovers from the write-ahead log.
      return;
    }
    await sleep(20);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false; // Gone already.
  }
}

function lastLines(logFile: string): string {
  try {
    const lines = readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-4);
    return `Its log ${logFile} ends with:\n  ${lines.join("\n  ")}`;
  } catch {
    return "";
  }
}
