import type { EventInput, Fault } from "@daybook/contract";
import type { Background } from "./background.ts";
import type { Connection } from "./connection.ts";
import { DaybookError } from "./fault.ts";
import type { Spool } from "./spool.ts";
import { uuidv7 } from "./uuid.ts";

export interface EventsOptions {
  /** Events wait for so long for others that go with them. Milliseconds; left out, 200. */
  everyMs?: number;
  /** Events in one request; left out, 1,000. */
  batchMax?: number;
  /** Events that wait in memory; left out, 10,000. */
  waitingMax?: number;
  /** When so many wait: `throw` (DaybookError `queue_full`), or leave out the `oldest` or the `newest`, which is told to onError. */
  whenFull?: "throw" | "oldest" | "newest";
  /** Where events go that cannot be sent, so that they survive the end of the process. */
  spool?: Spool;
}

interface Waiting {
  id: string;
  line: string;
}

/** With a spool, what could not be sent for so long goes there, and it is tried again so often. */
const SPOOL_AFTER_MS = 3_000;
/** A key that is refused may be mended; until then it is tried so often. */
const REFUSED_PAUSE_MS = 60_000;

/** Events, sent in batches. An id is given when an event is recorded, so a batch that is sent again is stored once. */
export class EventRecorder {
  readonly #connection: Connection;
  readonly #background: Background;
  readonly #options: Required<Omit<EventsOptions, "spool">>;
  readonly #spool: Spool | undefined;
  #waiting: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> | undefined;
  #refused: DaybookError | undefined;
  #leftOut = 0;
  #closed = false;

  constructor(connection: Connection, background: Background, options: EventsOptions = {}) {
    const { spool, ...rest } = options;
    this.#connection = connection;
    this.#background = background;
    this.#options = { everyMs: 200, batchMax: 1_000, waitingMax: 10_000, whenFull: "throw", ...rest };
    this.#spool = spool;
    if (spool !== undefined) this.#soon();
  }

  /** Takes an event and returns its id at once; it is sent soon. */
  record(event: EventInput): string {
    if (this.#closed) throw new DaybookError("closed", "The client is closed: it takes no more events.");
    const id = event.id ?? uuidv7();
    const one = { id, line: JSON.stringify({ ...event, id }) };
    if (this.#waiting.length >= this.#options.waitingMax && !this.#makeRoom()) return id;
    this.#waiting.push(one);
    if (this.#waiting.length >= this.#options.batchMax) this.#send();
    else this.#soon();
    return id;
  }

  /** Events that wait to be sent, without those in the spool. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves when all that was recorded so far is acknowledged or, with a spool, on disk. Throws DaybookError when events were refused
   * (`rejected`, with the faults) or could not be sent.
   */
  async flush(): Promise<void> {
    while (this.#waiting.length > 0 || this.#sending !== undefined) {
      this.#send();
      await this.#sending;
      if (this.#waiting.length > 0 && this.#refused !== undefined) break;
    }
    const refused = this.#refused;
    this.#refused = undefined;
    if (refused !== undefined) throw refused;
  }

  /** As flush, and nothing is taken any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
  }

  /** Puts what waits into the spool. Resolves with how many could not be put there. */
  async putAside(): Promise<number> {
    await this.#toSpool();
    return this.#waiting.length;
  }

  #makeRoom(): boolean {
    const { whenFull, waitingMax } = this.#options;
    if (whenFull === "throw")
      throw new DaybookError(
        "queue_full",
        `${waitingMax} events wait to be sent already; Daybook may be out of reach.`,
      );
    this.#leftOut++;
    if (whenFull === "oldest") this.#waiting.shift();
    return whenFull === "oldest";
  }

  #soon(ms: number = this.#options.everyMs): void {
    if (!this.#closed) this.#timer ??= setTimeout(() => this.#send(), ms);
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#sending !== undefined) return;
    this.#sending = this.#sendAll()
      .catch((error: unknown) => {
        // Nothing is lost: the events still wait. A later try sends them.
        this.#refused = error as DaybookError;
        this.#background.tell(error);
        this.#soon(REFUSED_PAUSE_MS);
      })
      .finally(() => {
        this.#sending = undefined;
        if (this.#waiting.length > 0) this.#soon();
      });
  }

  /** 1. What is in the spool, the oldest first. 2. What waits. Throws when Daybook does not take it. */
  async #sendAll(): Promise<void> {
    this.#tellLeftOut();
    try {
      // When it is closing, what is on disk already may stay there.
      while (!this.#closed) {
        const batch = await this.#spool?.oldest();
        if (batch === undefined) break;
        await this.#deliver(batch.lines);
        await batch.forget();
      }
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.slice(0, this.#options.batchMax);
        await this.#deliver(batch.map(({ line }) => line));
        const sent = new Set(batch);
        // Meanwhile the oldest may have been left out, so it is not so many from the front.
        this.#waiting = this.#waiting.filter((one) => !sent.has(one));
      }
    } catch (error) {
      await this.#toSpool();
      const refused = error instanceof DaybookError && error.status !== 0;
      if (this.#spool === undefined || refused || this.#waiting.length > 0) throw error;
      this.#soon(SPOOL_AFTER_MS);
    }
  }

  async #toSpool(): Promise<void> {
    const batch = this.#waiting;
    if (batch.length === 0 || this.#spool === undefined) return;
    if (!(await this.#spool.keep(batch.map(({ line }) => line)))) return;
    const kept = new Set(batch);
    this.#waiting = this.#waiting.filter((one) => !kept.has(one));
  }

  async #deliver(lines: readonly string[]): Promise<void> {
    const call = {
      method: "POST",
      path: "/events",
      body: `${lines.join("\n")}\n`,
      contentType: "application/x-ndjson",
    } as const;
    const { body } = await this.#connection.call(call, this.#spool === undefined ? undefined : SPOOL_AFTER_MS);
    const { rejected = [], rejectedCount = 0 } = body as { rejected?: Fault[]; rejectedCount?: number };
    if (rejectedCount === 0) return;
    const first = rejected[0];
    const what = first === undefined ? "" : `: ${first.pointer ?? ""} ${first.message}`;
    this.#refused = new DaybookError("rejected", `${rejectedCount} of ${lines.length} events were refused${what}`, {
      status: 200,
      errors: rejected,
    });
    this.#background.tell(this.#refused);
  }

  #tellLeftOut(): void {
    if (this.#leftOut === 0) return;
    const detail = `${this.#leftOut} events were left out: more waited than ${this.#options.waitingMax}.`;
    this.#leftOut = 0;
    this.#background.tell(new DaybookError("queue_full", detail));
  }
}
