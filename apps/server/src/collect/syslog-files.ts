import { Occurrences } from "./identity.ts";
import type { ImportItem, ImportOptions } from "./importer.ts";
import { LINE_BYTES_MAX, type Line, readLines } from "./lines.ts";
import type { Source } from "./source.ts";
import { type Envelope, readEnvelope } from "./sshd/envelope.ts";
import { LogClock } from "./sshd/log-clock.ts";
import { Zone } from "./zone.ts";

/** A line of a system log, taken apart. */
export interface SyslogLine {
  envelope: Envelope;
  line: Line;
}

/** The files of one run as lines of a system log: which year, which zone, and which of two equal lines it is. */
export class SyslogFiles {
  readonly #clock: LogClock;
  readonly #occurrences = new Occurrences();
  #source: Source | undefined;
  #firstAt: number | undefined;
  #lastAt: number | undefined;
  #before: { firstAt: number | undefined; lastAt: number | undefined; source: Source | undefined } = {
    firstAt: undefined,
    lastAt: undefined,
    source: undefined,
  };

  constructor(options: ImportOptions) {
    this.#clock = new LogClock(new Zone(options.timezone), options.year, options.now);
  }

  /** The lines of one file; what is no line of a system log comes as an item. */
  async *read(source: Source): AsyncGenerator<SyslogLine | ImportItem> {
    this.#begin(source);
    for await (const line of readLines(source.open())) {
      const read = this.#line(line);
      if (read !== undefined) yield read;
    }
  }

  remarks(): string[] {
    const years = [...this.#clock.inferredYears].sort();
    if (years.length === 0) return [];
    return [
      `The log names no year; from the file's time it was taken for ${years.join(" and ")}. --year says otherwise.`,
    ];
  }

  /** What makes an entry this one: its content, and the how manieth of equal ones it is. */
  identity({ at, host, program, pid, message, cursor }: Envelope): string {
    const content = cursor ?? `${at}\n${host ?? ""}\n${program}\n${pid ?? ""}\n${message}`;
    return `${content}\n${this.#occurrences.next(content, at)}`;
  }

  #begin(source: Source): void {
    this.#clock.nextFile(source.modifiedAt, source.series === this.#source?.series);
    this.#before = { firstAt: this.#firstAt, lastAt: this.#lastAt, source: this.#source };
    this.#source = source;
    this.#firstAt = undefined;
    this.#lastAt = undefined;
  }

  /**
   * A file that begins in the second in which the one before ended goes on with it: identical lines are counted on.
   * Any other file starts afresh, so that a copy is known for one. (Of a file that is one second long a copy would
   * begin so too: then only its neighbour in a rotated series goes on.)
   */
  #firstLine(at: number): void {
    const { firstAt, lastAt, source } = this.#before;
    const neighbour = source?.series === this.#source?.series && source?.name !== this.#source?.name;
    if (lastAt === at && (firstAt !== lastAt || neighbour)) this.#occurrences.keepOnly(at);
    else this.#occurrences.clear();
  }

  #line(line: Line): SyslogLine | ImportItem | undefined {
    const { number, text } = line;
    if (line.tooLong) {
      const message = `The line is longer than ${LINE_BYTES_MAX} bytes.`;
      return { fault: { line: number, code: "line_too_long", message, text } };
    }
    if (text.trim() === "") return undefined;
    const envelope = readEnvelope(text, this.#clock);
    if ("skipped" in envelope) return { skipped: envelope.skipped, line: number };
    if ("code" in envelope) return { fault: { line: number, ...envelope, text } };
    if (this.#firstAt === undefined) this.#firstLine(envelope.at);
    this.#firstAt ??= envelope.at;
    this.#lastAt = envelope.at;
    return { envelope, line };
  }
}
