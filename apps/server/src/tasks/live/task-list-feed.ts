import type { StreamClient } from "./stream-client.ts";
import type { LiveTask, TaskLens } from "./task-lens.ts";
import { type LiveDeps, readLiveTasks, readNewestTasks } from "./task-reading.ts";

/** Changes of a task within this time are told as one. */
const EVERY_MS = 150;
/** Lines alone change only the last line of a row: that is told more rarely. */
const LINES_EVERY_MS = 1_000;
/** Tasks that one statement reads. */
const READ_MAX = 500;
/** Of many tasks that were made at once, the newest are told. */
const NEWEST = 100;
/** Tasks that a slow client may have missed before it is sent away, to read its list anew. */
const MISSED_MAX = 2_000;

/** Somebody who looks at a list of tasks. */
export interface ListViewer {
  client: StreamClient;
  lens: TaskLens;
  /** Tasks that changed while the client was slow. */
  missed: Set<string>;
}

/** Tells the viewers of one workspace's tasks of those that changed. Each is read once for all of them. */
export class TaskListFeed {
  readonly #deps: LiveDeps;
  readonly #workspaceId: number;
  readonly viewers = new Set<ListViewer>();
  #changed = new Set<string>();
  #printed = new Set<string>();
  #many = false;
  #timer: NodeJS.Timeout | undefined;
  #linesTimer: NodeJS.Timeout | undefined;
  #flushedAt = 0;
  #flushing = false;

  constructor(deps: LiveDeps, workspaceId: number) {
    this.#deps = deps;
    this.#workspaceId = workspaceId;
  }

  add(client: StreamClient, lens: TaskLens): ListViewer {
    const viewer: ListViewer = { client, lens, missed: new Set() };
    client.onReady = () => void this.#catchUp(viewer);
    this.viewers.add(viewer);
    return viewer;
  }

  /** A task changed; `*`: many were made. */
  changed(id: string): void {
    if (id === "*") this.#many = true;
    else this.#changed.add(id);
    this.#flushSoon();
  }

  /** A task wrote lines. */
  printed(id: string): void {
    this.#printed.add(id);
    this.#linesTimer ??= setTimeout(() => {
      this.#linesTimer = undefined;
      for (const each of this.#printed) this.#changed.add(each);
      this.#printed.clear();
      this.#flushSoon();
    }, LINES_EVERY_MS);
  }

  /** Ends every stream: clients come back and read their lists anew. */
  end(): void {
    for (const { client } of this.viewers) client.end();
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#linesTimer);
    this.end();
  }

  #flushSoon(): void {
    if (this.#timer !== undefined || this.#flushing) return;
    const wait = Math.max(0, this.#flushedAt + EVERY_MS - performance.now());
    this.#timer = setTimeout(() => void this.#flush(), wait);
  }

  async #flush(): Promise<void> {
    this.#timer = undefined;
    this.#flushing = true;
    this.#flushedAt = performance.now();
    try {
      const many = this.#many;
      this.#many = false;
      if (many) this.#deliver(await readNewestTasks(this.#deps, this.#workspaceId, NEWEST));
      const ids = [...this.#changed].slice(0, READ_MAX);
      for (const id of ids) this.#changed.delete(id);
      if (ids.length > 0) this.#deliver(await readLiveTasks(this.#deps, this.#workspaceId, ids));
    } catch (error) {
      this.#deps.log.warn({ err: error }, "changed tasks could not be read");
      // What was not told is missing in the lists; they are read anew.
      this.end();
    } finally {
      this.#flushing = false;
      if (this.#changed.size > 0 || this.#many) this.#flushSoon();
    }
  }

  #deliver(tasks: readonly LiveTask[]): void {
    const made = new Map<string, Buffer>();
    for (const viewer of this.viewers) {
      if (!viewer.client.ready || viewer.missed.size > 0) {
        this.#miss(viewer, tasks);
        continue;
      }
      let messages = made.get(viewer.lens.key);
      if (messages === undefined) {
        messages = Buffer.from(messagesOf(viewer.lens, tasks));
        made.set(viewer.lens.key, messages);
      }
      viewer.client.send(messages);
    }
  }

  #miss({ missed, client }: ListViewer, tasks: readonly LiveTask[]): void {
    for (const { task } of tasks) missed.add(task.id);
    if (missed.size > MISSED_MAX) client.end();
  }

  /** Sends a client that was slow what changed meanwhile, as it is now. */
  async #catchUp(viewer: ListViewer): Promise<void> {
    try {
      while (viewer.client.ready && viewer.missed.size > 0) {
        const ids = [...viewer.missed].slice(0, READ_MAX);
        const tasks = await readLiveTasks(this.#deps, this.#workspaceId, ids);
        for (const id of ids) viewer.missed.delete(id);
        viewer.client.send(messagesOf(viewer.lens, tasks));
      }
    } catch (error) {
      this.#deps.log.warn({ err: error }, "a stream of tasks could not catch up");
      viewer.client.end();
    }
  }
}

function messagesOf(lens: TaskLens, tasks: readonly LiveTask[]): string {
  let text = "";
  for (const live of tasks) {
    const json = lens.show(live);
    if (json !== undefined) text += `event: task\ndata: ${json}\n\n`;
  }
  return text;
}
