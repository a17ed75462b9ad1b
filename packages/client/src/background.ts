/** What goes on behind the caller's back: `close()` waits for it, and what fails is told to `onError`. */
export class Background {
  readonly #onError: (error: Error) => void;
  readonly #open = new Set<Promise<void>>();

  constructor(onError: (error: Error) => void) {
    this.#onError = onError;
  }

  wait(work: Promise<unknown>): void {
    const watched = work
      .then(
        () => {},
        (error: unknown) => this.tell(error),
      )
      .finally(() => this.#open.delete(watched));
    this.#open.add(watched);
  }

  tell(error: unknown): void {
    try {
      this.#onError(error instanceof Error ? error : new Error(String(error)));
    } catch {
      // A fault of whoever is told must not keep the rest from being sent.
    }
  }

  /** Resolves when nothing goes on any more. */
  async ended(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
  }
}
