import type { ViewerEvent } from "@daybook/contract";
import { type ActionGroup, actionGroups } from "./action-groups.ts";
import { type Filter, fromOf, queryOf } from "./filter.ts";
import { follow } from "./live.ts";
import { TokenExpired, type ViewerApi } from "./viewer-api.ts";

const PAGE_ROWS = 25;
const PAGE_ROWS_COMPACT = 10;
/** New rows that wait to be shown; of more the oldest are left out, a fresh reading has them. */
const WAITING_MAX = 200;

export interface FeedView {
  onLoading(): void;
  /** A first page; replaces what is shown. */
  onRows(events: ViewerEvent[], hasMore: boolean): void;
  onMore(events: ViewerEvent[], hasMore: boolean): void;
  onWaiting(count: number): void;
  onLive(open: boolean): void;
  onGroups(groups: ActionGroup[]): void;
  onExpired(): void;
  onFault(error: unknown, isMore: boolean): void;
}

/** What is asked of the API for one token, target and filter: pages, and what is new since. */
export class Feed {
  readonly #api: ViewerApi;
  readonly #view: FeedView;
  readonly #target: string | null;
  readonly #rows: number;
  /** Ends with the feed. */
  readonly #life = new AbortController();
  /** Ends with the filter. */
  #reading = new AbortController();
  #words: Record<string, string | undefined> = {};
  #cursor: string | null = null;
  #waiting: ViewerEvent[] = [];
  readonly #seen = new Set<string>();

  constructor(api: ViewerApi, view: FeedView, options: { target: string | null; compact: boolean }) {
    this.#api = api;
    this.#view = view;
    this.#target = options.target;
    this.#rows = options.compact ? PAGE_ROWS_COMPACT : PAGE_ROWS;
  }

  /** Reads the first page for a filter, and follows what comes. An earlier filter's answers are not waited for. */
  async read(filter: Filter): Promise<void> {
    this.#reading.abort();
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    this.#words = { q: queryOf(filter, this.#target), from: fromOf(filter, Date.now()), limit: String(this.#rows) };
    this.#waiting = [];
    this.#seen.clear();
    this.#view.onWaiting(0);
    this.#view.onLoading();
    // Followed before the page is read, so that nothing falls between the two; what both bring is shown once.
    this.#follow(signal);
    await this.#ask(signal, false, async () => {
      const page = await this.#api.events(this.#words, signal);
      this.#cursor = page.nextCursor;
      for (const { id } of page.items) this.#seen.add(id);
      this.#waiting = this.#waiting.filter(({ id }) => !this.#seen.has(id));
      this.#view.onRows(page.items, this.#cursor !== null);
      this.#view.onWaiting(this.#waiting.length);
    });
  }

  async more(): Promise<void> {
    const { signal } = this.#reading;
    if (this.#cursor === null) return;
    const cursor = this.#cursor;
    await this.#ask(signal, true, async () => {
      const page = await this.#api.events({ ...this.#words, cursor }, signal);
      this.#cursor = page.nextCursor;
      const items = page.items.filter(({ id }) => !this.#seen.has(id));
      for (const { id } of items) this.#seen.add(id);
      this.#view.onMore(items, this.#cursor !== null);
    });
  }

  /** The new rows, newest first; they wait no longer. */
  takeWaiting(): ViewerEvent[] {
    const taken = this.#waiting.sort((a, b) => b.occurredAt.localeCompare(a.occurredAt));
    this.#waiting = [];
    for (const { id } of taken) this.#seen.add(id);
    this.#view.onWaiting(0);
    return taken;
  }

  /** The kinds of action there are, for the filter row. Without them the row works all the same. */
  async readGroups(): Promise<void> {
    const q = queryOf({ text: "", kind: "", outcome: "", days: 0 }, this.#target);
    try {
      this.#view.onGroups(actionGroups(await this.#api.actions({ q }, this.#life.signal)));
    } catch {
      // The page of events, which is asked for at the same time, tells what is wrong.
    }
  }

  close(): void {
    this.#life.abort();
    this.#reading.abort();
  }

  #follow(signal: AbortSignal): void {
    const ears = {
      onItem: (event: ViewerEvent) => {
        if (this.#seen.has(event.id) || this.#waiting.some(({ id }) => id === event.id)) return;
        this.#waiting.push(event);
        if (this.#waiting.length > WAITING_MAX) this.#waiting.shift();
        this.#view.onWaiting(this.#waiting.length);
      },
      onOpen: (open: boolean) => this.#view.onLive(open),
      onExpired: () => this.#view.onExpired(),
    };
    const { q } = this.#words;
    void follow((life, lastEventId) => this.#api.stream({ q, lastEventId }, life), ears, signal);
  }

  async #ask(signal: AbortSignal, isMore: boolean, question: () => Promise<void>): Promise<void> {
    try {
      await question();
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof TokenExpired) this.#view.onExpired();
      else this.#view.onFault(error, isMore);
    }
  }
}
