import type { TaskLine, TaskLines } from "@daybook/contract";

/** Lines of one request: a screen or two, quickly there. */
const BLOCK_LINES = 1_000;
/** Lines of a request when all are wanted: to search in, or to show some kinds only. */
const PAGE_LINES = 5_000;
/** More than there will ever be: what comes before it is the end. */
const END = 2_000_000_000;

export type LineReader = (
  place: { after?: number; before?: number; limit: number },
  signal: AbortSignal,
) => Promise<TaskLines>;

export interface LineStoreState {
  /** Lines that the task has written. */
  total: number;
  folded: { from: number; count: number } | undefined;
  /** Counts every change of what is here. */
  version: number;
  /** All lines that are kept are here. */
  complete: boolean;
  error: unknown;
  ready: boolean;
}

/**
 * The output of one task, as far as it was read: the end first, the rest as it comes into sight, new lines as the stream brings them. Lines
 * are kept in blocks by their number; rows are lines without the folded middle, which is one row of its own.
 */
export class LineStore {
  readonly #read: LineReader;
  readonly #tell: () => void;
  #blocks = new Map<number, (TaskLine | undefined)[]>();
  /** Blocks that are asked for, or were and had no more. */
  #asked = new Set<number>();
  #here = 0;
  #ending = new AbortController();
  #all = false;
  #listeners = new Set<() => void>();
  #state: LineStoreState = {
    total: 0,
    folded: undefined,
    version: 0,
    complete: false,
    error: undefined,
    ready: false,
  };

  /** `tell` is called after each change; it calls `flush` when it is time to draw, once a frame. */
  constructor(read: LineReader, tell: () => void) {
    this.#read = read;
    this.#tell = tell;
  }

  state = (): LineStoreState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Reads the end. */
  async open(): Promise<void> {
    this.#ending = new AbortController();
    await this.#ask({ before: END, limit: BLOCK_LINES });
    this.#change({ ready: true });
  }

  close(): void {
    this.#ending.abort();
    this.#asked.clear();
  }

  get(n: number): TaskLine | undefined {
    return this.#blocks.get(Math.floor(n / BLOCK_LINES))?.[n % BLOCK_LINES];
  }

  /** Rows there are: lines, and one for those of the middle that are folded. */
  get rows(): number {
    const { total, folded } = this.#state;
    return folded ? total - folded.count + 1 : total;
  }

  /** The number of a row's line; null for the row that stands for the folded ones. */
  lineOfRow(row: number): number | null {
    const { folded } = this.#state;
    if (!folded || row < folded.from) return row;
    return row === folded.from ? null : row - 1 + folded.count;
  }

  rowOfLine(n: number): number {
    const { folded } = this.#state;
    if (!folded || n < folded.from) return n;
    return n < folded.from + folded.count ? folded.from : n - folded.count + 1;
  }

  /** Lines that came by the stream. */
  add(lines: readonly TaskLine[]): void {
    let { total } = this.#state;
    for (const line of lines) {
      this.#put(line);
      if (line.n >= total) total = line.n + 1;
    }
    this.#change({ total });
  }

  /** Reads what is missing among these lines, which are about to be seen. */
  want(first: number, last: number): void {
    for (let block = Math.floor(first / BLOCK_LINES); block <= Math.floor(last / BLOCK_LINES); block++) {
      if (block < 0 || this.#asked.has(block) || this.#isFull(block)) continue;
      this.#asked.add(block);
      void this.#ask({ after: block * BLOCK_LINES - 1, limit: BLOCK_LINES });
    }
  }

  /** Reads all that is missing. */
  async wantAll(): Promise<void> {
    if (this.#all) return;
    this.#all = true;
    const { signal } = this.#ending;
    let after = -1;
    while (!signal.aborted) {
      const page = await this.#ask({ after, limit: PAGE_LINES });
      const last = page?.items.at(-1)?.n;
      if (page === undefined) {
        this.#all = false;
        return;
      }
      if (last === undefined || last >= page.total - 1 || page.items.length < PAGE_LINES) break;
      after = last;
      // What follows may be here already, from the end or from the stream.
      while (this.get(after + 1) !== undefined) after++;
      if (after >= this.#state.total - 1) break;
    }
    this.#change({ complete: true });
  }

  /** Tells those who draw. */
  flush(): void {
    for (const listener of this.#listeners) listener();
  }

  async #ask(place: Parameters<LineReader>[0]): Promise<TaskLines | undefined> {
    const { signal } = this.#ending;
    try {
      const page = await this.#read(place, signal);
      if (signal.aborted) return undefined;
      for (const line of page.items) this.#put(line);
      this.#change({ total: Math.max(page.total, this.#state.total), folded: page.folded, error: undefined });
      return page;
    } catch (error) {
      if (!signal.aborted) this.#change({ error });
      return undefined;
    }
  }

  #put(line: TaskLine): void {
    const number = Math.floor(line.n / BLOCK_LINES);
    let block = this.#blocks.get(number);
    if (!block) {
      block = [];
      this.#blocks.set(number, block);
    }
    if (block[line.n % BLOCK_LINES] === undefined) this.#here++;
    block[line.n % BLOCK_LINES] = line;
  }

  #isFull(number: number): boolean {
    const block = this.#blocks.get(number);
    const size = Math.min(BLOCK_LINES, this.#state.total - number * BLOCK_LINES);
    if (!block || block.length < size) return size <= 0;
    for (let at = 0; at < size; at++) if (block[at] === undefined) return false;
    return true;
  }

  #change(change: Partial<LineStoreState>): void {
    const next = { ...this.#state, ...change, version: this.#state.version + 1 };
    const kept = next.total - (next.folded?.count ?? 0);
    this.#state = { ...next, complete: next.complete || (next.ready && this.#here >= kept) };
    this.#tell();
  }
}

/** The numbers of the lines that pass a test, in their order; it looks at each line once, as they come. */
export class LineIndex {
  readonly ns: number[] = [];
  readonly #store: LineStore;
  readonly #test: (line: TaskLine) => boolean;
  #next = 0;

  constructor(store: LineStore, test: (line: TaskLine) => boolean) {
    this.#store = store;
    this.#test = test;
  }

  /** Looks at the lines that have come since. */
  extend(): void {
    const { total, folded } = this.#store.state();
    for (; this.#next < total; this.#next++) {
      if (folded && this.#next === folded.from) this.#next += folded.count;
      const line = this.#store.get(this.#next);
      if (line && this.#test(line)) this.ns.push(line.n);
    }
  }
}
