interface Waiter {
  urgent: boolean;
  enter(): void;
}

/** Whoever waits for longer comes back later. */
const WAIT_MS = 60_000;

/** Who may use a connection: so many at a time. Those who are urgent come first, else whoever came first. */
export class ConnectionQueue {
  readonly #waiting: Waiter[] = [];
  #left: number;

  constructor(connections: number) {
    this.#left = connections;
  }

  /** Waits until there is one. Throws what `late` makes after a minute, and the reason of the signal. */
  async take(urgent: boolean, signal: AbortSignal, late: () => Error): Promise<void> {
    signal.throwIfAborted();
    if (this.#left > 0) this.#left--;
    else await this.#wait(urgent, signal, late);
  }

  /** It is not used any more. */
  free(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#left++;
    else next.enter();
  }

  #wait(urgent: boolean, signal: AbortSignal, late: () => Error): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
      };
      const enter = () => {
        end();
        resolve();
      };
      const waiter = { urgent, enter };
      const leave = (why: unknown) => {
        end();
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(why);
      };
      const onAbort = () => leave(signal.reason);
      const timer = setTimeout(() => leave(late()), WAIT_MS);
      signal.addEventListener("abort", onAbort);
      const behind = urgent ? this.#waiting.findIndex((each) => !each.urgent) : -1;
      this.#waiting.splice(behind === -1 ? this.#waiting.length : behind, 0, waiter);
    });
  }
}
