import type { EventInput } from "@daybook/contract";
import type { Db } from "../db/pool.ts";
import type { CsvMapping } from "./csv/mapping.ts";
import type { ImportedDelivery } from "./postfix/imported-mail.ts";
import type { Source } from "./source.ts";

/** What the operator said about the files of one run. */
export interface ImportOptions {
  /** Year of the first line, for logs that carry none. Left out, it is inferred from the file's time. */
  year?: number | undefined;
  /** IANA name or offset of the zone that times without one are in. */
  timezone: string;
  /** The run's clock, ms since the epoch. */
  now: number;
  /** How a CSV file's columns become an event; left out, the columns of our own export are expected. */
  mapping?: CsvMapping | undefined;
}

/** A line that could not be read as what the format promises. `text` is the line, kept in the reject file. */
export interface ImportFault {
  line: number;
  code: string;
  message: string;
  text: string;
}

/**
 * One thing read. A line that stands for N attempts gives N items; a line that is of the format but not an event
 * (a CRON line in auth.log) gives one skipped item, with what it was.
 */
export type ImportItem =
  | { event: EventInput; line: number; text: string; mail?: ImportedDelivery }
  | { fault: ImportFault }
  | { skipped: string; line: number };

/** An item that is an event. */
export type EventItem = Extract<ImportItem, { event: EventInput }>;

/** Reads the files of one run, oldest first. What one file leaves for the next (year, last second) stays inside. */
export interface ImportReader {
  read(source: Source): AsyncIterable<ImportItem>;
  /** What the operator should know once all is read, e.g. which year was assumed. */
  remarks?(): string[];
}

/** One format: a folder beside this file, and one line in `formats.ts`. */
export interface Importer {
  name: string;
  /** One line for `daybook import --help`. */
  describe: string;
  /** The names that are taken from a folder; a file that is named itself is always read. */
  files: RegExp;
  /** The id follows from the source's content, so an id that is taken is this very event, read before. */
  contentDecidesId: boolean;
  open(options: ImportOptions): ImportReader;
  /**
   * Keeps what a batch says besides its events, before they are in the log: a run that breaks off in between is run again and does no
   * harm. Gives back the items, their events perhaps with what is known by then.
   */
  keep?(db: Db, workspaceId: number, items: EventItem[]): Promise<EventItem[]>;
}
