import { AppError, limits } from "@daybook/contract";

/** Counts the live streams of this process, of whatever kind: each holds a connection. */
export class StreamRoom {
  #open = 0;
  #closed = false;

  /** Open streams. */
  get open(): number {
    return this.#open;
  }

  /** Throws overloaded when there are too many streams, or when the server is stopping. */
  check(): void {
    if (this.#closed) throw new AppError("overloaded", "The server is shutting down.", { retryAfterSeconds: 5 });
    if (this.#open < limits.streamsMax) return;
    const detail = `More than ${limits.streamsMax} streams are open (streamsMax).`;
    throw new AppError("overloaded", detail, { retryAfterSeconds: 30, extra: { limit: "streamsMax" } });
  }

  enter(): void {
    this.#open++;
  }

  leave(): void {
    this.#open--;
  }

  /** Lets nobody in any more. */
  close(): void {
    this.#closed = true;
  }
}
