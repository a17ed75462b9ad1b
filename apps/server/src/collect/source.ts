import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Readable } from "node:stream";
import { createGunzip, type Gunzip } from "node:zlib";
import { AppError } from "@daybook/contract";

/** One file (or standard input) to read. */
export interface Source {
  /** As the operator wrote it, for messages. */
  name: string;
  /** The file without its rotation suffix: `auth.log` of `auth.log.2.gz`. Files of one series follow each other. */
  series: string;
  /** When it was last written, ms; for standard input the time of the run. */
  modifiedAt: number;
  /** Size on disk; unknown of standard input. */
  bytes: number | undefined;
  /** Found in a folder rather than named: then a file of another kind is passed over quietly. */
  found: boolean;
  /** Its bytes, unpacked; `onBytes` hears of what was read from disk, for the progress bar. */
  open(onBytes?: (bytes: number) => void): AsyncIterable<Buffer>;
}

/** Folders that would never end are a mistake of the operator's. */
const FILES_MAX = 200_000;

/**
 * The files meant by the paths: a file, a folder (walked, only names that match), or `-` for standard input.
 * Rotated files come oldest first.
 * @throws AppError not_found when a path is not there, invalid_request when nothing is left to read
 */
export async function findSources(
  paths: string[],
  files: RegExp,
  now: number,
  stdin: () => Readable,
): Promise<Source[]> {
  const sources: Source[] = [];
  for (const path of paths) {
    if (path === "-") {
      sources.push(standardInput(stdin, now));
      continue;
    }
    const entry = await stat(path).catch((cause: unknown) => {
      throw new AppError("not_found", `There is no file or folder ${path}.`, { cause });
    });
    if (!entry.isDirectory()) sources.push(fileSource(path, entry.size, entry.mtimeMs, false));
    else for (const file of await walk(path, files)) sources.push(file);
  }
  if (sources.length === 0) throw new AppError("invalid_request", `No file to import in ${paths.join(", ")}.`);
  return sources;
}

async function walk(folder: string, files: RegExp): Promise<Source[]> {
  const found: Source[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.name.startsWith(".") || entry.name.includes(".rejected.") || !files.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const about = await stat(path).catch(() => undefined);
    if (!about?.isFile()) continue;
    found.push(fileSource(path, about.size, about.mtimeMs, true));
    if (found.length > FILES_MAX)
      throw new AppError("invalid_request", `${folder} holds more than ${FILES_MAX} files.`);
  }
  return found.sort((a, b) => compareRotated(a.name, b.name));
}

/** Orders names so that rotated logs come oldest first: x.log.2.gz, x.log.1, x.log; x.log-20261101, x.log. */
export function compareRotated(a: string, b: string): number {
  const left = rotation(a);
  const right = rotation(b);
  if (left.series !== right.series) return left.series < right.series ? -1 : 1;
  return right.age - left.age;
}

function rotation(name: string): { series: string; age: number } {
  const plain = name.replace(/\.gz$/, "");
  const numbered = /^(.*)\.(\d{1,3})$/.exec(plain);
  if (numbered?.[1] !== undefined) return { series: numbered[1], age: Number(numbered[2]) };
  const dated = /^(.*)-(\d{8,10})$/.exec(plain);
  if (dated?.[1] !== undefined) return { series: dated[1], age: 1e10 - Number(dated[2]) };
  return { series: plain, age: 0 };
}

function fileSource(path: string, bytes: number, modifiedAt: number, found: boolean): Source {
  const open = (onBytes?: (bytes: number) => void) => unpacked(createReadStream(path), onBytes);
  return { name: path, series: rotation(path).series, modifiedAt, bytes, found, open };
}

function standardInput(stdin: () => Readable, now: number): Source {
  const open = (onBytes?: (bytes: number) => void) => unpacked(stdin(), onBytes);
  return { name: "-", series: "-", modifiedAt: now, bytes: undefined, found: false, open };
}

/** Unpacks gzip (known by its first bytes, whatever the name), turns UTF-16 into UTF-8, drops a byte order mark. */
async function* unpacked(raw: Readable, onBytes?: (bytes: number) => void): AsyncGenerator<Buffer> {
  const chunks = raw[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await chunks.next();
  if (first.done) return;
  const counted = async function* () {
    onBytes?.(first.value.length);
    yield first.value;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
      onBytes?.(next.value.length);
      yield next.value;
    }
  };
  const gzipped = first.value[0] === 0x1f && first.value[1] === 0x8b;
  try {
    yield* decoded(gzipped ? gunzip(counted()) : counted());
  } finally {
    raw.destroy();
  }
}

async function* gunzip(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const unzip = createGunzip();
  const feed = (async () => {
    try {
      for await (const chunk of packed) {
        if (unzip.destroyed) return;
        if (!unzip.write(chunk)) await drained(unzip);
      }
      unzip.end();
    } catch (error) {
      unzip.destroy(error as Error);
    }
  })();
  try {
    for await (const chunk of unzip) yield chunk as Buffer;
    await feed;
  } finally {
    unzip.destroy();
  }
}

/** Until it takes more, or is closed. */
function drained(unzip: Gunzip): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      unzip.off("drain", done).off("close", done);
      resolve();
    };
    unzip.on("drain", done).on("close", done);
  });
}

async function* decoded(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | undefined;
  let begun = false;
  for await (const chunk of chunks) {
    let bytes = chunk;
    if (!begun) {
      begun = true;
      if (chunk[0] === 0xff && chunk[1] === 0xfe) decoder = new TextDecoder("utf-16le");
      else if (chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) bytes = chunk.subarray(3);
    }
    yield decoder ? Buffer.from(decoder.decode(bytes, { stream: true })) : bytes;
  }
}

/** The name a reject file is called after. */
export function sourceLabel(sources: Source[], format: string): string {
  const first = sources[0];
  return !first || first.name === "-" ? format : basename(first.name);
}
