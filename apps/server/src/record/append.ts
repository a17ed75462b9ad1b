import { AppError } from "@daybook/contract";
import type { Pool, PoolClient } from "pg";
import { type AppendGroup, appendGroup } from "./append-group.ts";
import { PartitionKeeper } from "./partitions.ts";
import type { PreparedEvent } from "./prepare.ts";

/** Events that share one transaction at most: more would hold the head's lock for too long. */
const GROUP_EVENTS_MAX = 4_000;
/** Events that may wait for the log, over all requests; beyond it the answer is 503 with Retry-After. */
const WAITING_EVENTS_MAX = 60_000;
/** How long an append is tried again when the database went away; the caller waits for so long. */
const RETRY_MS = 10_000;

export interface AppendedItem {
  id: string;
  seq: number;
  /** The event was there already; `seq` is its first one. */
  duplicate?: true;
}

export interface AppendResult {
  accepted: number;
  duplicates: number;
  firstSeq: number | null;
  lastSeq: number | null;
  items: AppendedItem[];
  /** Only in a lenient append: places (in the given events) of events whose id is taken by another event. */
  conflicts: number[];
}

export interface AppendRequest {
  events: readonly PreparedEvent[];
  /** Lenient: an id conflict leaves out that event; otherwise it refuses the whole request (409). */
  lenient: boolean;
  resolve(result: AppendResult): void;
  reject(error: unknown): void;
}

interface Queue {
  waiting: AppendRequest[];
  running: boolean;
}

/**
 * Puts events into the logs. Requests that arrive while a transaction is under way wait and share the next one
 * (group commit), so throughput does not hang on the latency of a commit.
 *  1. A request joins its workspace's queue.
 *  2. While requests wait, as many as fit go into one transaction under the lock of the log's head row.
 *  3. Each caller is answered after the commit; what the database refused is answered with its reason.
 */
export class Appender {
  readonly #db: Pool;
  readonly #partitions: PartitionKeeper;
  readonly #queues = new Map<number, Queue>();
  #waitingEvents = 0;
  #closing = false;

  constructor(db: Pool, ownerDb: Pool) {
    this.#db = db;
    this.#partitions = new PartitionKeeper(ownerDb);
  }

  get partitions(): PartitionKeeper {
    return this.#partitions;
  }

  /** Events that wait for their commit. */
  get waitingEvents(): number {
    return this.#waitingEvents;
  }

  /** Appends the events in order and answers when they are on disk. Throws id_conflict, overloaded, database_unavailable. */
  append(workspaceId: number, events: readonly PreparedEvent[], lenient = false): Promise<AppendResult> {
    if (events.length === 0) {
      return Promise.resolve({ accepted: 0, duplicates: 0, firstSeq: null, lastSeq: null, items: [], conflicts: [] });
    }
    if (this.#closing) throw new AppError("overloaded", "The server is shutting down.", { retryAfterSeconds: 5 });
    if (this.#waitingEvents > WAITING_EVENTS_MAX) {
      throw new AppError("overloaded", `More than ${WAITING_EVENTS_MAX} events wait for the database.`, {
        retryAfterSeconds: 2,
      });
    }
    this.#waitingEvents += events.length;
    return new Promise<AppendResult>((resolve, reject) => {
      const queue = this.#queues.get(workspaceId) ?? { waiting: [], running: false };
      this.#queues.set(workspaceId, queue);
      queue.waiting.push({ events, lenient, resolve, reject });
      if (!queue.running) void this.#run(workspaceId, queue);
    }).finally(() => {
      this.#waitingEvents -= events.length;
    });
  }

  /** Refuses new events and waits until all that were taken are committed. */
  async close(): Promise<void> {
    this.#closing = true;
    while (this.#waitingEvents > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async #run(workspaceId: number, queue: Queue): Promise<void> {
    queue.running = true;
    // One turn of the event loop, so that requests which arrived together share the first commit too.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.waiting.length > 0) {
      const group = takeGroup(queue.waiting);
      try {
        await this.#commit({ workspaceId, requests: group, checkAllIds: false });
      } catch (error) {
        for (const request of group) request.reject(error);
      }
    }
    queue.running = false;
  }

  /**
   * Commits a group. After a lost connection nobody knows whether the commit happened: the group is tried again with
   * every id looked up, so that nothing is stored twice.
   */
  async #commit(group: AppendGroup): Promise<void> {
    const giveUpAt = Date.now() + RETRY_MS;
    for (;;) {
      try {
        await this.#partitions.ensure(times(group));
        await withConnection(this.#db, (client) => appendGroup(client, group));
        // Statistics are a help, not a part of the append: a failure to make them changes nothing.
        void this.#partitions.grew(times(group)).catch(() => {});
        return;
      } catch (error) {
        const again = retryOf(error);
        if (again === "no" || Date.now() > giveUpAt) throw unavailable(error);
        this.#partitions.forget();
        group.checkAllIds = true;
        if (again === "later") await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }
}

function takeGroup(waiting: AppendRequest[]): AppendRequest[] {
  let events = 0;
  let count = 0;
  while (count < waiting.length) {
    events += waiting[count]?.events.length ?? 0;
    if (count > 0 && events > GROUP_EVENTS_MAX) break;
    count++;
  }
  return waiting.splice(0, count);
}

function* times(group: AppendGroup): Generator<number> {
  for (const request of group.requests) for (const event of request.events) yield event.occurredAtMs;
}

async function withConnection(db: Pool, work: (client: PoolClient) => Promise<void>): Promise<void> {
  const client = await db.connect();
  // A broken connection also emits an error; the failed query already reports it.
  const ignore = (): void => {};
  client.on("error", ignore);
  try {
    await work(client);
    client.off("error", ignore);
    client.release();
  } catch (error) {
    const alive = await client.query("rollback").then(
      () => true,
      () => false,
    );
    client.off("error", ignore);
    client.release(!alive);
    throw error;
  }
}

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code ?? "");

/** Whether an append that failed so may be tried again: at once, after a while, or not. */
function retryOf(error: unknown): "now" | "later" | "no" {
  if (error instanceof AppError) return "no";
  const code = codeOf(error);
  // A concurrent split moved the partition (23514), or another server stored the same id just now (23505), deadlock.
  if (code === "23514" || code === "23505" || code === "40P01" || code === "40001" || code === "42P01") return "now";
  // Connection lost (08…), server stopping or starting (57P…), out of connections (53300), disk full (53100).
  if (/^(08|57P|53)/.test(code) || /^E[A-Z]+$/.test(code)) return "later";
  return /terminated|Connection|timeout exceeded/i.test(String(error)) ? "later" : "no";
}

function unavailable(error: unknown): unknown {
  if (error instanceof AppError || retryOf(error) === "no") return error;
  const full = codeOf(error) === "53100";
  const detail = full
    ? "The database's disk is full; nothing was stored."
    : "The database cannot be reached; try again with the same ids.";
  return new AppError("database_unavailable", detail, { retryAfterSeconds: 5, cause: error });
}
