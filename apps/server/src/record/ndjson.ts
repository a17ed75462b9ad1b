import type { Readable } from "node:stream";
import { type Fault, limits } from "@daybook/contract";
import type { InFlight } from "./in-flight.ts";
import type { PreparedEvent, Sender, WorkspaceRef } from "./prepare.ts";
import { type RecordWriter, turnOfTheLoop, YIELD_EVENTS } from "./record.ts";

/** Lines that share one append; a batch also ends at BATCH_BYTES_MAX and when the sender pauses for PAUSE_MS. */
const BATCH_LINES_MAX = 2_000;
const BATCH_BYTES_MAX = 6 * 1024 * 1024;
const PAUSE_MS = 50;
/** Batches of one stream that are being appended: with one waiting behind the other, the database never waits for us. */
const APPENDS_MAX = 2;
/** A prepared event takes some three times the memory of its line: the parsed JSON, the row, its tuple. */
const PREPARED_FACTOR = 3;
/** Rejected lines that are listed; beyond it they are only counted. */
const REJECTED_LISTED_MAX = 1_000;

export interface NdjsonResult {
  accepted: number;
  duplicates: number;
  rejectedCount: number;
  rejected: Fault[];
}

interface Batch {
  events: PreparedEvent[];
  lines: number[];
  bytes: number;
}

/**
 * Stores a stream of events, one JSON document a line: good lines are stored, bad ones reported.
 *  1. Cut the stream into lines; a line over eventBytesMax is reported and skipped to its end, never held.
 *  2. Prepare each line; collect a batch. Its bytes count as in flight; when too many are, the stream is not read on.
 *  3. Append the batch while the next ones are being prepared, so that the database and this process work side by side.
 */
export async function storeNdjson(
  record: RecordWriter,
  inFlight: InFlight,
  workspace: WorkspaceRef,
  sender: Sender,
  body: Readable,
): Promise<NdjsonResult> {
  const result: NdjsonResult = { accepted: 0, duplicates: 0, rejectedCount: 0, rejected: [] };
  const reject = (fault: Fault): void => {
    result.rejectedCount++;
    if (result.rejected.length < REJECTED_LISTED_MAX) result.rejected.push(fault);
  };
  let batch: Batch = { events: [], lines: [], bytes: 0 };
  const appends = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  let pause: NodeJS.Timeout | undefined;
  let prepared = 0;

  const flush = async (): Promise<void> => {
    clearTimeout(pause);
    pause = undefined;
    while (appends.size >= APPENDS_MAX) await Promise.race(appends);
    if (failure !== undefined) throw failure.error;
    if (batch.bytes === 0) return;
    const full = batch;
    batch = { events: [], lines: [], bytes: 0 };
    const append = appendBatch(record, workspace, full, result, reject)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => {
        inFlight.give(full.bytes);
        appends.delete(append);
      });
    appends.add(append);
  };

  try {
    for await (const { text, line, bytes } of linesOf(body, reject)) {
      if (++prepared % YIELD_EVENTS === 0) await turnOfTheLoop();
      const held = bytes * PREPARED_FACTOR;
      await inFlight.wait(held);
      batch.bytes += held;
      const event = prepareLine(record, workspace, sender, text, line, reject);
      if (event !== undefined) {
        batch.events.push(event);
        batch.lines.push(line);
      }
      if (batch.lines.length >= BATCH_LINES_MAX || batch.bytes >= BATCH_BYTES_MAX) await flush();
      // A failure stays in `failure`, where the next flush meets it.
      else pause ??= setTimeout(() => void flush().catch(() => {}), PAUSE_MS);
    }
    await flush();
    await Promise.all(appends);
    if (failure !== undefined) throw failure.error;
    return result;
  } finally {
    clearTimeout(pause);
    inFlight.give(batch.bytes);
    await Promise.all(appends);
  }
}

function prepareLine(
  record: RecordWriter,
  workspace: WorkspaceRef,
  sender: Sender,
  text: string,
  line: number,
  reject: (fault: Fault) => void,
): PreparedEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    reject({
      line,
      pointer: "",
      code: "invalid_json",
      message: error instanceof Error ? error.message : "is not JSON",
    });
    return undefined;
  }
  const event = record.prepare(workspace, value, sender);
  if (!("faults" in event)) return event;
  const [first, ...others] = event.faults;
  const more = others.map((fault) => `${fault.pointer} ${fault.message}`).join("; ");
  if (first !== undefined)
    reject({ line, ...first, message: more === "" ? first.message : `${first.message}; ${more}` });
  return undefined;
}

async function appendBatch(
  record: RecordWriter,
  workspace: WorkspaceRef,
  batch: Batch,
  result: NdjsonResult,
  reject: (fault: Fault) => void,
): Promise<void> {
  const appended = await record.append(workspace, batch.events, true);
  result.accepted += appended.accepted;
  result.duplicates += appended.duplicates;
  for (const place of appended.conflicts) {
    const line = batch.lines[place];
    const fault = { pointer: "/id", code: "id_conflict", message: "is the id of another event" };
    reject(line === undefined ? fault : { line, ...fault });
  }
}

interface Line {
  text: string;
  line: number;
  bytes: number;
}

const NEWLINE = 10;

/** The non-empty lines of a stream, counted from 1, with their length in bytes. Overlong lines go to `reject`. */
async function* linesOf(body: Readable, reject: (fault: Fault) => void): AsyncGenerator<Line> {
  let line = 0;
  let parts: Buffer[] = [];
  let held = 0;
  let overlong = false;
  const tooLong = (): void =>
    reject({
      line,
      pointer: "",
      code: "event_too_large",
      message: `is longer than ${limits.eventBytesMax} bytes (eventBytesMax)`,
    });
  for await (const chunk of body as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      line++;
      const bytes = held + end - start;
      if (overlong || bytes > limits.eventBytesMax) tooLong();
      else if (bytes > 0) {
        const text =
          held === 0
            ? chunk.toString("utf8", start, end)
            : Buffer.concat([...parts, chunk.subarray(start, end)]).toString("utf8");
        if (text !== "\r" && text.trim() !== "") yield { text, line, bytes };
      }
      parts = [];
      held = 0;
      overlong = false;
      start = end + 1;
    }
    const rest = chunk.length - start;
    held += rest;
    if (held > limits.eventBytesMax) {
      overlong = true;
      parts = [];
    } else if (rest > 0) parts.push(Buffer.from(chunk.subarray(start)));
  }
  if (held === 0) return;
  line++;
  if (overlong) tooLong();
  else {
    const text = Buffer.concat(parts).toString("utf8");
    if (text.trim() !== "") yield { text, line, bytes: held };
  }
}
