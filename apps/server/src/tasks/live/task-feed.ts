import type { TaskLine } from "@daybook/contract";
import { maskLine, readLines } from "../lines/line-pages.ts";
import type { StreamClient } from "./stream-client.ts";
import type { TaskLens } from "./task-lens.ts";
import { type LiveDeps, readLiveTasks } from "./task-reading.ts";

/** Lines that were written within this time are read together. */
const LINES_EVERY_MS = 40;
/** Changes of the task within this time are told as one. */
const TASK_EVERY_MS = 100;
/** Lines that one statement reads for all viewers, and one message holds. */
const READ_LINES = 2_000;
const MESSAGE_LINES = 1_000;

/** Somebody who looks at a task. */
export interface TaskViewer {
  client: StreamClient;
  lens: TaskLens;
  /** Whether e-mail addresses and IP addresses are shown. */
  personal: boolean;
  /** The number of the next line to send. */
  next: number;
  /** It has more to take from the database before it is live. */
  behind: boolean;
  catchingUp: boolean;
  /** The task changed and the client was not told. */
  isTaskDue: boolean;
}

/**
 * Follows one task for all of its viewers.
 *  1. When woken, read the lines after those that were read, once for all.
 *  2. Write them to the viewers that are ready and have everything before; messages are made once for each kind of sight.
 *  3. A viewer that is not ready is behind: when it is, it reads what it missed from the database. Nothing waits in memory for it.
 */
export class TaskFeed {
  readonly #deps: LiveDeps;
  readonly #workspaceId: number;
  readonly #taskId: string;
  readonly viewers = new Set<TaskViewer>();
  /** The number after the last line that was read. */
  #next: number;
  #linesTimer: NodeJS.Timeout | undefined;
  #taskTimer: NodeJS.Timeout | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading = false;
  #woken = false;
  #stopped = false;

  constructor(deps: LiveDeps, place: { workspaceId: number; taskId: string; next: number }) {
    this.#deps = deps;
    this.#workspaceId = place.workspaceId;
    this.#taskId = place.taskId;
    this.#next = place.next;
  }

  /** Sends a viewer the task, then its lines from `next` on. */
  add(viewer: TaskViewer): void {
    viewer.client.onReady = () => this.#ready(viewer);
    this.viewers.add(viewer);
    this.changed();
    viewer.isTaskDue = true;
    if (viewer.next < this.#next) void this.#catchUp(viewer);
    this.printed();
  }

  /** The task may have written lines. */
  printed(): void {
    this.#woken = true;
    if (this.#linesTimer !== undefined || this.#reading || this.#stopped) return;
    const wait = Math.max(0, this.#readAt + LINES_EVERY_MS - performance.now());
    this.#linesTimer = setTimeout(() => void this.#readOn(), wait);
  }

  /** The task may have changed. */
  changed(): void {
    if (this.#stopped) return;
    this.#taskTimer ??= setTimeout(() => {
      this.#taskTimer = undefined;
      void this.#tell();
    }, TASK_EVERY_MS);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#linesTimer);
    clearTimeout(this.#taskTimer);
    for (const { client } of this.viewers) client.end();
  }

  async #tell(): Promise<void> {
    try {
      const [live] = await readLiveTasks(this.#deps, this.#workspaceId, [this.#taskId]);
      if (live === undefined) return;
      for (const viewer of this.viewers) {
        viewer.isTaskDue = !viewer.client.ready;
        const json = viewer.isTaskDue ? undefined : viewer.lens.show(live);
        if (json !== undefined) viewer.client.send(`event: task\ndata: ${json}\n\n`);
      }
    } catch (error) {
      this.#deps.log.warn({ err: error }, "a task could not be read for its stream");
      this.changed();
    }
  }

  async #readOn(): Promise<void> {
    this.#linesTimer = undefined;
    this.#reading = true;
    this.#readAt = performance.now();
    this.#woken = false;
    try {
      const from = this.#next;
      const lines = await readLines(this.#deps.db, this.#workspaceId, this.#taskId, from, READ_LINES);
      if (lines.length === READ_LINES) this.#woken = true;
      this.#next = (lines.at(-1)?.n ?? from - 1) + 1;
      if (lines.length > 0) this.#deliver(lines, from);
    } catch (error) {
      // The next notice or look tries again from the same place.
      this.#deps.log.warn({ err: error }, "lines of a task could not be read for its stream");
    } finally {
      this.#reading = false;
      if (this.#woken && this.viewers.size > 0) this.printed();
    }
  }

  /** Writes lines to the viewers that have everything before `from`. */
  #deliver(lines: readonly TaskLine[], from: number): void {
    const made = new Map<boolean, Buffer>();
    for (const viewer of this.viewers) {
      if (viewer.behind) continue;
      if (!viewer.client.ready || viewer.next < from) {
        viewer.behind = true;
        void this.#catchUp(viewer);
        continue;
      }
      if (viewer.next > from) {
        // It began after some of these lines.
        viewer.client.send(
          messagesOf(
            lines.filter(({ n }) => n >= viewer.next),
            viewer.personal,
          ),
        );
      } else {
        const messages = made.get(viewer.personal) ?? Buffer.from(messagesOf(lines, viewer.personal));
        made.set(viewer.personal, messages);
        viewer.client.send(messages);
      }
      viewer.next = Math.max(viewer.next, this.#next);
    }
  }

  #ready(viewer: TaskViewer): void {
    if (viewer.isTaskDue) this.changed();
    if (viewer.behind) void this.#catchUp(viewer);
  }

  /** Brings a viewer that is behind to where the others are, as fast as its client takes it. */
  async #catchUp(viewer: TaskViewer): Promise<void> {
    viewer.behind = true;
    if (viewer.catchingUp) return;
    viewer.catchingUp = true;
    try {
      while (viewer.client.ready && viewer.next < this.#next && !this.#stopped) {
        const until = this.#next;
        const lines = await readLines(this.#deps.db, this.#workspaceId, this.#taskId, viewer.next, MESSAGE_LINES);
        viewer.client.send(messagesOf(lines, viewer.personal));
        viewer.next = lines.length === MESSAGE_LINES ? (lines.at(-1)?.n ?? 0) + 1 : Math.max(until, lastAfter(lines));
      }
      // No await since the last look at the place: nothing can have been delivered in between.
      if (viewer.client.ready && viewer.next >= this.#next) viewer.behind = false;
    } catch (error) {
      this.#deps.log.warn({ err: error }, "a stream of a task could not catch up");
      viewer.client.end();
    } finally {
      viewer.catchingUp = false;
    }
  }
}

const lastAfter = (lines: readonly TaskLine[]): number => (lines.at(-1)?.n ?? -1) + 1;

/** Messages of some lines each; the id is the number of the last. */
function messagesOf(lines: readonly TaskLine[], personal: boolean): string {
  let text = "";
  for (let at = 0; at < lines.length; at += MESSAGE_LINES) {
    const some = lines.slice(at, at + MESSAGE_LINES);
    const shown = personal ? some : some.map(maskLine);
    text += `event: lines\nid: ${some.at(-1)?.n}\ndata: ${JSON.stringify(shown)}\n\n`;
  }
  return text;
}
