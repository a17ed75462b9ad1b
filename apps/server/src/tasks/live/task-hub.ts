import type { ServerResponse } from "node:http";
import { type Listening, listen } from "../../db/listen.ts";
import type { StreamRoom } from "../../http/stream-room.ts";
import { StreamClient } from "./stream-client.ts";
import { TaskFeed, type TaskViewer } from "./task-feed.ts";
import type { TaskLens } from "./task-lens.ts";
import { TaskListFeed } from "./task-list-feed.ts";
import type { LiveDeps } from "./task-reading.ts";

/** How often streams show that they are alive; proxies cut idle connections after 30 to 60 s. */
const BEAT_MS = 15_000;
/** A look for lines without a notice, for databases behind a pooler that does not pass notices on. */
const LOOK_MS = 2_000;

export type HubDeps = LiveDeps & { room: StreamRoom };

/** A stream that the hub feeds; `close` when its connection has ended. */
export interface Feeding {
  close(): void;
}

/**
 * The live streams of tasks in this process. It hears of changes by the channels daybook_task and daybook_lines, and reads what
 * changed once for all viewers: one feed a workspace for lists, one feed a task for task and lines.
 */
export class TaskHub {
  readonly #deps: HubDeps;
  readonly #lists = new Map<number, TaskListFeed>();
  readonly #tasks = new Map<string, TaskFeed>();
  readonly #clients = new Set<StreamClient>();
  #listening: Promise<Listening[]> | undefined;
  #timers: NodeJS.Timeout[] = [];
  #closed = false;

  constructor(deps: HubDeps) {
    this.#deps = deps;
  }

  /** Resolves when changes are heard of. Throws overloaded when there is no room for another stream. */
  async open(): Promise<void> {
    this.#deps.room.check();
    this.#listening ??= Promise.all([
      this.#hear("daybook_task", (workspaceId, id) => {
        this.#lists.get(workspaceId)?.changed(id);
        this.#tasks.get(`${workspaceId} ${id}`)?.changed();
      }),
      this.#hear("daybook_lines", (workspaceId, id) => {
        this.#lists.get(workspaceId)?.printed(id);
        this.#tasks.get(`${workspaceId} ${id}`)?.printed();
      }),
    ]);
    if (this.#timers.length === 0 && !this.#closed) {
      this.#timers = [
        setInterval(() => this.#eachTask((feed) => feed.printed()), LOOK_MS),
        setInterval(() => this.#beat(), BEAT_MS),
      ];
    }
    await this.#listening;
  }

  /** Sends tasks that change to an open response. */
  followList(workspaceId: number, response: ServerResponse, lens: TaskLens): Feeding {
    let feed = this.#lists.get(workspaceId);
    if (feed === undefined) {
      feed = new TaskListFeed(this.#deps, workspaceId);
      this.#lists.set(workspaceId, feed);
    }
    const client = this.#enter(response);
    const viewer = feed.add(client, lens);
    return this.#feeding(client, () => {
      feed.viewers.delete(viewer);
      if (feed.viewers.size > 0 || this.#lists.get(workspaceId) !== feed) return;
      feed.stop();
      this.#lists.delete(workspaceId);
    });
  }

  /** Sends a task and its lines from `next` on to an open response. `total`: the lines there are. */
  followTask(
    place: { workspaceId: number; taskId: string; total: number; next: number },
    response: ServerResponse,
    { lens, personal }: Pick<TaskViewer, "lens" | "personal">,
  ): Feeding {
    const { workspaceId, taskId, total, next } = place;
    const key = `${workspaceId} ${taskId}`;
    let feed = this.#tasks.get(key);
    if (feed === undefined) {
      feed = new TaskFeed(this.#deps, { workspaceId, taskId, next: total });
      this.#tasks.set(key, feed);
    }
    const client = this.#enter(response);
    const viewer: TaskViewer = { client, lens, personal, next, behind: false, catchingUp: false, isTaskDue: false };
    feed.add(viewer);
    return this.#feeding(client, () => {
      feed.viewers.delete(viewer);
      if (feed.viewers.size > 0 || this.#tasks.get(key) !== feed) return;
      feed.stop();
      this.#tasks.delete(key);
    });
  }

  /** Ends every stream. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    for (const feed of [...this.#lists.values(), ...this.#tasks.values()]) feed.stop();
    const channels = await this.#listening;
    await Promise.all((channels ?? []).map((channel) => channel.close()));
  }

  #hear(channel: string, onTask: (workspaceId: number, id: string) => void): Promise<Listening> {
    return listen(this.#deps.db, {
      channel,
      onMessage: (payload) => {
        const [workspaceId, id] = payload.split(" ");
        if (id !== undefined) onTask(Number(workspaceId), id);
      },
      onGap: () => this.#onGap(),
      onFault: (error) =>
        this.#deps.log.warn({ err: error }, "the connection for live tasks was lost; it is made again"),
    });
  }

  /** Notices may have been missed: lists are read anew by their viewers, tasks here. */
  #onGap(): void {
    for (const feed of this.#lists.values()) feed.end();
    this.#eachTask((feed) => {
      feed.changed();
      feed.printed();
    });
  }

  #eachTask(act: (feed: TaskFeed) => void): void {
    for (const feed of this.#tasks.values()) act(feed);
  }

  #beat(): void {
    for (const client of this.#clients) client.beat();
  }

  #enter(response: ServerResponse): StreamClient {
    const client = new StreamClient(response, this.#deps.clock);
    this.#clients.add(client);
    this.#deps.room.enter();
    if (this.#closed) client.end();
    return client;
  }

  #feeding(client: StreamClient, leave: () => void): Feeding {
    return {
      close: () => {
        if (!this.#clients.delete(client)) return;
        this.#deps.room.leave();
        leave();
      },
    };
  }
}
