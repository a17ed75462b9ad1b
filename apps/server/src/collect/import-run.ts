import { AppError, type EventInput, type Fault } from "@daybook/contract";
import type { Db } from "../db/pool.ts";
import { parseTime } from "../record/event-time.ts";
import type { PreparedEvent, WorkspaceRef } from "../record/prepare.ts";
import type { RecordWriter } from "../record/record.ts";
import type { EventItem, Importer, ImportFault, ImportItem, ImportOptions, ImportReader } from "./importer.ts";
import { findKnown } from "./known-events.ts";
import type { Source } from "./source.ts";
import { Tally } from "./tally.ts";

/** Events that share one append; a batch also ends at BATCH_TEXT_MAX characters, so that memory stays bounded. */
const BATCH_EVENTS_MAX = 1_000;
const BATCH_TEXT_MAX = 4 * 1024 * 1024;
/** Refused lines that are shown; all of them are in the reject file. */
const FAULTS_SHOWN_MAX = 10;
const PROGRESS_EVERY = 20_000;

/** What a run did. Always `read = accepted + duplicates + rejected + skipped`. */
export interface ImportReport {
  /**
   * Entries: a line, a record or a row each; a line that stands for N attempts ("message repeated N times") is N.
   * Empty lines do not count.
   */
  read: number;
  /** New in the log. */
  accepted: number;
  /** In the log already. */
  duplicates: number;
  /** Not understood, or refused by the log. */
  rejected: number;
  /** Understood, but nothing to record. */
  skipped: number;
  files: number;
  /** Files that broke off (a damaged archive, a read error), with the reason. */
  broken: { file: string; message: string }[];
  /** The time span of accepted and duplicates, ms. */
  firstMs: number | undefined;
  lastMs: number | undefined;
  actions: Tally;
  addresses: Tally;
  outcomes: Tally;
  skippedAs: Tally;
  faults: (ImportFault & { file: string })[];
  /** What the reader assumed. */
  remarks: string[];
}

export interface ImportRun {
  importer: Importer;
  sources: Source[];
  options: ImportOptions;
  record: RecordWriter;
  db: Db;
  workspaceId: number;
  /** Takes each refused line. */
  reject: (file: string, fault: ImportFault) => Promise<void>;
  /** Called now and then with what is done so far. */
  progress?: ((report: ImportReport, bytesRead: number) => void) | undefined;
  /** Ends the run after the batch under way; what was read so far is kept. */
  signal?: AbortSignal | undefined;
}

interface Batch {
  file: string;
  entries: EventItem[];
  textLength: number;
}

/**
 * Reads the sources and puts their events into the log.
 *  1. The importer reads item by item; a thousand events make a batch.
 *  2. When the last batch was known already, the next one's ids are looked up first, and known events left out. What the
 *     importer keeps besides is kept now.
 *  3. Each event is checked and completed as one that comes by HTTP. The batch is appended while the next one is read,
 *     one at a time, so that order is kept.
 * Every event has an id that follows from its content, so a run that was broken off is run again.
 * @throws AppError database_unavailable and the like; what was appended before stays
 */
export async function runImport(run: ImportRun): Promise<ImportReport> {
  const state: RunState = {
    run,
    workspace: await run.record.workspace(run.workspaceId),
    report: emptyReport(),
    batch: newBatch(""),
    appending: Promise.resolve(),
    bytesRead: 0,
    knownAlready: run.importer.contentDecidesId,
  };
  const reader = run.importer.open(run.options);
  try {
    for (const source of run.sources) {
      if (run.signal?.aborted) break;
      state.report.files += 1;
      state.batch = newBatch(source.name);
      await readSource(state, reader, source);
      await flush(state);
    }
    await state.appending;
    state.report.remarks = reader.remarks?.() ?? [];
    return state.report;
  } finally {
    await state.appending.catch(() => {});
  }
}

interface RunState {
  run: ImportRun;
  workspace: WorkspaceRef;
  report: ImportReport;
  batch: Batch;
  appending: Promise<void>;
  bytesRead: number;
  /** The log holds some of what is read: look ids up before writing. */
  knownAlready: boolean;
}

/** Reads one source to its end; a source that breaks off is noted, and the run goes on with the next. */
async function readSource(state: RunState, reader: ImportReader, source: Source): Promise<void> {
  const open = () =>
    source.open((bytes) => {
      state.bytesRead += bytes;
    });
  const items = reader.read({ ...source, open })[Symbol.asyncIterator]();
  try {
    while (!state.run.signal?.aborted) {
      const next = await items.next().catch((error: unknown) => {
        // The operator's mistake (a mapping that does not fit), not the file's.
        if (error instanceof AppError) throw error;
        state.report.broken.push({
          file: source.name,
          message: error instanceof Error ? error.message : String(error),
        });
        return undefined;
      });
      if (next === undefined || next.done) return;
      await take(state, next.value);
    }
  } finally {
    await items.return?.();
  }
}

async function take(state: RunState, item: ImportItem): Promise<void> {
  const { report, batch, run } = state;
  report.read += 1;
  if ("skipped" in item) {
    report.skipped += 1;
    report.skippedAs.add(item.skipped);
    // A log without events must still move the progress bar.
    if (report.skipped % PROGRESS_EVERY === 0) run.progress?.(report, state.bytesRead);
    return;
  }
  if ("fault" in item) return refuse(state, batch.file, item.fault);
  batch.entries.push(item);
  batch.textLength += item.text.length;
  if (batch.entries.length >= BATCH_EVENTS_MAX || batch.textLength >= BATCH_TEXT_MAX) await flush(state);
}

/** Makes the batch ready, and appends it after the one before it is on disk. */
async function flush(state: RunState): Promise<void> {
  const { batch, run } = state;
  run.progress?.(state.report, state.bytesRead);
  if (batch.entries.length === 0) return;
  state.batch = newBatch(batch.file);
  const fresh = state.knownAlready ? await withoutKnown(state, batch.entries) : batch.entries;
  const kept = (await run.importer.keep?.(run.db, state.workspace.id, fresh)) ?? fresh;
  const entries: EventItem[] = [];
  const events: PreparedEvent[] = [];
  for (const entry of kept) {
    const event = run.record.prepare(state.workspace, entry.event, {});
    if ("faults" in event) await refuse(state, batch.file, faultOf(entry, event.faults));
    else {
      entries.push(entry);
      events.push(event);
    }
  }
  await state.appending;
  state.appending = append(state, batch.file, entries, events);
  // A failure is met by the next `await`; until then it would count as unhandled.
  state.appending.catch(() => {});
}

async function withoutKnown(state: RunState, entries: EventItem[]): Promise<EventItem[]> {
  const events = entries.map((entry) => entry.event);
  const known = await findKnown(state.run.db, state.workspace.id, events);
  const isKnown = (event: EventInput) => event.id !== undefined && known.has(event.id);
  state.report.duplicates += events.filter(isKnown).length;
  for (const event of events) if (isKnown(event)) count(state.report, event);
  state.knownAlready = known.size > 0;
  return entries.filter((entry) => !isKnown(entry.event));
}

async function append(state: RunState, file: string, entries: EventItem[], events: PreparedEvent[]): Promise<void> {
  const { report, run } = state;
  const result = await run.record.append(state.workspace, events, true);
  const conflicts = new Set(result.conflicts);
  const same = run.importer.contentDecidesId;
  report.accepted += result.accepted;
  report.duplicates += result.duplicates + (same ? conflicts.size : 0);
  if (same && result.duplicates > 0) state.knownAlready = true;
  for (const [place, entry] of entries.entries()) {
    if (same || !conflicts.has(place)) count(report, entry.event);
    else {
      const { line, text } = entry;
      const message = "The id belongs to another event in the log.";
      await refuse(state, file, { line, code: "id_conflict", message, text });
    }
  }
}

function faultOf({ line, text }: EventItem, faults: Fault[]): ImportFault {
  const message = faults.map((fault) => `${fault.pointer} ${fault.message}`).join("; ");
  return { line, code: faults[0]?.code ?? "invalid_event", message, text };
}

async function refuse(state: RunState, file: string, fault: ImportFault): Promise<void> {
  state.report.rejected += 1;
  if (state.report.faults.length < FAULTS_SHOWN_MAX) state.report.faults.push({ file, ...fault });
  await state.run.reject(file, fault);
}

function count(report: ImportReport, event: EventInput): void {
  if (event.occurredAt !== undefined) {
    const at = parseTime(event.occurredAt);
    report.firstMs = Math.min(report.firstMs ?? at, at);
    report.lastMs = Math.max(report.lastMs ?? at, at);
  }
  report.actions.add(event.action);
  report.addresses.add(event.origin?.ip);
  report.outcomes.add(event.outcome ?? "success");
}

function newBatch(file: string): Batch {
  return { file, entries: [], textLength: 0 };
}

function emptyReport(): ImportReport {
  return {
    read: 0,
    accepted: 0,
    duplicates: 0,
    rejected: 0,
    skipped: 0,
    files: 0,
    broken: [],
    firstMs: undefined,
    lastMs: undefined,
    actions: new Tally(),
    addresses: new Tally(),
    outcomes: new Tally(),
    skippedAs: new Tally(),
    faults: [],
    remarks: [],
  };
}
