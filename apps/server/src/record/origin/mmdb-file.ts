import type { Stats } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { isIPv4 } from "node:net";
import { type CityResponse, Reader } from "maxmind";
import type { OriginLog } from "./origin-log.ts";
import { RecentMap } from "./recent-map.ts";

/** Decoded records kept: few of them are used over and over. */
const RECORDS_MAX = 2_000;
/** Polling is what sees a rename, a network mount and a container's bind mount alike; one stat in this time costs nothing. */
export const CHECK_EVERY_MS = 5_000;

export interface MmdbOptions {
  log: OriginLog;
  /** Milliseconds between two looks at the file; 0 never looks again. */
  checkEveryMs?: number | undefined;
  /** Says why a database of this kind does not serve, or nothing. */
  refuse?: (databaseType: string) => string | undefined;
  /** Called after a new file was taken. */
  onChange?: () => void;
}

/**
 * A MaxMind DB file, read again when it changes. A new file that cannot be read, or is gone, leaves the old one in use and
 * is logged once.
 */
export class MmdbFile {
  readonly path: string;
  readonly #options: MmdbOptions;
  #reader: Reader<CityResponse> | undefined;
  #stamp = "";
  #complaint = "";
  #timer: NodeJS.Timeout | undefined;
  #checking: Promise<void> | undefined;

  private constructor(path: string, options: MmdbOptions) {
    this.path = path;
    this.#options = options;
  }

  /** Opens the file. When it cannot be read yet, that is logged, `loaded` is false, and it is taken when it appears. */
  static async open(path: string, options: MmdbOptions): Promise<MmdbFile> {
    const file = new MmdbFile(path, options);
    await file.check();
    const every = options.checkEveryMs ?? CHECK_EVERY_MS;
    if (every > 0) file.#timer = setInterval(() => void file.check(), every).unref();
    return file;
  }

  get loaded(): boolean {
    return this.#reader !== undefined;
  }

  /** The kind of database by its own word (e.g. `GeoLite2-Country`) and when it was built. */
  get metadata(): { databaseType: string; builtAt: Date } | undefined {
    const metadata = this.#reader?.metadata;
    return metadata && { databaseType: metadata.databaseType, builtAt: metadata.buildEpoch };
  }

  /** The record of an address in the form of normaliseIp, whatever its shape. */
  find(ip: string): unknown {
    const reader = this.#reader;
    if (!reader || (reader.metadata.ipVersion === 4 && !isIPv4(ip))) return null;
    try {
      return reader.get(ip);
    } catch (error) {
      // A damaged spot in a file that opened: that address stays without data, the event is taken all the same.
      this.#options.log.warn({ path: this.path, ip }, `The geo data is damaged: ${(error as Error).message}`);
      return null;
    }
  }

  /** Looks whether the file has changed and takes the new one. */
  async check(): Promise<void> {
    this.#checking ??= this.#load().finally(() => {
      this.#checking = undefined;
    });
    await this.#checking;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /**
   *  1. Nothing to do when the file is the one that was taken (inode, size, time of change).
   *  2. Read it; when it changed meanwhile it is still being written: the next look takes it.
   *  3. A file that opens replaces the old one at once; else the old one stays.
   */
  async #load(): Promise<void> {
    try {
      const stamp = stampOf(await stat(this.path));
      if (stamp === this.#stamp) return;
      const reader = openReader(await readFile(this.path));
      const refusal = this.#options.refuse?.(reader.metadata.databaseType);
      if (refusal !== undefined) throw new Error(refusal);
      if (stampOf(await stat(this.path)) !== stamp) return;
      const isFirst = this.#reader === undefined;
      this.#reader = reader;
      this.#stamp = stamp;
      this.#complaint = "";
      this.#options.log.info({ path: this.path, ...this.metadata }, isFirst ? "Geo data read" : "Geo data read again");
      this.#options.onChange?.();
    } catch (error) {
      this.#complain((error as Error).message);
    }
  }

  #complain(reason: string): void {
    if (reason === this.#complaint) return;
    this.#complaint = reason;
    const instead = this.loaded ? "the data read before stays in use" : "the data that comes along is used";
    this.#options.log.warn({ path: this.path }, `The geo data cannot be read, ${instead}: ${reason}`);
  }
}

function stampOf(stats: Stats): string {
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}`;
}

function openReader(file: Buffer): Reader<CityResponse> {
  if (file[0] === 0x1f && file[1] === 0x8b) throw new Error("it is compressed with gzip; unpack it first");
  const cache = new RecentMap<number | string, object>(RECORDS_MAX);
  const reader = new Reader<CityResponse>(file, { cache });
  // A file cut in its middle can still have its tail: these look-ups walk the tree and a record.
  for (const ip of ["1.1.1.1", "8.8.8.8", "81.2.69.160", "2001:4860:4860::8888"]) {
    if (reader.metadata.ipVersion === 6 || isIPv4(ip)) reader.get(ip);
  }
  return reader;
}
