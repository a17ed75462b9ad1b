import { type ChildProcess, execFile, spawn } from "node:child_process";
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Cluster } from "./cluster.ts";
import { EmbeddedPostgresError, identity } from "./postgres-binaries.ts";

export const superuser = "daybook";

/** The password of the superuser, kept inside the cluster so that the two cannot come apart. */
export const passwordFile = "daybook.password";

const LOG_BYTES_MAX = 10 * 1024 * 1024;
/** Crash recovery of 2 GB of write-ahead log takes its time on a slow disk. */
const START_MS_MAX = 120_000;
const STOP_MS_MAX = 60_000;

/**
 * Makes the cluster: UTF-8, the built-in C.UTF-8 locale (the same order on every machine, no ICU or libc to drift),
 * scram. It is made beside and renamed, so that an interrupted start leaves no half cluster. Takes half a second.
 */
export async function createCluster(cluster: Cluster, password: string, noSync = false): Promise<void> {
  const half = `${cluster.directory}.${process.pid}`;
  const given = `${half}.password`;
  const { user } = cluster;
  const options = ["-D", half, "-U", superuser, "-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"];
  const access = ["--auth=scram-sha-256", `--pwfile=${given}`, ...(noSync ? ["--no-sync"] : [])];
  try {
    mkdirSync(half, { recursive: true, mode: 0o700 });
    writeFileSync(given, password, { mode: 0o600 });
    if (user !== undefined) for (const path of [half, given]) chownSync(path, user.uid, user.gid);
    await promisify(execFile)(cluster.binaries.initdb, [...options, ...access], { cwd: "/", ...identity(user) });
    writeFileSync(join(half, passwordFile), password, { mode: 0o600 });
    if (user !== undefined) chownSync(join(half, passwordFile), user.uid, user.gid);
    renameSync(half, cluster.directory);
  } catch (error) {
    // Two first starts at once: the other one's cluster is as good.
    if (existsSync(join(cluster.directory, "PG_VERSION"))) return;
    throw new EmbeddedPostgresError(
      `PostgreSQL could not make ${cluster.directory}: ${(error as Error).message.trim()}`,
    );
  } finally {
    rmSync(given, { force: true });
    rmSync(half, { recursive: true, force: true });
  }
}

/**
 * Starts PostgreSQL and waits until it takes connections. It gets a process group of its own: Ctrl-C in a terminal
 * then reaches us alone, and we stop it after the requests in progress. Throws EmbeddedPostgresError.
 */
export async function startPostgres(cluster: Cluster, parameters: Record<string, string>): Promise<ChildProcess> {
  const log = openLogFile(cluster.logFile);
  const options = Object.entries(parameters).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(cluster.binaries.postgres, ["-D", cluster.directory, ...options], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", log, log],
    ...identity(cluster.user),
  });
  closeSync(log);
  let failure: string | undefined;
  child.once("error", (error) => {
    failure = error.message;
  });
  child.once("exit", (code, signal) => {
    failure ??= `it ended with ${signal ?? `exit code ${code}`}`;
  });
  const deadline = Date.now() + START_MS_MAX;
  for (;;) {
    const file = readPostmasterFile(cluster.directory);
    if (file?.ready === true && file.pid === child.pid) break;
    if (failure !== undefined)
      throw new EmbeddedPostgresError(`PostgreSQL did not start: ${failure}. ${lastLines(cluster.logFile)}`);
    if (Date.now() > deadline) {
      child.kill("SIGINT");
      throw new EmbeddedPostgresError(`PostgreSQL was not ready after 120 s. ${lastLines(cluster.logFile)}`);
    }
    await sleep(10);
  }
  child.unref();
  return child;
}

export interface PostmasterFile {
  pid: number;
  ready: boolean;
}

/** What postmaster.pid says (line 1 the process, line 8 its state); undefined without one. */
export function readPostmasterFile(directory: string): PostmasterFile | undefined {
  let text: string;
  try {
    text = readFileSync(join(directory, "postmaster.pid"), "utf8");
  } catch {
    return undefined;
  }
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  return Number.isInteger(pid) && pid > 0 ? { pid, ready: lines[7]?.trim() === "ready" } : undefined;
}

/** The PostgreSQL that runs on a cluster, whoever started it. */
export function runningPid(directory: string): number | undefined {
  const pid = readPostmasterFile(directory)?.pid;
  return pid !== undefined && isPostgres(pid) ? pid : undefined;
}

/** Fast shutdown: PostgreSQL ends its sessions, writes a checkpoint and exits. Resolves when it is gone. */
export async function stopPostgres(directory: string): Promise<void> {
  const pid = runningPid(directory);
  if (pid === undefined || !signal(pid, "SIGINT")) return;
  const deadline = Date.now() + STOP_MS_MAX;
  while (runningPid(directory) === pid) {
    if (Date.now() > deadline) {
      signal(pid, "SIGQUIT"); // Immediate: the next start recovers from the write-ahead log.
      return;
    }
    await sleep(10);
  }
}

/**
 * Removes what a killed PostgreSQL left behind when its process id belongs to another program by now: PostgreSQL would
 * take that program for itself and refuse to start. (A pid that nobody has is recognised by PostgreSQL itself.)
 */
export function clearStaleLocks(cluster: Cluster): void {
  for (const lock of [join(cluster.directory, "postmaster.pid"), join(cluster.sockets, ".s.PGSQL.5432.lock")]) {
    let pid: number;
    try {
      pid = Number.parseInt(readFileSync(lock, "utf8"), 10);
    } catch {
      continue; // No such file.
    }
    if (!isPostgres(pid)) rmSync(lock, { force: true });
  }
}

/** Whether a process is alive and, where the system tells, a PostgreSQL. */
function isPostgres(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "postgres";
  } catch {
    return !existsSync("/proc/self"); // No /proc on this system: alive is all we know.
  }
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false; // Gone already, or another user's.
  }
}

function openLogFile(path: string): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_BYTES_MAX) renameSync(path, `${path}.1`);
  return openSync(path, "a", 0o640);
}

function lastLines(logFile: string): string {
  try {
    const lines = readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-4);
    return `Its log ${logFile} ends with:\n  ${lines.join("\n  ")}`;
  } catch {
    return "";
  }
}
