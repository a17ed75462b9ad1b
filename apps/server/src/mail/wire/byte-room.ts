import { RetryLater } from "../../tasks/define-task.ts";

interface Waiter {
  bytes: number;
  enter(): void;
}

/** Whoever waits for longer comes back later, and holds nobody up meanwhile. */
const WAIT_MS = 60_000;

/** Room in memory for large messages: so many bytes at a time, in the order in which they come. */
export class ByteRoom {
  readonly #most: number;
  readonly #waiting: Waiter[] = [];
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Waits until there is room; what it gives makes the room free again. A message that is larger than all the room has it to itself. Throws
   * RetryLater after a minute, and the reason of the signal.
   */
  async take(bytes: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#waiting.length > 0 || !this.#fits(bytes)) await this.#wait(bytes, signal);
    else this.#taken += bytes;
    let isFree = false;
    return () => {
      if (isFree) return;
      isFree = true;
      this.#taken -= bytes;
      this.#admit();
    };
  }

  #fits(bytes: number): boolean {
    return this.#taken === 0 || this.#taken + bytes <= this.#most;
  }

  #wait(bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
      };
      const waiter = {
        bytes,
        enter: () => {
          end();
          resolve();
        },
      };
      const leave = (why: unknown) => {
        end();
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(why);
        this.#admit();
      };
      const onAbort = () => leave(signal.reason);
      const late = () => leave(new RetryLater(1_000 + Math.random() * 1_000, "Other large mails are on their way."));
      const timer = setTimeout(late, WAIT_MS);
      signal.addEventListener("abort", onAbort);
      this.#waiting.push(waiter);
    });
  }

  #admit(): void {
    for (let first = this.#waiting[0]; first !== undefined && this.#fits(first.bytes); first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#taken += first.bytes;
      first.enter();
    }
  }
}
