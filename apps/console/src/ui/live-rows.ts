/** Changes kept for rows that a page still under way may bring. */
const KEPT_CHANGES_MAX = 2_000;
/** A change this old is older than any page that is read now. */
const CHANGE_HOLDS_MS = 20_000;
/** New rows kept until they are shown. Beyond it, the table is read anew. */
const WAITING_MAX = 2_000;

export interface LiveRowsState<Row> {
  /** The newest first. */
  rows: readonly Row[];
  /** New rows announced, not yet in the table. */
  waiting: number;
  /** More are new than are kept: the table has to be read anew to show them. */
  overflow: boolean;
  /** Changes taken in since the beginning. */
  changes: number;
}

/**
 * The rows of the table as they are now: the pages that were read, and on top of them what the stream tells.
 * 1. `take` notes rows that changed; nothing is drawn.
 * 2. `settle`, called once a frame, puts them in: a row that is there is replaced in its place; a row that is new goes on top if the table
 *    follows, else it is counted.
 * Ids are UUIDv7, so the order of ids is the order in which rows were made.
 */
export class LiveRows<Row extends { id: string }> {
  #rows: Row[] = [];
  #at = new Map<string, number>();
  #incoming = new Map<string, Row>();
  #changed = new Map<string, { row: Row; ms: number }>();
  #waiting = new Map<string, Row>();
  #overflow = false;
  #changes = 0;
  #more = false;
  #state: LiveRowsState<Row> = { rows: [], waiting: 0, overflow: false, changes: 0 };
  #listeners = new Set<() => void>();
  /** Whether a row has a state and a time that the filter asks for. */
  readonly #fits: (row: Row) => boolean;
  /** Whether it has the words that are searched, as far as that can be seen in it. */
  readonly #matches: (row: Row) => boolean;
  /** Whether new rows go straight into the table. */
  follows: () => boolean = () => true;

  constructor(fits: (row: Row) => boolean, matches: (row: Row) => boolean = () => true) {
    this.#fits = fits;
    this.#matches = matches;
  }

  state = (): LiveRowsState<Row> => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The pages as they were read; what was told in the meantime is newer than they are. `more`: there are older rows than these. */
  read(pages: readonly Row[], more: boolean, now = Date.now()): void {
    const byId = new Map(this.#rows.map((row) => [row.id, row]));
    for (const row of pages) byId.set(row.id, row);
    for (const [id, { row, ms }] of this.#changed) if (byId.has(id) && now - ms < CHANGE_HOLDS_MS) byId.set(id, row);
    this.#more = more;
    for (const id of byId.keys()) this.#waiting.delete(id);
    this.#put([...byId.values()].sort(newestFirst));
  }

  /** A row as it is now. */
  take(row: Row): void {
    this.#incoming.set(row.id, row);
  }

  /** Puts in what was taken. Returns whether anything changed. */
  settle(now = Date.now()): boolean {
    if (this.#incoming.size === 0) return false;
    const rows = this.#rows.slice();
    let follows = this.follows();
    for (const [id, row] of this.#incoming) {
      this.#remember(id, row, now);
      const at = this.#at.get(id);
      if (at !== undefined) rows[at] = row;
      else if (this.#belongs(row)) this.#waiting.set(id, row);
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

  /** Shows the announced rows. Returns false if the table has to be read anew instead. */
  reveal(): boolean {
    this.settle();
    if (this.#overflow) return false;
    this.#put(this.#withWaiting(this.#rows));
    return true;
  }

  /** The rows with the announced ones, without those that have moved out of the filter: nobody is reading now. */
  #withWaiting(rows: Row[]): Row[] {
    const kept = rows.every(this.#fits) ? rows : rows.filter(this.#fits);
    if (this.#waiting.size === 0) return kept;
    const all = [...this.#waiting.values(), ...kept].sort(newestFirst);
    this.#waiting.clear();
    return all;
  }

  /** Whether a row that the table does not have has its place in it, rather than in a later page. */
  #belongs(row: Row): boolean {
    const last = this.#rows.at(-1);
    return this.#fits(row) && this.#matches(row) && (!this.#more || last === undefined || row.id > last.id);
  }

  #remember(id: string, row: Row, ms: number): void {
    this.#changed.delete(id);
    this.#changed.set(id, { row, ms });
    if (this.#changed.size <= KEPT_CHANGES_MAX) return;
    const [oldest] = this.#changed.keys();
    if (oldest !== undefined) this.#changed.delete(oldest);
  }

  #put(rows: Row[]): void {
    if (rows.length !== this.#rows.length || rows.some((row, at) => row.id !== this.#rows[at]?.id))
      this.#at = new Map(rows.map((row, at) => [row.id, at]));
    this.#rows = rows;
    this.#state = { rows, waiting: this.#waiting.size, overflow: this.#overflow, changes: this.#changes };
    for (const listener of this.#listeners) listener();
  }
}

function newestFirst(a: { id: string }, b: { id: string }): number {
  return a.id > b.id ? -1 : 1;
}
