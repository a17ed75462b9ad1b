import type { ViewerTask } from "@daybook/contract";
import { element } from "./dom.ts";
import { follow } from "./live.ts";
import { refreshTimes } from "./row.ts";
import { fill } from "./strings.ts";
import { statusText, TaskRow, type TaskTelling } from "./task-row.ts";
import type { ViewerApi } from "./viewer-api.ts";

/** Rows of the strip: what runs and what ended last. The log below has the rest. */
const ROWS = 5;
const ROWS_COMPACT = 3;

export interface TaskStripOptions extends TaskTelling {
  target: string | null;
  compact: boolean;
}

/** The customer's tasks above their activity: the newest, as they are now. Nothing is shown while there are none. */
export class TaskStrip {
  readonly element: HTMLElement;
  readonly #api: ViewerApi;
  readonly #options: TaskStripOptions;
  readonly #life = new AbortController();
  readonly #list = element("ol", { part: "tasks-list", class: "tasks-list list" });
  readonly #live = element("span", { part: "tasks-live", class: "tasks-live live" });
  readonly #said = element("span", { class: "only-read", attributes: { role: "status" } });
  readonly #tasks = new Map<string, ViewerTask>();
  readonly #rows = new Map<string, TaskRow>();

  constructor(api: ViewerApi, options: TaskStripOptions) {
    this.#api = api;
    this.#options = options;
    const { strings } = options;
    const title = element("h2", { part: "tasks-title", text: strings.tasks, attributes: { id: "tasks-title" } });
    const head = element("div", { part: "tasks-head" }, title, this.#live, this.#said);
    const named = { "aria-labelledby": "tasks-title" };
    this.element = element("section", { part: "tasks", attributes: named }, head, this.#list);
    this.element.hidden = true;
    const ears = {
      onItem: (task: ViewerTask) => this.#take([task]),
      onOpen: (open: boolean) => this.#onOpen(open),
      onExpired: () => {}, // The list of events, which asks with the same token, says so.
    };
    const target = options.target ?? undefined;
    void follow((signal) => api.taskStream({ target }, signal), ears, this.#life.signal);
  }

  refreshTimes(): void {
    refreshTimes(this.#list, this.#options.locale);
  }

  close(): void {
    this.#life.abort();
  }

  /** The stream has no memory: the list is read whenever it opens. */
  #onOpen(open: boolean): void {
    const { strings } = this.#options;
    this.#live.classList.toggle("open", open);
    this.#live.textContent = open ? strings.live : strings.reconnecting;
    if (open) void this.#read();
  }

  async #read(): Promise<void> {
    const words = { target: this.#options.target ?? undefined, limit: "20" };
    try {
      const page = await this.#api.tasks(words, this.#life.signal);
      this.#take(page.items);
    } catch {
      // The stream tells of an end of the token; after anything else the next opening reads again.
    }
  }

  #take(tasks: readonly ViewerTask[]): void {
    for (const task of tasks) {
      this.#announce(task, this.#tasks.get(task.id));
      this.#tasks.set(task.id, task);
    }
    const shown = [...this.#tasks.values()].sort(byWeight).slice(0, this.#options.compact ? ROWS_COMPACT : ROWS);
    const kept = new Set(shown.map(({ id }) => id));
    for (const [id, task] of this.#tasks) if (!kept.has(id) && isOver(task)) this.#tasks.delete(id);
    for (const id of this.#rows.keys()) if (!kept.has(id)) this.#rows.delete(id);
    const rows = shown.map((task) => {
      const row = this.#rows.get(task.id) ?? new TaskRow(this.#options);
      this.#rows.set(task.id, row);
      row.show(task);
      return row.element;
    });
    // Rows that stay where they are stay as they are: no flicker, no lost selection.
    if (rows.length !== this.#list.children.length || rows.some((row, at) => this.#list.children[at] !== row))
      this.#list.replaceChildren(...rows);
    this.element.hidden = rows.length === 0;
  }

  /** Ends are said to screen readers; progress is not. */
  #announce(task: ViewerTask, before: ViewerTask | undefined): void {
    if (before === undefined || isOver(before) || !isOver(task)) return;
    this.#said.textContent = fill("{title}: {status}", {
      title: task.title,
      status: statusText(task.status, this.#options.strings),
    });
  }
}

const isOver = ({ status }: ViewerTask): boolean => status !== "pending" && status !== "running";

/** What runs first, then what waits, then what ended; the newest first in each. */
function byWeight(left: ViewerTask, right: ViewerTask): number {
  const weight = ({ status }: ViewerTask): number => (status === "running" ? 0 : status === "pending" ? 1 : 2);
  return weight(left) - weight(right) || (left.id < right.id ? 1 : -1);
}
