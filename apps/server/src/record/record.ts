import { AppError, type EventInput, type Fault } from "@daybook/contract";
import type { Pool } from "pg";
import type { Appender, AppendResult } from "./append.ts";
import { type PreparedEvent, type PrepareParts, prepareEvent, type Sender, type WorkspaceRef } from "./prepare.ts";

/**
 * Events prepared in one go before others get a turn: about a millisecond. PostgreSQL's answers wait for this loop too,
 * so long stretches of it would leave the database idle.
 */
export const YIELD_EVENTS = 32;

/** Lets everything that is waiting in the event loop have its turn. */
export const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The writing side of the record: what every domain uses to put events into a workspace's log. */
export class RecordWriter {
  readonly #db: Pool;
  readonly #parts: PrepareParts;
  readonly #appender: Appender;
  readonly #clock: () => number;
  readonly #workspaces = new Map<number, WorkspaceRef>();

  constructor(db: Pool, parts: PrepareParts, appender: Appender, clock: () => number) {
    this.#db = db;
    this.#parts = parts;
    this.#appender = appender;
    this.#clock = clock;
  }

  /** Events that wait for their commit. */
  get waitingEvents(): number {
    return this.#appender.waitingEvents;
  }

  /** The workspace's id and slug (the slug is part of every leaf and never changes). Throws not_found. */
  async workspace(id: number): Promise<WorkspaceRef> {
    const known = this.#workspaces.get(id);
    if (known !== undefined) return known;
    await this.#parts.origin.ready;
    const { rows } = await this.#db.query<{ slug: string }>("select slug from workspace where id = $1", [id]);
    const slug = rows[0]?.slug;
    if (slug === undefined) throw new AppError("not_found", `There is no workspace ${id}.`);
    const workspace = { id, slug };
    this.#workspaces.set(id, workspace);
    return workspace;
  }

  /** Checks and completes one event; it is not stored yet. */
  prepare(workspace: WorkspaceRef, value: unknown, sender: Sender): PreparedEvent | { faults: Fault[] } {
    return prepareEvent(this.#parts, workspace, value, sender, this.#clock());
  }

  /** Stores prepared events; see `Appender.append`. */
  append(workspace: WorkspaceRef, events: readonly PreparedEvent[], lenient = false): Promise<AppendResult> {
    return this.#appender.append(workspace.id, events, lenient);
  }

  /**
   * Validates, redacts, completes and stores events, all or none; the promise resolves when they are on disk.
   * Throws invalid_event naming every bad item, id_conflict, overloaded, database_unavailable.
   */
  async write(
    workspaceId: number,
    events: readonly (EventInput | unknown)[],
    sender: Sender = {},
  ): Promise<AppendResult> {
    const workspace = await this.workspace(workspaceId);
    const prepared: PreparedEvent[] = [];
    const faults: Fault[] = [];
    for (const [index, value] of events.entries()) {
      if (index > 0 && index % YIELD_EVENTS === 0) await turnOfTheLoop();
      const event = this.prepare(workspace, value, sender);
      if ("faults" in event) for (const fault of event.faults) faults.push({ index, ...fault });
      else prepared.push(event);
    }
    if (faults.length > 0) throw invalidEvents(faults, events.length);
    return this.append(workspace, prepared);
  }
}

/** Faults listed in one answer: enough to mend a mapping, not so many that the answer outgrows the request. */
const FAULTS_LISTED_MAX = 1_000;

function invalidEvents(faults: readonly Fault[], events: number): AppError {
  const bad = new Set(faults.map((fault) => fault.index)).size;
  const detail = `${bad} of ${events} ${events === 1 ? "event is" : "events are"} not valid; nothing was stored. First: ${faults[0]?.pointer ?? ""} ${faults[0]?.message ?? ""}.`;
  return new AppError("invalid_event", detail, { errors: faults.slice(0, FAULTS_LISTED_MAX) });
}
