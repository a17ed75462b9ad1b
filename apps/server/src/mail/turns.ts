/**
 * Lets work that takes a millisecond each go one by one, with everything else that waits for the event loop in between: thirty mails that are
 * accepted at once would hold up those that are just being delivered.
 */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when it is the caller's turn. */
  next(): Promise<void> {
    this.#last = this.#last.then(() => new Promise((resolve) => setImmediate(resolve)));
    return this.#last;
  }
}
