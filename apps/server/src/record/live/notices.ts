import type { Pool, PoolClient } from "pg";
import type { Logger } from "pino";

/** The wait before a lost connection is made again. */
const RETRY_MS = 1_000;
const CHANNEL = "daybook_event";

/**
 * Hears of commits: the appender notifies `workspaceId:size` on the channel daybook_event. One connection of the pool is
 * held while anybody listens. A lost connection is made again; `onGap` is told then, since notices may have been missed.
 */
export class Notices {
  readonly #db: Pool;
  readonly #log: Logger;
  readonly #onCommit: (workspaceId: number, size: number) => void;
  readonly #onGap: () => void;
  #client: PoolClient | undefined;
  #wanted = false;
  #connecting: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(parts: {
    db: Pool;
    log: Logger;
    onCommit: (workspaceId: number, size: number) => void;
    onGap: () => void;
  }) {
    this.#db = parts.db;
    this.#log = parts.log;
    this.#onCommit = parts.onCommit;
    this.#onGap = parts.onGap;
  }

  /** Begins to listen. Resolves at once; notices come when the connection stands. */
  start(): void {
    this.#wanted = true;
    if (this.#client !== undefined) return;
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
  }

  /** Lets go of the connection. */
  async stop(): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#retry);
    await this.#connecting;
    const client = this.#client;
    this.#client = undefined;
    client?.removeAllListeners("notification");
    // The connection is closed, not returned: a pooled one must not go on listening.
    client?.release(true);
  }

  async #connect(): Promise<void> {
    try {
      const client = await this.#db.connect();
      this.#client = client;
      client.on("error", (error) => this.#lost(client, error));
      client.on("end", () => this.#lost(client));
      client.on("notification", ({ payload = "" }) => {
        const [workspaceId, size] = payload.split(":").map(Number);
        if (workspaceId !== undefined && size !== undefined) this.#onCommit(workspaceId, size);
      });
      await client.query(`listen ${CHANNEL}`);
      this.#onGap();
    } catch (error) {
      if (this.#client === undefined) this.#again(error);
      else this.#lost(this.#client, error);
    }
  }

  #lost(client: PoolClient, error?: unknown): void {
    // A connection that fails says so more than once.
    if (client !== this.#client) return;
    this.#client = undefined;
    client.release(true);
    this.#again(error);
  }

  #again(error: unknown): void {
    if (!this.#wanted) return;
    this.#log.warn({ err: error }, "the connection for live events was lost; it is made again");
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      if (this.#wanted) this.start();
    }, RETRY_MS);
  }
}
