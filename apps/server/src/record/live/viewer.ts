import type { ServerResponse } from "node:http";
import type { Lens } from "./lens.ts";

/** A client that takes nothing for so long is cut; it comes back with its Last-Event-ID. */
const STUCK_MS = 60_000;

/**
 * One open stream. It keeps no events: what a slow client cannot take now is read again later from `seq` on.
 */
export class Viewer {
  readonly #response: ServerResponse;
  readonly #onReady: (viewer: Viewer) => void;
  /** What it sees of new events. */
  readonly lens: Lens;
  /** Everything up to here was sent, or did not match. */
  seq: number;
  /** It has more to take from the database or the shared buffer before it is live. */
  behind = false;
  /** It is being brought up; once at a time. */
  catchingUp = false;
  #fullSince: number | undefined;

  constructor(parts: { response: ServerResponse; lens: Lens; seq: number; onReady: (viewer: Viewer) => void }) {
    this.#response = parts.response;
    this.#onReady = parts.onReady;
    this.lens = parts.lens;
    this.seq = parts.seq;
    parts.response.on("drain", () => {
      this.#fullSince = undefined;
      this.#onReady(this);
    });
  }

  get open(): boolean {
    return !this.#response.writableEnded && !this.#response.destroyed;
  }

  /** Whether the client has taken what was sent. */
  get ready(): boolean {
    return this.open && this.#fullSince === undefined;
  }

  /** Sends messages and moves on to `seq`. */
  send(messages: Buffer | string, seq: number, nowMs: number): void {
    this.seq = seq;
    if (messages.length > 0 && this.open && !this.#response.write(messages)) this.#fullSince ??= nowMs;
  }

  /** Keeps the connection alive and tells the client how far it is, so that it resumes there. */
  beat(nowMs: number): void {
    if (this.#fullSince !== undefined && nowMs - this.#fullSince > STUCK_MS) this.#response.destroy();
    else if (this.ready) this.send(`: \nid: ${this.lens.idOf(this.seq)}\n\n`, this.seq, nowMs);
  }

  end(): void {
    this.#response.end();
  }
}
