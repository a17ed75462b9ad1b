import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { Spool, SpooledBatch } from "./spool.ts";
import { uuidv7 } from "./uuid.ts";

export interface FileSpoolOptions {
  /** Room on disk; left out, 256 MiB. */
  bytesMax?: number;
}

/** A file is closed when it has grown beyond this: it is one request later. */
const FILE_BYTES_MAX = 1024 * 1024;

/**
 * Events in files of a directory, one JSON document a line: `<id>.<process id>.open` while it is written, `<id>.ndjson` when it is closed.
 * Several processes may share a directory; each event has an id, so one that two of them send is stored once.
 */
export class FileSpool implements Spool {
  readonly #directory: string;
  readonly #bytesMax: number;
  #ready: Promise<void> | undefined;
  #open: { path: string; bytes: number } | undefined;

  constructor(directory: string, options: FileSpoolOptions = {}) {
    this.#directory = directory;
    this.#bytesMax = options.bytesMax ?? 256 * 1024 * 1024;
  }

  async keep(lines: readonly string[]): Promise<boolean> {
    await this.#prepared();
    const text = `${lines.join("\n")}\n`;
    const bytes = new TextEncoder().encode(text).length;
    if ((await this.#size()) + bytes > this.#bytesMax) return false;
    this.#open ??= { path: join(this.#directory, `${uuidv7()}.${process.pid}.open`), bytes: 0 };
    // Events hold addresses and names: nobody else on the machine is to read them.
    const file = await open(this.#open.path, "a", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } catch (error) {
      // The disk may be full in the middle of a line: nothing comes after it in this file.
      await this.#closeOpen();
      throw error;
    } finally {
      await file.close();
    }
    this.#open.bytes += bytes;
    if (this.#open.bytes > FILE_BYTES_MAX) await this.#closeOpen();
    return true;
  }

  async oldest(): Promise<SpooledBatch | undefined> {
    await this.#prepared();
    let name = (await this.#names()).find((one) => one.endsWith(".ndjson"));
    if (name === undefined && this.#open !== undefined) {
      await this.#closeOpen();
      name = (await this.#names()).find((one) => one.endsWith(".ndjson"));
    }
    if (name === undefined) return undefined;
    const path = join(this.#directory, name);
    const text = await readFile(path, "utf8").catch(() => "");
    // What comes after the last line feed was cut off by the end of a process: it was never said to be kept.
    const lines = text
      .slice(0, text.lastIndexOf("\n") + 1)
      .split("\n")
      .filter(isJson);
    const forget = (): Promise<void> => rm(path, { force: true });
    if (lines.length > 0) return { lines, forget };
    await forget();
    return this.oldest();
  }

  /** Makes the directory, and takes over what processes left open that are no more. */
  #prepared(): Promise<void> {
    this.#ready ??= (async () => {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      for (const name of await this.#names()) {
        const [id, pid] = name.split(".");
        // Our own number: this spool has opened nothing yet, so it is of one that had it before, as in containers.
        if (name.endsWith(".open") && (Number(pid) === process.pid || !isAlive(Number(pid))))
          await this.#close(name, id);
      }
    })();
    return this.#ready;
  }

  async #closeOpen(): Promise<void> {
    const name = this.#open?.path.slice(this.#directory.length + 1);
    this.#open = undefined;
    if (name !== undefined) await this.#close(name, name.split(".")[0]);
  }

  /** Another process may have done so before. */
  #close(name: string, id: string | undefined): Promise<void> {
    return rename(join(this.#directory, name), join(this.#directory, `${id}.ndjson`)).catch(() => {});
  }

  /** The ids of files are in the order of time. */
  async #names(): Promise<string[]> {
    return (await readdir(this.#directory)).sort();
  }

  async #size(): Promise<number> {
    const sizes = (await this.#names()).map((name) =>
      stat(join(this.#directory, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
