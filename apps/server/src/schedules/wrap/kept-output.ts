/** The first and the last bytes of an output, however long it is: the beginning says what was tried, the end how it went. */
export class KeptOutput {
  readonly #headMax: number;
  readonly #tailMax: number;
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #cut = 0;

  /** Room in bytes, a quarter of it for the beginning. */
  constructor(bytesMax: number) {
    this.#headMax = Math.floor(bytesMax / 4);
    this.#tailMax = bytesMax - this.#headMax;
  }

  add(chunk: Buffer): void {
    const room = this.#headMax - this.#headBytes;
    if (room > 0) {
      const part = chunk.subarray(0, room);
      this.#head.push(part);
      this.#headBytes += part.length;
    }
    const rest = chunk.subarray(Math.max(0, room));
    if (rest.length === 0) return;
    this.#tail.push(rest);
    this.#tailBytes += rest.length;
    // Put together now and then, so that small pieces neither pile up nor are copied each time.
    if (this.#tailBytes > 2 * this.#tailMax || this.#tail.length > 1_000) this.#trim();
  }

  text(): string {
    this.#trim();
    const head = Buffer.concat(this.#head);
    const tail = Buffer.concat(this.#tail);
    if (this.#cut === 0) return Buffer.concat([head, tail]).toString("utf8");
    // A character that was cut in two is left out.
    const whole = (part: Buffer): string => part.toString("utf8").replace(/^\uFFFD+|\uFFFD+$/g, "");
    return `${whole(head)}\n[${this.#cut} bytes are left out here]\n${whole(tail)}`;
  }

  #trim(): void {
    const all = Buffer.concat(this.#tail);
    const over = Math.max(0, all.length - this.#tailMax);
    this.#cut += over;
    this.#tail = all.length === 0 ? [] : [Buffer.from(all.subarray(over))];
    this.#tailBytes = all.length - over;
  }
}
