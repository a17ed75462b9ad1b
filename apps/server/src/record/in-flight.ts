import { AppError } from "@daybook/contract";

/**
 * The memory that bodies under way may hold together, so that any number of slow clients leaves the server under 400 MB.
 * JSON bodies, read whole, take from theirs as they arrive and are refused with 503 when it is used up; streams (NDJSON)
 * wait, so that TCP slows their senders down. Two budgets, so that neither kind starves the other.
 */
export const JSON_BYTES_MAX = 20 * 1024 * 1024;
export const STREAM_BYTES_MAX = 24 * 1024 * 1024;

export class InFlight {
  #free: number;
  readonly #bytesMax: number;
  readonly #waiting: { bytes: number; go: () => void }[] = [];

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#free = bytesMax;
  }

  /** Bytes that are not taken. */
  get freeBytes(): number {
    return this.#free;
  }

  /** Takes so many bytes or throws `overloaded`. */
  take(bytes: number): void {
    if (bytes > 0 && (this.#waiting.length > 0 || bytes > this.#free)) {
      const detail = "The bodies of all requests under way exceed the memory set aside for them (inFlightBytesMax).";
      throw new AppError("overloaded", detail, {
        retryAfterSeconds: 2,
        extra: { limit: "inFlightBytesMax", max: this.#bytesMax },
      });
    }
    this.#free -= bytes;
  }

  /** Takes so many bytes as soon as they are free; first come, first served. */
  async wait(bytes: number): Promise<void> {
    if (this.#waiting.length === 0 && bytes <= this.#free) {
      this.#free -= bytes;
      return;
    }
    await new Promise<void>((go) => this.#waiting.push({ bytes, go }));
  }

  give(bytes: number): void {
    this.#free += bytes;
    for (let next = this.#waiting[0]; next !== undefined && next.bytes <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= next.bytes;
      next.go();
    }
  }
}
