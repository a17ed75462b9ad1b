import type { Event } from "@daybook/contract";

/** New events kept for the table. Beyond it, only their number is; the table is then read anew. */
const KEPT_EVENTS_MAX = 2_000;
/** First wait before the stream is opened again after the server refused it; doubled up to the last. */
const RETRY_FIRST_MS = 1_000;
const RETRY_LAST_MS = 30_000;
/** A hidden page draws no frames: its events are taken in this often instead. */
const HIDDEN_FLUSH_MS = 1_000;

/** After so long asleep, what was missed is not fetched one by one. */
const RESUME_WITHIN_MS = 5 * 60_000;

export type LiveStatus = "off" | "connecting" | "live" | "waiting";

export interface LiveState {
  status: LiveStatus;
  /** Already in the table, newest first. */
  shown: readonly Event[];
  /** Announced, not yet in the table. */
  waiting: number;
  /** More arrived than is kept: the table has to be read anew to show them. */
  overflow: boolean;
  /** Nobody counted how many. */
  uncounted: boolean;
  /** Everything that arrived since the feed was opened. */
  arrived: number;
}

/** The stream of new events of one question.
 *  1. Each message joins a list.
 *  2. Once a frame the list is taken in: events the table has already are dropped; the others are shown at once if
 *     the table follows, else counted.
 *  3. `reveal` shows what was counted. */
export class LiveFeed {
  readonly #url: string;
  #source: EventSource | undefined;
  #incoming: Event[] = [];
  #waiting: Event[] = [];
  #lost = 0;
  #known = new Set<string>();
  #frame: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retryMs = RETRY_FIRST_MS;
  #lastSeq = "";
  #listeners = new Set<() => void>();
  #state: LiveState = { status: "off", shown: [], waiting: 0, overflow: false, uncounted: false, arrived: 0 };
  #held = true;
  #full = false;
  #asleepSince: number | undefined;
  /** Whether new events go straight into the table. */
  follows: () => boolean = () => false;
  /** The order and the end of what the table holds: an event that sorts after its last row comes with a later page. */
  accepts: (event: Event) => boolean = () => true;

  /** The stream is open, but does not go on from where something was read before: what happened in between is to be asked for. */
  onGap: () => void = () => undefined;

  /** More came than is kept while the table follows: it is to be read anew. */
  onFull: () => void = () => undefined;

  constructor(url: string) {
    this.#url = url;
  }

  state = (): LiveState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  open(): void {
    this.close();
    this.#set({ status: "connecting" });
    const resume = this.#lastSeq ? `&lastEventId=${encodeURIComponent(this.#lastSeq)}` : "";
    const source = new EventSource(this.#url + resume);
    this.#source = source;
    source.onopen = () => {
      this.#retryMs = RETRY_FIRST_MS;
      this.#set({ status: "live" });
      if (this.#lastSeq === "") this.onGap();
    };
    source.onerror = () => {
      this.#set({ status: "waiting" });
      if (source.readyState === EventSource.CLOSED) this.#retry();
    };
    source.onmessage = (message: MessageEvent<string>) => {
      this.#lastSeq = message.lastEventId;
      this.take([JSON.parse(message.data) as Event]);
    };
  }

  /** Takes in events that came another way than by the stream; those that are known already are dropped. */
  take(events: readonly Event[]): void {
    this.#incoming.push(...events);
    this.#schedule();
  }

  close(): void {
    this.#source?.close();
    this.#source = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    this.#set({ status: "off" });
  }

  /** While the table is being read, nothing is taken in: only then is it known what the table has already. */
  hold(held: boolean): void {
    this.#held = held;
    if (!held && this.#incoming.length > 0) this.#schedule();
  }

  /** Puts the announced events into the table. Returns false if the table has to be read anew instead. */
  reveal(): boolean {
    this.#flush();
    if (this.#state.overflow) {
      this.forget();
      return false;
    }
    const shown = merge(this.#state.shown, this.#waiting);
    this.#waiting = [];
    this.#set({ shown, waiting: 0 });
    return true;
  }

  /** Drops what is kept: the table was read anew. */
  forget(): void {
    this.#waiting = [];
    this.#lost = 0;
    this.#known.clear();
    this.#set({ shown: [], waiting: 0, overflow: false, uncounted: false });
  }

  /** Closes the stream of a page that nobody looks at: a browser has six connections for all its tabs. */
  sleep(): void {
    this.#asleepSince = Date.now();
    this.close();
  }

  /** Goes on from where it fell asleep; after a long sleep the table is read anew, at once or when asked for. */
  wake(): void {
    const since = this.#asleepSince;
    this.#asleepSince = undefined;
    if (since === undefined) return;
    const long = Date.now() - since > RESUME_WITHIN_MS;
    if (long && this.follows()) return void this.onFull();
    if (long) {
      this.#lastSeq = "";
      this.#set({ overflow: true, uncounted: true });
    }
    this.open();
  }

  #retry(): void {
    this.#timer = setTimeout(() => this.open(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_LAST_MS);
  }

  #schedule(): void {
    if (document.hidden) this.#timer ??= setTimeout(() => this.#flush(), HIDDEN_FLUSH_MS);
    else this.#frame ??= requestAnimationFrame(() => this.#flush());
  }

  #flush(): void {
    this.#frame = undefined;
    if (this.#source?.readyState !== EventSource.CLOSED) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    if (this.#held || this.#incoming.length === 0) return;
    const fresh: Event[] = [];
    for (const event of this.#incoming) {
      if (this.#known.has(event.id) || !this.accepts(event)) continue;
      this.#known.add(event.id);
      fresh.push(event);
    }
    const arrived = this.#state.arrived + fresh.length;
    this.#incoming = [];
    this.#takeIn(fresh, arrived);
  }

  #takeIn(fresh: Event[], arrived: number): void {
    const full = this.#known.size > KEPT_EVENTS_MAX;
    if (full && this.follows()) {
      if (!this.#full) this.onFull();
      this.#full = true;
      return;
    }
    if (full && !this.#state.overflow) {
      this.#lost = this.#waiting.length;
      this.#waiting = [];
      this.#set({ overflow: true });
    }
    if (this.#state.overflow) this.#lost += fresh.length;
    else this.#waiting.push(...fresh);
    if (this.follows()) {
      this.#set({ shown: merge(this.#state.shown, this.#waiting), waiting: 0, arrived });
      this.#waiting = [];
    } else {
      this.#set({ waiting: this.#state.overflow ? this.#lost : this.#waiting.length, arrived });
    }
  }

  #set(change: Partial<LiveState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** Newest first, as the table sorts: by the time it happened, then by its place in the log. */
export function isNewer(a: Event, b: Event): boolean {
  return a.occurredAt === b.occurredAt ? a.seq > b.seq : a.occurredAt > b.occurredAt;
}

function merge(shown: readonly Event[], fresh: readonly Event[]): Event[] {
  const all = [...fresh, ...shown];
  return all.sort((a, b) => (isNewer(a, b) ? -1 : 1));
}
