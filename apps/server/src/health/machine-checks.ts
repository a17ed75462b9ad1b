import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { freemem } from "node:os";
import { dirname, join } from "node:path";
import { type Config, publicAddress } from "../config.ts";
import { consoleState } from "../console-build.ts";
import { type Check, type Finding, failed, ok, warning } from "./check.ts";

const GB = 1024 ** 3;
/** PostgreSQL takes 256 MB of buffers and as much again for its work, the server up to 400 MB. */
const MEMORY_BYTES_LEAST = GB;
const DISK_BYTES_LEAST = GB;
const DISK_BYTES_GOOD = 10 * GB;

/** The checks that need no database. */
export function machineChecks(config: Config): Check[] {
  return [
    { name: "Node", run: () => ok(`${process.versions.node} on ${process.platform} ${process.arch}`) },
    { name: "memory", run: checkMemory },
    { name: "data directory", run: () => checkDataDirectory(config.data) },
    { name: "disk", run: () => checkDisk(config.data) },
    { name: "port", run: () => checkPort(config) },
    { name: "console", run: checkConsole },
    { name: "proxies", run: () => checkProxies(config) },
  ];
}

function checkMemory(): Finding {
  const available = availableMemory();
  const found = `${gigabytes(available)} available`;
  if (available >= MEMORY_BYTES_LEAST) return ok(found);
  return warning(
    found,
    "Give the machine 1 GB more, or make PostgreSQL smaller: DAYBOOK_POSTGRES_MEMORY_MEGABYTES=64.",
  );
}

/** The container's limit or the machine's available memory, whichever is less. */
function availableMemory(): number {
  const limit = process.constrainedMemory();
  const machine = /MemAvailable:\s+(\d+) kB/.exec(readIfThere("/proc/meminfo"))?.[1];
  const available = machine === undefined ? freemem() : Number(machine) * 1024;
  return limit > 0 && limit < available ? limit - process.memoryUsage.rss() : available;
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function checkDataDirectory(data: string): Finding {
  const place = nearestThere(data);
  try {
    accessSync(place, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return failed(`${place} cannot be written`, "Run daybook as its owner, or name another directory in DAYBOOK_DATA.");
  }
  if (place !== data) return ok(`${data} will be made`);
  const open = ["postgres-url", "keys", "keys/log.key"].filter((name) => {
    const stat = statSync(join(data, name), { throwIfNoEntry: false });
    return stat !== undefined && (stat.mode & 0o077) !== 0;
  });
  if (open.length === 0) return ok(data);
  return failed(
    `others can read ${open.join(", ")} in ${data}`,
    `chmod go= ${open.map((name) => `'${join(data, name)}'`).join(" ")}`,
  );
}

function checkDisk(data: string): Finding {
  const { bavail, bsize } = statfsSync(nearestThere(data));
  const free = bavail * bsize;
  const found = `${gigabytes(free)} free for ${data}`;
  if (free < DISK_BYTES_LEAST) return failed(found, "Free some space, or move the data directory to a larger disk.");
  if (free < DISK_BYTES_GOOD) return warning(found, "A million events take about 1.2 GB: plan for a larger disk.");
  return ok(found);
}

function nearestThere(path: string): string {
  return existsSync(path) ? path : nearestThere(dirname(path));
}

async function checkPort(config: Config): Promise<Finding> {
  const place = `${config.host}:${config.port}`;
  const code = await tryListen(config.host, config.port);
  if (code === undefined) return ok(`${place} is free`);
  if (code === "EADDRINUSE") {
    if (await isDaybook(config)) return ok(`Daybook listens on ${place}`);
    return failed(`${place} is taken by another program`, `Choose another port: DAYBOOK_PORT=${config.port + 1}`);
  }
  return failed(`${place} cannot be used (${code})`, "Choose another DAYBOOK_HOST or DAYBOOK_PORT.");
}

function tryListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port }, () => server.close(() => resolve(undefined)));
  });
}

async function isDaybook(config: Config): Promise<boolean> {
  try {
    const local = publicAddress({ ...config, publicUrl: undefined });
    const reply = await fetch(`${local}/healthz`, { signal: AbortSignal.timeout(3_000) });
    return reply.headers.get("x-request-id")?.startsWith("req_") === true;
  } catch {
    return false;
  }
}

function checkConsole(): Finding {
  const state = consoleState();
  if (state === "fresh") return ok("built");
  if (state === "stale") return warning("older than its sources", "npm run build, or restart: start builds it.");
  return warning("not built", "npm run build, or restart: start builds it.");
}

function checkProxies(config: Config): Finding {
  const local = /^(127\.|::1$|localhost$)/.test(config.host);
  const proxied = config.publicUrl !== undefined;
  if (config.trustedProxies.length > 0) return ok(`trusted: ${config.trustedProxies.join(", ")}`);
  if (proxied && local)
    return warning(
      "none is trusted, but DAYBOOK_PUBLIC_URL speaks of one",
      "Without DAYBOOK_TRUSTED_PROXIES every client seems to have the proxy's address. For one on this machine: 127.0.0.1,::1",
    );
  if (!local && !config.publicUrl?.startsWith("https:"))
    return warning(
      `it listens on ${config.host} without TLS`,
      "Put a TLS proxy in front and set DAYBOOK_PUBLIC_URL=https://… and DAYBOOK_TRUSTED_PROXIES, or listen on 127.0.0.1.",
    );
  return ok("none in front");
}

function gigabytes(bytes: number): string {
  return `${(bytes / GB).toFixed(1)} GB`;
}
