import { type FileHandle, open } from "node:fs/promises";
import type { ImportFault } from "./importer.ts";

/** Lines held before they are written. */
const PENDING_MAX = 500;

/**
 * Keeps what could not be imported: one JSON object a line, `{ file, line, code, message, text }`. The file is made when
 * the first line is refused, readable by its owner alone (a log line may hold anything), and replaces that of the run
 * before.
 */
export class RejectFile {
  readonly path: string;
  #handle: FileHandle | undefined;
  #pending: string[] = [];

  constructor(path: string) {
    this.path = path;
  }

  /** Whether anything was refused. */
  get used(): boolean {
    return this.#handle !== undefined || this.#pending.length > 0;
  }

  async add(file: string, fault: ImportFault): Promise<void> {
    this.#pending.push(`${JSON.stringify({ file, ...fault })}\n`);
    if (this.#pending.length >= PENDING_MAX) await this.#flush();
  }

  async close(): Promise<void> {
    await this.#flush();
    await this.#handle?.close();
  }

  async #flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    this.#handle ??= await open(this.path, "w", 0o600);
    await this.#handle.write(this.#pending.join(""));
    this.#pending = [];
  }
}
