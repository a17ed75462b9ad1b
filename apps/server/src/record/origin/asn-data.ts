import { fork } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AsnLookup } from "./asn-lookup.ts";
import type { AsnSources } from "./asn-pack.ts";
import type { PackAnswer, PackRequest } from "./asn-pack-process.ts";
import type { OriginLog } from "./origin-log.ts";

const PACKAGE = "@ip-location-db/asn";
const FILE_NAME = "asn-networks.bin";

/**
 * The network data that comes along, as a lookup.
 *  1. Take the packed file from `cacheDir` when it is of the installed version.
 *  2. Else pack the CSV files there, about a second of work. A child process does it: a worker thread's memory stayed with the
 *     server afterwards (measured: 84 MB resident, against 10 MB for the file).
 *  3. Without `cacheDir`, or when it cannot be written, pack into a directory of its own that is removed again.
 * Throws when the data cannot be packed at all, or `signal` ends it.
 */
export async function loadShippedAsn(
  cacheDir: string | undefined,
  log: OriginLog,
  signal: AbortSignal,
): Promise<AsnLookup> {
  const sources = shippedSources();
  if (cacheDir === undefined) return packOnce(sources, signal);
  const path = join(cacheDir, FILE_NAME);
  const kept = await readPacked(path, sources.stamp, log);
  if (kept) return kept;
  const startedAt = performance.now();
  const answer = await pack({ sources, path }, signal);
  if (!answer.ok) {
    log.warn({ path }, `The packed network data cannot be kept, the next start packs again: ${answer.reason}`);
    return packOnce(sources, signal);
  }
  const lookup = new AsnLookup(await readFile(path));
  log.info({ ...lookup.counts, ms: Math.round(performance.now() - startedAt) }, "Network data packed");
  return lookup;
}

function shippedSources(): AsnSources {
  const manifest = createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`);
  const ipv4Csv = join(dirname(manifest), "asn-ipv4-num.csv");
  const ipv6Csv = join(dirname(manifest), "asn-ipv6.csv");
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  const stamp = [PACKAGE, version, statSync(ipv4Csv).size, statSync(ipv6Csv).size].join(" ");
  return { ipv4Csv, ipv6Csv, stamp };
}

async function readPacked(path: string, stamp: string, log: OriginLog): Promise<AsnLookup | undefined> {
  try {
    const lookup = new AsnLookup(await readFile(path));
    return lookup.stamp === stamp ? lookup : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT")
      log.warn({ path }, `The packed network data is made anew: ${(error as Error).message}`);
    return undefined;
  }
}

async function packOnce(sources: AsnSources, signal: AbortSignal): Promise<AsnLookup> {
  const directory = await mkdtemp(join(tmpdir(), "daybook-asn-"));
  try {
    const path = join(directory, FILE_NAME);
    const answer = await pack({ sources, path }, signal);
    if (!answer.ok) throw new Error(answer.reason);
    return new AsnLookup(await readFile(path));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function pack(request: PackRequest, signal: AbortSignal): Promise<PackAnswer> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL("./asn-pack-process.ts", import.meta.url), { execArgv: [], signal });
    child.once("message", (answer) => resolve(answer as PackAnswer));
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`packing ended without a result (exit code ${code})`)));
    child.send(request);
  });
}
