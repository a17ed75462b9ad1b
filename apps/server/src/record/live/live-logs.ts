import type { Pool } from "pg";
import type { Logger } from "pino";
import type { StreamRoom } from "../../http/stream-room.ts";
import { LogReader } from "./log-reader.ts";
import { Notices } from "./notices.ts";
import type { Viewer } from "./viewer.ts";

/** How often streams show that they are alive; proxies cut idle connections after 30 to 60 s. */
const BEAT_MS = 15_000;
/** A look without a notice, for databases behind a pooler that does not pass notices on. */
const LOOK_MS = 2_000;

export interface LiveDeps {
  db: Pool;
  log: Logger;
  clock: () => number;
  /** Shared with all other streams of the process. */
  room: StreamRoom;
}

/** The live streams of this process: one reader a workspace with viewers, one connection that hears of commits. */
export class LiveLogs {
  readonly #deps: LiveDeps;
  readonly #readers = new Map<number, LogReader>();
  readonly #notices: Notices;
  #timers: NodeJS.Timeout[] = [];
  #viewers = 0;
  #closed = false;

  constructor(deps: LiveDeps) {
    this.#deps = deps;
    this.#notices = new Notices({
      db: deps.db,
      log: deps.log,
      onCommit: (workspaceId) => this.#readers.get(workspaceId)?.wake(),
      onGap: () => this.#wakeAll(),
    });
  }

  /** Open streams. */
  get viewers(): number {
    return this.#viewers;
  }

  /** Throws overloaded when there are too many streams, or when the server is stopping. */
  checkRoom(): void {
    this.#deps.room.check();
  }

  /** The number of events in a workspace's log now. */
  async size(workspaceId: number): Promise<number> {
    const { rows } = await this.#deps.db.query<{ size: number }>("select size from log_head where workspace_id = $1", [
      workspaceId,
    ]);
    return Number(rows[0]?.size ?? 0);
  }

  /** Sends a viewer the events after its `seq`, those there are and those to come. `size`: of the log, as known. */
  add(workspaceId: number, viewer: Viewer, size: number): void {
    if (this.#closed) {
      viewer.end();
      return;
    }
    let reader = this.#readers.get(workspaceId);
    if (reader === undefined) {
      reader = new LogReader({ ...this.#deps, workspaceId, seq: size });
      this.#readers.set(workspaceId, reader);
    }
    this.#viewers++;
    this.#deps.room.enter();
    this.#start();
    reader.add(viewer);
  }

  /** Forgets a viewer whose connection has ended. */
  remove(workspaceId: number, viewer: Viewer): void {
    const reader = this.#readers.get(workspaceId);
    if (reader?.viewers.has(viewer) !== true) return;
    reader.remove(viewer);
    this.#viewers--;
    this.#deps.room.leave();
    if (reader.viewers.size === 0) this.#readers.delete(workspaceId);
    if (this.#viewers === 0) void this.#stop();
  }

  /** A viewer's client has taken what was sent. */
  ready(workspaceId: number, viewer: Viewer): void {
    if (viewer.behind) void this.#readers.get(workspaceId)?.catchUp(viewer);
  }

  /** Ends every stream. Clients come back with their Last-Event-ID. */
  async close(): Promise<void> {
    this.#closed = true;
    const readers = [...this.#readers.values()];
    this.#readers.clear();
    await Promise.all(readers.map((reader) => reader.stop()));
    await this.#stop();
  }

  #start(): void {
    if (this.#timers.length > 0) return;
    this.#notices.start();
    this.#timers = [
      setInterval(() => this.#wakeAll(), LOOK_MS),
      setInterval(() => {
        for (const reader of this.#readers.values())
          for (const viewer of reader.viewers) viewer.beat(this.#deps.clock());
      }, BEAT_MS),
    ];
  }

  async #stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    await this.#notices.stop();
  }

  #wakeAll(): void {
    for (const reader of this.#readers.values()) reader.wake();
  }
}
