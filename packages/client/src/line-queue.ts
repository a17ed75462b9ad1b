import type { LineStream } from "@daybook/contract";
import { linesOf } from "./task-text.ts";

export interface WaitingLine {
  at: string;
  stream: LineStream;
  text: string;
}

const BATCH_LINES = 500;
/** A batch fits into a body of one megabyte, whatever it is made of. */
const BATCH_LENGTH_MAX = 200_000;
/** More lines than a task keeps need not wait: of those in the middle only their number is told. */
const WAITING_MAX = 100_000;
const CROWDED = 10_000;

/** Lines that wait to be sent, numbered as the server numbers them, so that a batch that arrives twice is stored once. */
export class LineQueue {
  #waiting: WaitingLine[] = [];
  #from: number;
  #leftOut = 0;

  /** `from`: how many lines the task has already. */
  constructor(from: number) {
    this.#from = from;
  }

  add(text: string, stream: LineStream): void {
    const at = new Date().toISOString();
    for (const line of linesOf(text)) {
      if (this.#waiting.length >= WAITING_MAX) this.#leftOut++;
      else {
        if (this.#leftOut > 0) this.#tellLeftOut(at);
        this.#waiting.push({ at, stream, text: line });
      }
    }
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** There is a whole batch. */
  get full(): boolean {
    return this.#waiting.length >= BATCH_LINES;
  }

  get crowded(): boolean {
    return this.#waiting.length >= CROWDED;
  }

  /** The next lines to send: the same beginning until they are sent or dropped, so `from` tells the server what it has already. */
  batch(countMax: number = BATCH_LINES): { lines: WaitingLine[]; from: number } {
    if (this.#leftOut > 0) this.#tellLeftOut(new Date().toISOString());
    let length = 0;
    let count = 0;
    while (count < Math.min(BATCH_LINES, countMax, this.#waiting.length)) {
      length += this.#waiting[count]?.text.length ?? 0;
      if (count > 0 && length > BATCH_LENGTH_MAX) break;
      count++;
    }
    return { lines: this.#waiting.slice(0, count), from: this.#from };
  }

  sent(count: number): void {
    this.#waiting.splice(0, count);
    this.#from += count;
  }

  /** They were refused. */
  drop(count: number): void {
    this.#waiting.splice(0, count);
  }

  /** The server has so many. */
  countFrom(count: number): void {
    this.#from = count;
  }

  #tellLeftOut(at: string): void {
    const text = `… ${this.#leftOut} lines were left out here: Daybook could not be reached and ${WAITING_MAX} waited already.`;
    this.#leftOut = 0;
    this.#waiting.push({ at, stream: "err", text });
  }
}
