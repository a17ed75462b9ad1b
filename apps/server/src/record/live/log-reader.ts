import type { Event } from "@daybook/contract";
import type { Pool } from "pg";
import type { Logger } from "pino";
import { toEvent } from "../event-row.ts";
import { SearchPlan } from "../search/plan.ts";
import { fullSight } from "../sight.ts";
import type { Lens, LiveEvent } from "./lens.ts";
import { readAfterSeq } from "./read-after-seq.ts";
import type { Viewer } from "./viewer.ts";

/** Events read in one statement. */
const BATCH_EVENTS_MAX = 500;
/** Messages kept for viewers that fall behind for a moment; shared by all of them. */
const KEPT_EVENTS_MAX = 2_000;
const KEPT_BYTES_MAX = 8 * 1024 * 1024;
/** Places of the log that one statement for a viewer far behind looks at. */
const CATCH_UP_SEQS = 20_000;

/**
 * Follows one workspace's log for all of its viewers.
 *  1. When woken, read the events after `seq`, in order, and keep the last ones.
 *  2. Make each viewer's messages once for every distinct lens, and write them to the viewers that are ready.
 *  3. A viewer that was not ready is behind: when it is, it takes what it missed from the kept events, or from the
 *     database when these no longer reach back so far. Nothing waits in memory for it.
 */
export class LogReader {
  readonly #db: Pool;
  readonly #log: Logger;
  readonly #clock: () => number;
  readonly workspaceId: number;
  readonly viewers = new Set<Viewer>();
  #kept: LiveEvent[] = [];
  #keptBytes = 0;
  /** Everything up to here was read. */
  #seq: number;
  #reading: Promise<void> | undefined;
  #woken = false;
  #stopped = false;

  constructor(parts: { db: Pool; log: Logger; clock: () => number; workspaceId: number; seq: number }) {
    this.#db = parts.db;
    this.#log = parts.log;
    this.#clock = parts.clock;
    this.workspaceId = parts.workspaceId;
    this.#seq = parts.seq;
  }

  /** There may be new events. */
  wake(): void {
    this.#woken = true;
    this.#reading ??= this.#readOn().finally(() => {
      this.#reading = undefined;
      if (this.#woken && !this.#stopped && this.viewers.size > 0) this.wake();
    });
  }

  add(viewer: Viewer): void {
    this.viewers.add(viewer);
    if (viewer.seq < this.#seq) void this.catchUp(viewer);
    this.wake();
  }

  remove(viewer: Viewer): void {
    this.viewers.delete(viewer);
  }

  /** Ends every stream; resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const viewer of this.viewers) viewer.end();
    this.viewers.clear();
    await this.#reading;
  }

  async #readOn(): Promise<void> {
    try {
      while (this.#woken && !this.#stopped && this.viewers.size > 0) {
        this.#woken = false;
        const plan = new SearchPlan({ workspaceId: this.workspaceId, sight: fullSight, query: { terms: [] } });
        const rows = await readAfterSeq(this.#db, plan, this.#seq, undefined, BATCH_EVENTS_MAX);
        if (rows.length === BATCH_EVENTS_MAX) this.#woken = true;
        const batch = rows.map((row) => kept(toEvent(row)));
        this.#keep(batch);
        const from = this.#seq;
        this.#seq = batch.at(-1)?.seq ?? from;
        if (batch.length > 0) this.#deliver(batch, from);
      }
    } catch (error) {
      // The next notice or look tries again from the same place.
      this.#log.warn({ err: error }, "live events could not be read");
    }
  }

  #keep(batch: readonly LiveEvent[]): void {
    this.#kept.push(...batch);
    this.#keptBytes += bytesOf(batch);
    let drop = 0;
    while (this.#kept.length - drop > KEPT_EVENTS_MAX || this.#keptBytes > KEPT_BYTES_MAX) {
      this.#keptBytes -= this.#kept[drop]?.json.length ?? 0;
      drop++;
    }
    if (drop > 0) this.#kept = this.#kept.slice(drop);
  }

  /** Writes a batch to the viewers that have everything before it; `from` is the place before its first event. */
  #deliver(batch: readonly LiveEvent[], from: number): void {
    const now = this.#clock();
    const made = new Map<string, Buffer>();
    for (const viewer of this.viewers) {
      if (viewer.behind) continue;
      if (!viewer.ready || viewer.seq < from) {
        viewer.behind = true;
        void this.catchUp(viewer);
        continue;
      }
      if (viewer.seq > from) {
        // It began after some of these events.
        const seq = viewer.seq;
        const rest = batch.filter((item) => item.seq > seq);
        viewer.send(messagesOf(viewer.lens, rest), Math.max(seq, this.#seq), now);
        continue;
      }
      let messages = made.get(viewer.lens.key);
      if (messages === undefined) {
        messages = Buffer.from(messagesOf(viewer.lens, batch));
        made.set(viewer.lens.key, messages);
      }
      viewer.send(messages, this.#seq, now);
    }
  }

  /** Brings a viewer that is behind to where the others are, as fast as its client takes it. */
  async catchUp(viewer: Viewer): Promise<void> {
    viewer.behind = true;
    if (viewer.catchingUp) return;
    viewer.catchingUp = true;
    try {
      while (viewer.ready && viewer.seq < this.#seq && !this.#stopped) {
        const oldest = this.#kept[0]?.seq ?? Infinity;
        const from = viewer.seq;
        if (from >= oldest - 1) this.#sendKept(viewer, from);
        else await this.#sendStored(viewer, from);
      }
      // No await since the last look at the place: nothing can have been delivered in between.
      if (viewer.ready && viewer.seq >= this.#seq) viewer.behind = false;
    } catch (error) {
      this.#log.warn({ err: error }, "a live stream could not catch up");
      viewer.end();
    } finally {
      viewer.catchingUp = false;
    }
  }

  #sendKept(viewer: Viewer, from: number): void {
    const items = this.#kept.filter((item) => item.seq > from).slice(0, BATCH_EVENTS_MAX);
    viewer.send(messagesOf(viewer.lens, items), items.at(-1)?.seq ?? this.#seq, this.#clock());
  }

  async #sendStored(viewer: Viewer, from: number): Promise<void> {
    const until = Math.min(from + CATCH_UP_SEQS, this.#seq);
    const { sight, query } = viewer.lens;
    const plan = new SearchPlan({ workspaceId: this.workspaceId, sight, query });
    const rows = await readAfterSeq(this.#db, plan, from, until, BATCH_EVENTS_MAX);
    const items = rows.map((row) => kept(toEvent(row)));
    const text = messagesOf(viewer.lens, items);
    const full = rows.length === BATCH_EVENTS_MAX;
    viewer.send(text, full ? (rows.at(-1)?.seq ?? until) : until, this.#clock());
  }
}

const bytesOf = (batch: readonly LiveEvent[]): number => batch.reduce((sum, item) => sum + item.json.length, 0);

/** The messages of the events that a lens shows. */
function messagesOf(lens: Lens, items: readonly LiveEvent[]): string {
  let text = "";
  for (const item of items) {
    const json = lens.show(item);
    if (json !== undefined) text += `id: ${lens.idOf(item.seq)}\ndata: ${json}\n\n`;
  }
  return text;
}

function kept(event: Event): LiveEvent {
  return { seq: event.seq, event, json: JSON.stringify(event) };
}
