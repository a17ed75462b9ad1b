import type { Task, TaskFilter } from "@daybook/contract";

/** Changes kept for rows that a page still under way may bring. */
const KEPT_CHANGES_MAX = 2_000;
/** A change this old is older than any page that is read now. */
const CHANGE_HOLDS_MS = 20_000;
/** New tasks kept until they are shown. Beyond it, the table is read anew. */
const WAITING_MAX = 2_000;

export interface TaskRowsState {
  /** The newest first. */
  rows: readonly Task[];
  /** New tasks announced, not yet in the table. */
  waiting: number;
  /** More are new than are kept: the table has to be read anew to show them. */
  overflow: boolean;
  /** Changes taken in since the beginning. */
  changes: number;
}

/**
 * The rows of the table as they are now: the pages that were read, and on top of them what the stream tells.
 * 1. `take` notes tasks that changed; nothing is drawn.
 * 2. `settle`, called once a frame, puts them in: a row that is there is replaced in its place; a task that is new goes on top if the table
 *    follows, else it is counted.
 * Ids are UUIDv7, so the order of ids is the order in which tasks were made.
 */
export class TaskRows {
  #rows: Task[] = [];
  #at = new Map<string, number>();
  #incoming = new Map<string, Task>();
  #changed = new Map<string, { task: Task; ms: number }>();
  #waiting = new Map<string, Task>();
  #overflow = false;
  #changes = 0;
  #more = false;
  #state: TaskRowsState = { rows: [], waiting: 0, overflow: false, changes: 0 };
  #listeners = new Set<() => void>();
  readonly #fits: (task: Task) => boolean;
  readonly #matches: (task: Task) => boolean;
  /** Whether new tasks go straight into the table. */
  follows: () => boolean = () => true;

  constructor(filter: TaskFilter) {
    this.#fits = fitting(filter);
    this.#matches = matching(filter.q);
  }

  state = (): TaskRowsState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The pages as they were read; what was told in the meantime is newer than they are. `more`: there are older tasks than these. */
  read(pages: readonly Task[], more: boolean, now = Date.now()): void {
    const byId = new Map(this.#rows.map((task) => [task.id, task]));
    for (const task of pages) byId.set(task.id, task);
    for (const [id, { task, ms }] of this.#changed) if (byId.has(id) && now - ms < CHANGE_HOLDS_MS) byId.set(id, task);
    this.#more = more;
    for (const id of byId.keys()) this.#waiting.delete(id);
    this.#put([...byId.values()].sort(newestFirst));
  }

  /** A task as it is now. */
  take(task: Task): void {
    this.#incoming.set(task.id, task);
  }

  /** Puts in what was taken. Returns whether anything changed. */
  settle(now = Date.now()): boolean {
    if (this.#incoming.size === 0) return false;
    const rows = this.#rows.slice();
    let follows = this.follows();
    for (const [id, task] of this.#incoming) {
      this.#remember(id, task, now);
      const at = this.#at.get(id);
      if (at !== undefined) rows[at] = task;
      else if (this.#belongs(task)) this.#waiting.set(id, task);
      else this.#waiting.delete(id);
    }
    this.#changes += this.#incoming.size;
    this.#incoming.clear();
    if (this.#waiting.size > WAITING_MAX) {
      this.#overflow = true;
      follows = false;
    }
    this.#put(follows ? this.#withWaiting(rows) : rows);
    return true;
  }

  /** Shows the announced tasks. Returns false if the table has to be read anew instead. */
  reveal(): boolean {
    this.settle();
    if (this.#overflow) return false;
    this.#put(this.#withWaiting(this.#rows));
    return true;
  }

  /** The rows with the announced ones, without those that have moved out of the filter: nobody is reading now. */
  #withWaiting(rows: Task[]): Task[] {
    const kept = rows.every(this.#fits) ? rows : rows.filter(this.#fits);
    if (this.#waiting.size === 0) return kept;
    const all = [...this.#waiting.values(), ...kept].sort(newestFirst);
    this.#waiting.clear();
    return all;
  }

  /** Whether a task that the table does not have has its place in it, rather than in a later page. */
  #belongs(task: Task): boolean {
    const last = this.#rows.at(-1);
    return this.#fits(task) && this.#matches(task) && (!this.#more || last === undefined || task.id > last.id);
  }

  #remember(id: string, task: Task, ms: number): void {
    this.#changed.delete(id);
    this.#changed.set(id, { task, ms });
    if (this.#changed.size <= KEPT_CHANGES_MAX) return;
    const [oldest] = this.#changed.keys();
    if (oldest !== undefined) this.#changed.delete(oldest);
  }

  #put(rows: Task[]): void {
    if (rows.length !== this.#rows.length || rows.some((task, at) => task.id !== this.#rows[at]?.id))
      this.#at = new Map(rows.map((task, at) => [task.id, at]));
    this.#rows = rows;
    this.#state = { rows, waiting: this.#waiting.size, overflow: this.#overflow, changes: this.#changes };
    for (const listener of this.#listeners) listener();
  }
}

function newestFirst(a: Task, b: Task): number {
  return a.id > b.id ? -1 : 1;
}

/** Whether a task has the words that are searched, in what is shown of it. The server also looks into payloads: what it found stays. */
function matching(q: string | undefined): (task: Task) => boolean {
  const words = (q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return () => true;
  return (task) => {
    const names = task.targets.flatMap(({ id, name }) => [id, name]);
    const text = [task.title, task.type, task.node, task.user?.id, task.user?.name, ...names, task.error?.message]
      .filter(Boolean)
      .join("\n")
      .toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

/** Whether a task has a state and a time that the filter asks for. The rest of the filter is the stream's. */
function fitting({ status, slow, from, to }: TaskFilter): (task: Task) => boolean {
  const wanted = status ? new Set(status.split(",")) : undefined;
  return (task) =>
    (wanted === undefined || wanted.has(task.status)) &&
    (slow === undefined || (task.slow === true && task.status === "running")) &&
    (from === undefined || Date.parse(task.queuedAt) >= Date.parse(from)) &&
    (to === undefined || Date.parse(task.queuedAt) < Date.parse(to));
}
