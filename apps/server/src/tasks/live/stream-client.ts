import type { ServerResponse } from "node:http";

/** A client that takes nothing for so long is cut; it comes back by itself. */
const STUCK_MS = 60_000;

/** One open stream. It keeps nothing: what a slow client cannot take now is read again later. */
export class StreamClient {
  readonly #response: ServerResponse;
  readonly #clock: () => number;
  #fullSince: number | undefined;
  /** Called when a slow client has taken what was sent. */
  onReady: () => void = () => {};

  constructor(response: ServerResponse, clock: () => number) {
    this.#response = response;
    this.#clock = clock;
    response.on("drain", () => {
      this.#fullSince = undefined;
      this.onReady();
    });
  }

  get open(): boolean {
    return !this.#response.writableEnded && !this.#response.destroyed;
  }

  /** Whether the client has taken what was sent. */
  get ready(): boolean {
    return this.open && this.#fullSince === undefined;
  }

  send(messages: Buffer | string): void {
    if (messages.length > 0 && this.open && !this.#response.write(messages)) this.#fullSince ??= this.#clock();
  }

  /** Keeps the connection alive, or cuts it when nobody takes anything. */
  beat(): void {
    if (this.#fullSince !== undefined && this.#clock() - this.#fullSince > STUCK_MS) this.#response.destroy();
    else if (this.ready) this.send(": \n\n");
  }

  end(): void {
    this.#response.end();
  }
}
